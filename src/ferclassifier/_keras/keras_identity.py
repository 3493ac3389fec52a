"""What tells a Keras object from others."""

from __future__ import annotations

import re
import types
import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from ferclassifier._keras.installed import is_installed
from ferclassifier._utils.keras_door import keras

_SMALL_PARTS = (
    keras.optimizers.schedules.LearningRateSchedule,
    keras.initializers.Initializer,
    keras.regularizers.Regularizer,
    keras.constraints.Constraint,
)
_CONFIGURED = (
    *_SMALL_PARTS,
    keras.layers.Layer,
    keras.optimizers.Optimizer,
    keras.losses.Loss,
    keras.metrics.Metric,
    keras.DTypePolicy,
    keras.random.SeedGenerator,
)
_PLAIN = (bool, int, float, complex, str, bytes, type(None), tuple, np.ndarray, np.generic)
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, partial)


def keras_parts(value: Any) -> list[tuple[str, Any]] | None:
    """Return what makes a Keras object or a tensor what it is; None for other objects.

    That is its configuration and the values of its weights. A configuration names the functions
    and classes of a user's own and does not hold them, nor what was set after the object was
    made: so attributes are looked at too. Random states are left out, which a fit sets anew.

    Raises
    ------
    TypeError
        If the value is a symbolic tensor.
    NotImplementedError
        If the class of a user's own does not tell its configuration.
    """
    if isinstance(value, keras.KerasTensor):
        raise TypeError("Got a symbolic tensor, which has no value.")
    if isinstance(value, keras.Variable) or keras.ops.is_tensor(value):
        return [("its values", _as_array(value))]
    if not isinstance(value, _CONFIGURED):
        return None
    is_layer = isinstance(value, keras.layers.Layer)
    parts = list(value._flatten_layers()) if is_layer else [value]
    names = {part.name: f"number {i}" for i, part in enumerate(parts) if _is_named_by_keras(part)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of lambdas, which nobody is going to load from it
        found = [("its configuration", _renamed(value.get_config(), names))]
    for part in parts:
        found += [("the class of a part", type(part)), *_attributes(part)]
    variables = value.weights if is_layer else getattr(value, "variables", [])
    return [*found, ("its weights", [_as_array(variable) for variable in variables])]


def _as_array(value: Any) -> Any:
    return np.asarray(keras.ops.convert_to_numpy(value))


def _is_named_by_keras(part: Any) -> bool:
    """Whether a name is made of the class and of how many of it there were in the process."""
    name = re.sub(r"_\d+$", "", str(getattr(part, "name", "")))
    return name.replace("_", "") == type(part).__name__.lower()


def _renamed(config: Any, names: Mapping[str, str]) -> Any:
    if isinstance(config, dict):
        return {key: _renamed(value, names) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return type(config)(_renamed(value, names) for value in config)
    return names.get(config, config) if isinstance(config, str) else config


def _attributes(part: Any) -> Iterator[tuple[str, Any]]:
    is_own = not is_installed(type(part).__module__)
    for name, value in vars(part).items():
        if (name.startswith("_") and name != "_learning_rate") or name == "name":
            continue
        # Keras puts functions of its own around methods.
        is_function = isinstance(value, _FUNCTIONS) and not hasattr(type(part), name)
        if is_function or isinstance(value, _SMALL_PARTS) or (is_own and isinstance(value, _PLAIN)):
            yield from (("the name of an attribute", name), (repr(name), value))
