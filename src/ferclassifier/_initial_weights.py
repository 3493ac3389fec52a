"""Weights of another model that a fit starts from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import ArchitectureError, UnknownModelError

if TYPE_CHECKING:
    from os import PathLike

    from ferclassifier._classifier import FERClassifier
    from ferclassifier._keras import NetworkSpec


def load_initial_model(source: str | PathLike[str]) -> FERClassifier:
    """Load the model that `initial_weights` names.

    Parameters
    ----------
    source : str or PathLike
        The name of a released model or, if there is none of that name, the path of a file.

    Returns
    -------
    model : FERClassifier
        A fitted one.

    Raises
    ------
    UnknownModelError
        If there is neither.
    ArchitectureError
        If it is an ensemble.
    ModelFileError
        If the file holds no model.
    """
    from ferclassifier._classifier import FERClassifier
    from ferclassifier.persistence import load_model
    from ferclassifier.pretrained import expected, list_pretrained, load_pretrained

    model: Any
    if source in (names := list_pretrained()):
        model = load_pretrained(str(source))
    elif Path(source).exists():
        model = load_model(source)
    else:
        raise UnknownModelError(
            f"Got initial_weights={str(source)!r}, but expected the path of a file that "
            f"FERClassifier.save wrote, or {expected(source, names)}"
        )
    if not isinstance(model, FERClassifier):
        raise ArchitectureError(
            f"Got initial_weights={str(source)!r}, which holds a {type(model).__name__}, but "
            "expected a single network: take one of its members."
        )
    return model


def architecture_of(
    weights: NetworkSpec, architecture: Any, params: Mapping[str, Any] | None
) -> tuple[Any, dict[str, Any]]:
    """Return the architecture of the weights, unless another one was asked for.

    Parameters
    ----------
    weights : NetworkSpec
        The network whose weights a fit starts from.
    architecture : str or callable
    params : mapping or None
        What the user asked for; "compact" and None are the defaults, and leave it open.

    Returns
    -------
    architecture, params : str or callable, dict

    Raises
    ------
    ArchitectureError
        If the user asked for another one.
    """
    found, found_params = weights.architecture, dict(weights.architecture_params)
    is_open = architecture == "compact" and params is None
    if not is_open and (architecture, _plain(params or {})) != (found, _plain(found_params)):
        raise ArchitectureError(
            f"Got architecture={architecture!r} with architecture_params={quoted(params)}, but the "
            f"initial weights are those of {found!r} with {found_params!r}. Leave both parameters "
            "at their defaults to take the architecture of the weights."
        )
    return found, found_params


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


def _plain(params: Mapping[str, Any]) -> str:
    """Write parameters so that tuples equal the lists that a file makes of them."""
    return json.dumps(params, sort_keys=True, default=repr)
