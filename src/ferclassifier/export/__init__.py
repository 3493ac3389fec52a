"""Models for other runtimes: ONNX files, and a classifier that answers by one.

`_exported` writes such a file: the `_graph` of what predicts, with `_reshaping` before all else
and `_half_weights` where that loses nothing, or in whole numbers (`_int8`), for which `_pooling`
becomes convolution. `_onnx_classifier` is scikit-learn's face of a file.
"""

from ferclassifier.export._exported import OnnxExport, export_onnx
from ferclassifier.export._onnx_classifier import OnnxFERClassifier

__all__ = ["OnnxExport", "OnnxFERClassifier", "export_onnx"]
