"""Weights of one network for another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier.exceptions import ArchitectureError


def transfer_weights(source: Any, target: Any, *, with_head: bool) -> None:
    """Give the weights of a network to another one of the same architecture.

    Parameters
    ----------
    source, target : keras.Model
        They may differ in the size and the channels of their images, and in their classes. A
        kernel for gray images is spread evenly over the channels of colours, and one for colours
        summed, so that gray images bring the same.
    with_head : bool
        Whether the last layer is transferred too.

    Raises
    ------
    ArchitectureError
        If the shape of a layer's weights depends on the size of the images.
    """
    given, taken = ([layer for layer in m.layers if layer.weights] for m in (source, target))
    if not with_head:
        given, taken = given[:-1], taken[:-1]
    for place, (old, new) in enumerate(zip(given, taken, strict=True)):
        weights, shapes = old.get_weights(), [tuple(v.shape) for v in new.weights]
        if place == 0:
            weights = [_for_channels(w, s) for w, s in zip(weights, shapes, strict=True)]
        if [w.shape for w in weights] != shapes:
            raise ArchitectureError(
                f"Got images of shape {target.input_shape[1:]}, but initial weights of images of "
                f"shape {source.input_shape[1:]}, on which the shape of the layer {old.name!r} "
                "depends. Resize the images with ImageResizer."
            )
        new.set_weights(weights)


def _for_channels(kernel: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Fit the kernel of a convolution to another number of channels."""
    if kernel.shape == shape or kernel.ndim != 4:
        return kernel
    gray = kernel.sum(axis=2, keepdims=True)
    return np.repeat(gray / shape[2], shape[2], axis=2)
