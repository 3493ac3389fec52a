"""Transformers that make images of files, and images fit for a network."""

from ferclassifier._histogram_equalizer import HistogramEqualizer
from ferclassifier._image_reader import ImageReader
from ferclassifier._image_resizer import ImageResizer
from ferclassifier._pixel_scaler import PixelScaler

__all__ = ["HistogramEqualizer", "ImageReader", "ImageResizer", "PixelScaler"]
