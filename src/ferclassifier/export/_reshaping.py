"""Images are brought to their form before their pixels are scaled.

The two can change places. onnxruntime multiplies by a single number along the last axis: one value
at a time where that has a length of 1, as in gray images, which took a fifth of a small network's
time.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

_FORMING = {"Reshape", "Squeeze", "Transpose", "Unsqueeze"}
_SCALING = {"Add", "Div", "Mul", "Sub"}


def reshape_first(graph: Any) -> None:
    """Let what changes the form of an array come before casts, and arithmetic with one number.

    Parameters
    ----------
    graph : onnx.GraphProto
        It is changed.
    """
    while _swap_one(graph):
        pass
    del graph.value_info[:]  # the shapes between have changed


def _swap_one(graph: Any) -> bool:
    """Let one node change places with the one before it; False if there is none."""
    makers = {name: node for node in graph.node for name in node.output}
    uses = Counter(name for node in graph.node for name in node.input)
    uses.update(output.name for output in graph.output)
    numbers = {tensor.name for tensor in graph.initializer if not tensor.dims}
    for forming in graph.node:
        before = makers.get(forming.input[0]) if forming.op_type in _FORMING else None
        if before is None or uses[before.output[0]] > 1:
            continue
        place = _place_of_pixels(before, numbers)
        if place is None:
            continue
        between = before.output[0]
        before.output[0], forming.output[0] = forming.output[0], between
        forming.input[0], before.input[place] = before.input[place], between
        _move_behind(graph, before, forming)
        return True
    return False


def _place_of_pixels(node: Any, numbers: set[str]) -> int | None:
    """Return which input of a node may be of any form; None if its form matters."""
    if node.op_type == "Cast":
        return 0
    if node.op_type in _SCALING:
        pixels = [i for i, name in enumerate(node.input) if name not in numbers]
        return pixels[0] if len(pixels) == 1 else None
    return None


def _move_behind(graph: Any, node: Any, other: Any) -> None:
    nodes = [one for one in graph.node if one is not node]
    place = next(i for i, one in enumerate(nodes) if one is other) + 1
    nodes.insert(place, node)
    copies = [type(one).FromString(one.SerializeToString()) for one in nodes]
    del graph.node[:]
    graph.node.extend(copies)
