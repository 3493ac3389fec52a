"""Transformers that make images of files, and images fit for a network.

Each has a file: `_image_reader`, `_image_resizer`, `_pixel_scaler` and `_histogram_equalizer`, with
the arithmetic of `_histograms`. What they share is in `_image_transformer`, and what those share
that decode images in `_source_transformer`.
"""

from ferclassifier.preprocessing._histogram_equalizer import HistogramEqualizer
from ferclassifier.preprocessing._image_reader import ImageReader
from ferclassifier.preprocessing._image_resizer import ImageResizer
from ferclassifier.preprocessing._pixel_scaler import PixelScaler

__all__ = ["HistogramEqualizer", "ImageReader", "ImageResizer", "PixelScaler"]
