"""Weights in half the space, where that loses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FEWEST = 64
# What a product in float32 may be off by.
_ROUNDING = 4 * float(np.finfo(np.float32).eps)
# From Keras's order of a kernel's axes to ONNX's: of a convolution, and of one for each channel.
_ORDERS = ((3, 2, 0, 1), (2, 3, 0, 1))


def halve_weights(model: Any, weights: Sequence[NDArray[Any]]) -> Any:
    """Store weights that float16 holds without loss as such, before a cast to float32.

    Kernels that a normalisation was multiplied into are stored as they were, and multiplied when
    onnxruntime opens the file, once.

    Parameters
    ----------
    model : onnx.ModelProto
        It is changed.
    weights : list of ndarray
        Those of the Keras model, before anything was multiplied into them.

    Returns
    -------
    model : onnx.ModelProto
    """
    from onnx import TensorProto, helper, numpy_helper

    kernels = list(_kernels(weights))
    nodes, more = [], []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < _FEWEST:
            continue
        half, factors = _halved(values, kernels)
        if half is None:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
        whole = name if factors is None else f"{name}_whole"
        nodes.append(helper.make_node("Cast", [f"{name}_half"], [whole], to=TensorProto.FLOAT))
        if factors is not None:
            more.append(numpy_helper.from_array(factors, f"{name}_factors"))
            nodes.append(helper.make_node("Mul", [whole, f"{name}_factors"], [name]))
    nodes += model.graph.node
    copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(copies)
    model.graph.initializer.extend(more)
    return model


def _kernels(weights: Sequence[NDArray[Any]]) -> Iterator[NDArray[np.float32]]:
    """Yield the kernels of convolutions that float16 holds, with the axes as in ONNX."""
    for values in weights:
        if values.ndim == 4 and _fits(values):
            for order in _ORDERS:
                kernel = values.transpose(order)
                rest = (-1, 1) if order == _ORDERS[1] else kernel.shape[:2]
                yield kernel.reshape(*rest, *kernel.shape[2:])


def _halved(
    values: NDArray[np.float32], kernels: Sequence[NDArray[np.float32]]
) -> tuple[NDArray[np.float16] | None, NDArray[np.float32] | None]:
    """Return weights in float16, and by what each filter is to be multiplied, if by anything."""
    if _fits(values):
        return values.astype(np.float16), None
    for kernel in kernels:
        if kernel.shape == values.shape:
            factors = _factors_between(kernel, values)
            if np.allclose(kernel * factors, values, rtol=_ROUNDING, atol=0):
                return kernel.astype(np.float16), factors
    return None, None


def _factors_between(
    kernel: NDArray[np.float32], values: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return what each filter was multiplied by, if it was: at its largest weight."""
    rows = kernel.reshape(len(kernel), -1)
    places = np.abs(rows).argmax(axis=1)[:, np.newaxis]
    largest = np.take_along_axis(rows, places, axis=1)
    of_values = np.take_along_axis(values.reshape(rows.shape), places, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = np.where(largest == 0, 1, of_values / largest).astype(np.float32)
    return factors.reshape(-1, *[1] * (kernel.ndim - 1))


def _fits(values: NDArray[Any]) -> bool:
    with np.errstate(over="ignore"):
        return bool(np.array_equal(values.astype(np.float16).astype(np.float32), values))
