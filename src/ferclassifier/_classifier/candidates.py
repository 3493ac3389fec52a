"""Classifiers that are to be tried: whether there is such a network."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ferclassifier._classifier.initial_weights import architecture_of
from ferclassifier._utils.counts import is_number
from ferclassifier._utils.wording import quoted, shortened
from ferclassifier.architectures import get_architecture
from ferclassifier.exceptions import ArchitectureError
from ferclassifier.images._sources import SHAPE_OF_SOURCES

if TYPE_CHECKING:
    from ferclassifier._classifier.classifier import FERClassifier

# Gray ones, as the command line reads them, and more than model files hold.
_IMAGE_SHAPE = (*SHAPE_OF_SOURCES, 1)
_MOST_VALUES = 2**28
_MOST_ARRAYS = 2000
_LONGEST_REASON = 160


def check_network(clf: FERClassifier) -> None:
    """Describe the network of a candidate, without memory for its weights; this imports Keras.

    Parameters
    ----------
    clf : FERClassifier

    Raises
    ------
    ArchitectureError
        If there is no such network.
    """
    from ferclassifier._keras.build import weight_shapes
    from ferclassifier._keras.spec import NetworkSpec

    architecture, params = clf.architecture, clf.architecture_params or {}
    _check_kinds(get_architecture(architecture, params), architecture, params)
    initial = clf._initial_model()
    if initial is not None:
        architecture_of(initial._network.spec, architecture, clf.architecture_params)
        return
    spec = NetworkSpec(
        architecture, params, _IMAGE_SHAPE, n_classes=2, factor_and_offset=(1.0, 0.0)
    )
    try:
        weight_shapes(spec, max_weights=_MOST_ARRAYS, max_values=_MOST_VALUES)
    except Exception as error:  # builders trust their parameters, and raise almost anything
        reason = shortened(" ".join(str(error).split()), _LONGEST_REASON)
        raise ArchitectureError(
            f"Got {quoted(params)}, with which there is no network {architecture}: {reason}"
        ) from error


def _check_kinds(build: Any, architecture: object, params: Mapping[str, Any]) -> None:
    """Refuse true for a number, and fractions of filters or layers, which Keras would round."""
    defaults = inspect.signature(build).parameters
    for name, value in params.items():
        kind, wanted = _kind_of(defaults[name].default if name in defaults else None)
        if not all(map(kind, value if isinstance(value, list) else [value])):
            raise ArchitectureError(
                f"Got {name}={quoted(value)}, but {architecture} takes {wanted} there."
            )


def _kind_of(default: Any) -> tuple[Callable[[Any], bool], str]:
    first = default[0] if isinstance(default, tuple) and default else default
    if isinstance(first, bool):
        return lambda value: isinstance(value, bool), "true or false"
    if isinstance(first, int):
        return lambda value: type(value) is int, "whole numbers"
    if isinstance(first, float):
        return is_number, "numbers"
    return lambda value: True, "anything"
