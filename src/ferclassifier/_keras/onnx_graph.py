"""A Keras model as a graph of ONNX, by Keras's own export."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from ferclassifier._keras.float32 import float32_by_default
from ferclassifier._keras.forked import check_not_forked
from ferclassifier._utils.keras_door import keras, ops
from ferclassifier._utils.quiet_logs import quiet


def write_onnx_graph(model: Any, path: Path, *, dtype: str) -> None:
    """Write the graph of a model that takes images of a type, and any number of them.

    Parameters
    ----------
    model : keras.Model
        From float32 images to probabilities, as `prediction_model` returns it.
    path : Path
        The file to be written.
    dtype : {"uint8", "float32"}
        What the graph takes.
    """
    check_not_forked()
    shape = model.input_shape[1:]
    with float32_by_default(), warnings.catch_warnings(), quiet("tf2onnx"):
        warnings.simplefilter("ignore")  # of what tf2onnx does with NumPy
        inputs = keras.Input(shape, dtype=dtype, name="images")
        outputs = model(ops.cast(inputs, "float32"), training=False)
        whole = keras.Model(inputs, outputs)
        signature = [keras.InputSpec(shape=(None, *shape), dtype=dtype)]
        whole.export(str(path), format="onnx", verbose=False, input_signature=signature)
