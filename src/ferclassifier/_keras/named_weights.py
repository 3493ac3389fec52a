"""The weights of a network by name, and what they would be, before there is memory for them.

A name is the place of the layer among those that have weights, its class and the weight's name, as
in "003.batch_normalization.gamma". Keras's own names count all layers that a process has made.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ferclassifier._utils.keras_door import keras
from ferclassifier.exceptions import ArchitectureError

global_state = keras.src.backend.common.global_state

_WAITING = "uninitialized_variables"
_COUNTER = re.compile(r"_\d+$")


def named_weights(model: Any) -> dict[str, Any]:
    """Return the variables of a functional model, without the states of random numbers.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    weights : dict of str to keras.Variable
        In the order of the layers.
    """
    named: dict[str, Any] = {}
    for i, layer in enumerate(layer for layer in model.layers if layer.weights):
        kind = _snake_case(type(layer).__name__)
        for variable in layer.weights:
            name = f"{i:03d}.{kind}.{_inside(layer, variable)}"
            if name in named:
                raise ArchitectureError(
                    f"Got two weights of the name {name!r}. Give the layers inside "
                    f"{type(layer).__name__} names of their own."
                )
            named[name] = variable
    return named


def _inside(layer: Any, variable: Any) -> str:
    path = variable.path.rpartition(f"{layer.name}/")[2]
    return ".".join(_COUNTER.sub("", part) for part in path.split("/"))


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", name).lower()


class _Counted(list[Any]):
    """The variables that wait for their values, no more of them than a file has."""

    def __init__(self, max_weights: int, max_values: int) -> None:
        super().__init__()
        self._weights_left = max_weights
        self._values_left = max_values

    def append(self, variable: Any) -> None:
        if variable.trainable or "float" in variable.dtype:  # others are random states
            self._weights_left -= 1
            self._values_left -= math.prod(variable.shape)
        if self._weights_left < 0 or self._values_left < 0:
            raise ArchitectureError("the network has more weights than are there")
        super().append(variable)


@contextmanager
def without_values(max_weights: int, max_values: int) -> Iterator[None]:
    """Let networks be built whose weights take no memory, up to a number of weights.

    Parameters
    ----------
    max_weights : int
        How many arrays of weights there may be.
    max_values : int
        How many numbers they may have in all.

    Raises
    ------
    ArchitectureError
        As soon as a layer makes more.
    """
    before = global_state.get_global_attribute(_WAITING)
    try:
        with keras.StatelessScope(initialize_variables=False):
            # Keras would give values, some day, to all that is in its own list.
            global_state.set_global_attribute(_WAITING, _Counted(max_weights, max_values))
            yield
    finally:
        global_state.set_global_attribute(_WAITING, before if before is not None else [])
