"""Answers of ONNX files, for which NumPy and onnxruntime are enough.

A `session` runs the graph of any file. A `model` is one of ours: faces go in, probabilities come
out, and its `manifest` says which classes and images those are.
"""

from ferclassifier._onnx.model import OnnxModel
from ferclassifier._onnx.session import open_session

__all__ = ["OnnxModel", "open_session"]
