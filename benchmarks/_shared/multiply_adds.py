"""How many multiplications a network takes for an image."""

from __future__ import annotations

from math import prod
from typing import Any

from keras import layers

_AT_EVERY_PLACE = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D, layers.Dense)


def multiply_adds(model: Any) -> int:
    """Count the multiplications, each with its addition, of convolutions, dense layers, attention.

    What grows with the number of features only, such as normalisation, is left out, as usual.
    """
    return sum(map(_of_layer, model.layers))


def _of_layer(layer: Any) -> int:
    if isinstance(layer, layers.MultiHeadAttention):
        *places, _ = layer.output.shape[1:]
        n = prod(places)
        # Each place with each, once for the scores and once for the values.
        pairs = 2 * n**2 * layer.num_heads * layer.key_dim
        return n * _size_of_kernels(layer) + pairs
    if isinstance(layer, _AT_EVERY_PLACE):
        return prod(layer.output.shape[1:-1]) * _size_of_kernels(layer)
    return 0


def _size_of_kernels(layer: Any) -> int:
    return sum(prod(weight.shape) for weight in layer.weights if "kernel" in weight.name)
