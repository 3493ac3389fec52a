"""Weights of another model that a fit starts from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import ArchitectureError, UnknownModelError

if TYPE_CHECKING:
    from os import PathLike

    from ferclassifier._classifier import FERClassifier
    from ferclassifier._keras.spec import NetworkSpec


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


def _plain(params: Mapping[str, Any]) -> str:
    """Write parameters so that tuples equal the lists that a file makes of them."""
    return json.dumps(params, sort_keys=True, default=repr)
