"""Averages over places as part of the convolution behind them.

In whole numbers, onnxruntime takes longer for an average of 2 x 2 places than for the convolution
of 1 x 1 that follows in a shortcut. Together they are one of 2 x 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def pool_by_convolution(model: Any) -> None:
    """Join each average over places that do not overlap with the 1 x 1 convolutions behind it.

    Parameters
    ----------
    model : onnx.ModelProto
        It is changed.
    """
    from onnx import helper, numpy_helper, shape_inference

    graph = model.graph
    inferred = shape_inference.infer_shapes(model).graph.value_info
    shapes = {info.name: _sizes(info) for info in inferred}
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for pool in [node for node in graph.node if node.op_type == "AveragePool"]:
        following = [node for node in graph.node if pool.output[0] in node.input]
        size = _window_of(pool, shapes.get(pool.input[0]))
        if size is None or not all(_is_pointwise(node, weights) for node in following):
            continue
        for node in following:
            kernel = numpy_helper.to_array(weights[node.input[1]])
            spread = np.tile(kernel / np.float32(size[0] * size[1]), (1, 1, *size))
            name = f"{node.input[1]}_over_{pool.output[0]}"
            graph.initializer.append(numpy_helper.from_array(spread, name))
            node.input[0], node.input[1] = pool.input[0], name
            del node.attribute[:]
            node.attribute.extend(
                [
                    helper.make_attribute("kernel_shape", size),
                    helper.make_attribute("strides", size),
                ]
            )
        graph.node.remove(pool)
    _remove_unused(graph)


def _remove_unused(graph: Any) -> None:
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _sizes(info: Any) -> list[int]:
    return [size.dim_value for size in info.type.tensor_type.shape.dim]


def _attributes(node: Any) -> dict[str, Any]:
    from onnx import helper

    return {one.name: helper.get_attribute_value(one) for one in node.attribute}


def _window_of(pool: Any, shape: list[int] | None) -> list[int] | None:
    """Return the places of an average, if they neither overlap nor lie beyond the edge."""
    given = _attributes(pool)
    size = list(given["kernel_shape"])
    is_apart = list(given.get("strides", [1] * len(size))) == size and not given.get("ceil_mode")
    if shape is None or len(size) != 2 or not is_apart:
        return None
    is_whole = all(n > 0 and n % side == 0 for n, side in zip(shape[2:], size, strict=True))
    return size if is_whole and not any(given.get("pads", [])) else None


def _is_pointwise(node: Any, weights: dict[str, Any]) -> bool:
    """Whether a node is a convolution of 1 x 1 over all channels."""
    if node.op_type != "Conv" or node.input[1] not in weights:
        return False
    given, shape = _attributes(node), list(weights[node.input[1]].dims)
    steps = [*given.get("strides", []), *given.get("dilations", []), given.get("group", 1)]
    return shape[2:] == [1, 1] and set(steps) <= {1} and not any(given.get("pads", []))
