"""Facial expression recognition as a scikit-learn estimator.

The public names are resolved on first use (PEP 562): importing the package loads neither
TensorFlow nor Keras nor scikit-learn nor pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ferclassifier._version import __version__

if TYPE_CHECKING:
    from ferclassifier import exceptions as exceptions
    from ferclassifier._classifier import FERClassifier as FERClassifier
    from ferclassifier._classifier import FERVotingClassifier as FERVotingClassifier
    from ferclassifier._classifier.named_recipes import RECIPES as RECIPES
    from ferclassifier.architectures import list_architectures as list_architectures
    from ferclassifier.architectures import register_architecture as register_architecture
    from ferclassifier.datasets import EMOTIONS as EMOTIONS
    from ferclassifier.datasets import fetch_fer2013 as fetch_fer2013
    from ferclassifier.datasets import load_fer2013 as load_fer2013
    from ferclassifier.datasets import load_ferplus as load_ferplus
    from ferclassifier.datasets import load_image_folder as load_image_folder
    from ferclassifier.datasets import make_faces as make_faces
    from ferclassifier.export import OnnxFERClassifier as OnnxFERClassifier
    from ferclassifier.export import export_onnx as export_onnx
    from ferclassifier.faces._detector import detect_faces as detect_faces
    from ferclassifier.faces._face_cropper import FaceCropper as FaceCropper
    from ferclassifier.photos import crop_photos as crop_photos
    from ferclassifier.photos import predict_photos as predict_photos
    from ferclassifier.preprocessing import HistogramEqualizer as HistogramEqualizer
    from ferclassifier.preprocessing import ImageReader as ImageReader
    from ferclassifier.preprocessing import ImageResizer as ImageResizer
    from ferclassifier.preprocessing import PixelScaler as PixelScaler
    from ferclassifier.pretrained import list_pretrained as list_pretrained
    from ferclassifier.pretrained import load_pretrained as load_pretrained
    from ferclassifier.pretrained import model_card as model_card
    from ferclassifier.resampling import AugmentingOverSampler as AugmentingOverSampler
    from ferclassifier.resampling import ImageAugmenter as ImageAugmenter
    from ferclassifier.video import analyze_video as analyze_video
    from ferclassifier.video import read_video as read_video

_HOME = {
    "AugmentingOverSampler": "ferclassifier.resampling",
    "EMOTIONS": "ferclassifier.datasets",
    "FERClassifier": "ferclassifier._classifier",
    "FERVotingClassifier": "ferclassifier._classifier",
    "FaceCropper": "ferclassifier.faces._face_cropper",
    "HistogramEqualizer": "ferclassifier.preprocessing",
    "ImageAugmenter": "ferclassifier.resampling",
    "ImageReader": "ferclassifier.preprocessing",
    "ImageResizer": "ferclassifier.preprocessing",
    "OnnxFERClassifier": "ferclassifier.export",
    "PixelScaler": "ferclassifier.preprocessing",
    "RECIPES": "ferclassifier._classifier.named_recipes",
    "analyze_video": "ferclassifier.video",
    "crop_photos": "ferclassifier.photos",
    "detect_faces": "ferclassifier.faces",
    "export_onnx": "ferclassifier.export",
    "fetch_fer2013": "ferclassifier.datasets",
    "list_architectures": "ferclassifier.architectures",
    "list_pretrained": "ferclassifier.pretrained",
    "load_fer2013": "ferclassifier.datasets",
    "load_ferplus": "ferclassifier.datasets",
    "load_image_folder": "ferclassifier.datasets",
    "load_pretrained": "ferclassifier.pretrained",
    "make_faces": "ferclassifier.datasets",
    "model_card": "ferclassifier.pretrained",
    "predict_photos": "ferclassifier.photos",
    "read_video": "ferclassifier.video",
    "register_architecture": "ferclassifier.architectures",
}

__all__ = [
    "EMOTIONS",
    "RECIPES",
    "AugmentingOverSampler",
    "FERClassifier",
    "FERVotingClassifier",
    "FaceCropper",
    "HistogramEqualizer",
    "ImageAugmenter",
    "ImageReader",
    "ImageResizer",
    "OnnxFERClassifier",
    "PixelScaler",
    "__version__",
    "analyze_video",
    "crop_photos",
    "detect_faces",
    "exceptions",
    "export_onnx",
    "fetch_fer2013",
    "list_architectures",
    "list_pretrained",
    "load_fer2013",
    "load_ferplus",
    "load_image_folder",
    "load_pretrained",
    "make_faces",
    "model_card",
    "predict_photos",
    "read_video",
    "register_architecture",
]


def __getattr__(name: str) -> Any:
    if name == "exceptions":
        return importlib.import_module("ferclassifier.exceptions")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'ferclassifier' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
