"""A graph that multiplies whole numbers of 8 bits."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.quiet_logs import quiet
from ferclassifier.export._graph import INPUT
from ferclassifier.export._pooling import pool_by_convolution

_IMAGES_AVERAGED = 32
_LAYERS = {"Conv", "Gemm", "MatMul"}
_OPERATIONS = [
    *sorted(_LAYERS),
    "Add",
    "AveragePool",
    "Clip",
    "Flatten",
    "GlobalAveragePool",
    "MaxPool",
    "Relu",
    "Reshape",
    "Squeeze",
    "Transpose",
]


def quantized(model: Any, batches: Iterable[NDArray[Any]]) -> Any:
    """Return a graph with 8-bit activations, without a sign, and weights, with one.

    Parameters
    ----------
    model : onnx.ModelProto
        A graph of float32; it is changed.
    batches : iterable of ndarray of shape (n, height, width, channels)
        Images as the graph takes them, which say what range each layer's values have.

    Returns
    -------
    model : onnx.ModelProto

    References
    ----------
    Jacob et al., "Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference", arXiv:1712.05877.
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    pool_by_convolution(model)
    _name_nodes(model.graph)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), quiet():
        warnings.simplefilter("ignore")
        target = Path(folder) / "quantized.onnx"
        quantize_static(
            model,
            target,
            _Reader(batches),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=_OPERATIONS,
            nodes_to_exclude=_at_the_ends(model.graph),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"CalibMovingAverage": True},
        )
        return onnx.load(target)


class _Reader:
    """Images, in the form in which onnxruntime asks for them.

    The ends of a layer's values are averaged over batches: those of all images together are those
    of the strangest, and the steps between whole numbers the coarser for it.
    """

    def __init__(self, batches: Iterable[NDArray[Any]]) -> None:
        self._parts = (
            batch[start : start + _IMAGES_AVERAGED]
            for batch in batches
            for start in range(0, len(batch), _IMAGES_AVERAGED)
        )

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        part = next(self._parts, None)
        return None if part is None else {INPUT: np.ascontiguousarray(part)}


def _name_nodes(graph: Any) -> None:
    """Give each node a name of its own, by which it can be left out."""
    for i, node in enumerate(graph.node):
        node.name = f"{i:03d}_{node.op_type}"


def _at_the_ends(graph: Any) -> list[str]:
    """Name the nodes before the first layer and behind the last, where 8 bits would lose most."""
    kinds = [node.op_type in _LAYERS for node in graph.node]
    first, last = kinds.index(True), len(kinds) - kinds[::-1].index(True) - 1
    if _is_added_to(graph, last):
        last += 1
    return [node.name for i, node in enumerate(graph.node) if not first <= i <= last]


def _is_added_to(graph: Any, place: int) -> bool:
    """Whether the node behind a layer adds its bias."""
    rest = graph.node[place + 1 : place + 2]
    return any(node.op_type == "Add" for node in rest)
