"""Weights of another model that a fit starts from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferclassifier._files.released import expected, is_network, released_models, weights_of
from ferclassifier._files.saved_model import SavedModel, read_model
from ferclassifier._utils.wording import quoted
from ferclassifier.architectures import DEFAULT_ARCHITECTURE
from ferclassifier.exceptions import ArchitectureError, UnknownModelError

if TYPE_CHECKING:
    from ferclassifier._keras.spec import NetworkSpec

_NETWORK, _ENSEMBLE = "FERClassifier", "FERVotingClassifier"


def find_initial_model(source: str | PathLike[str]) -> SavedModel:
    """Read the file of the network that `initial_weights` names.

    Parameters
    ----------
    source : str or PathLike
        The name of a released model or, if there is none of that name, the path of a file.

    Returns
    -------
    saved : SavedModel
        Of a FERClassifier.

    Raises
    ------
    UnknownModelError
        If there is neither.
    ArchitectureError
        If it is an ensemble.
    ModelFileError
        If the file holds no model.
    """
    if source in (names := released_models()):
        if not is_network(str(source)):
            raise _no_network(source, _ENSEMBLE)
        with weights_of(str(source)) as path:
            return read_model(path)
    if not Path(source).exists():
        raise UnknownModelError(
            f"Got initial_weights={str(source)!r}, but expected the path of a file that "
            f"FERClassifier.save wrote, or {expected(source, names)}"
        )
    saved = read_model(Path(source))
    if saved.kind != _NETWORK:
        raise _no_network(source, saved.kind)
    return saved


def _no_network(source: str | PathLike[str], kind: str) -> ArchitectureError:
    return ArchitectureError(
        f"Got initial_weights={str(source)!r}, which holds a {kind}, but expected a single "
        "network: take one of its members."
    )


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
        What the user asked for; the defaults leave it open.

    Returns
    -------
    architecture, params : str or callable, dict

    Raises
    ------
    ArchitectureError
        If the user asked for another one.
    """
    found, found_params = weights.architecture, dict(weights.architecture_params)
    is_open = architecture == DEFAULT_ARCHITECTURE and params is None
    if not is_open and (architecture, _plain(params or {})) != (found, _plain(found_params)):
        raise ArchitectureError(
            f"Got architecture={quoted(architecture)} with architecture_params={quoted(params)}, "
            f"but the initial weights are those of {quoted(found)} with {quoted(found_params)}. "
            "Leave both parameters at their defaults to take the architecture of the weights."
        )
    return found, found_params


def _plain(params: Mapping[str, Any]) -> str:
    """Write parameters so that tuples equal the lists that a file makes of them."""
    return json.dumps(params, sort_keys=True, default=repr)
