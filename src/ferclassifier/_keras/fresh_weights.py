"""The weights and random states of a compiled network, drawn anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from ferclassifier._utils.keras_door import layers, ops


def reinitialise(model: Any, seed: int) -> bool:
    """Draw all weights of a model anew; False if a layer does not say how."""
    rng = np.random.default_rng(seed)
    values = []
    for layer in model._flatten_layers(include_self=False):
        for variable in [*layer._trainable_variables, *layer._non_trainable_variables]:
            initializer = _initializer_of(layer, variable.name)
            if initializer is None:
                return False
            drawn = int(rng.integers(2**31))
            if "seed" in (config := initializer.get_config()):
                initializer = type(initializer).from_config({**config, "seed": drawn})
            values.append((variable, initializer))
    for variable, initializer in values:
        variable.assign(initializer(variable.shape, dtype=variable.dtype))
    return True


def reseed(model: Any, seed: int) -> None:
    """Restart the random numbers of dropout and augmentation."""
    rng = np.random.default_rng([seed, 1])
    for layer in model._flatten_layers(include_self=False):
        for generator in layer._seed_generators:
            state = np.array([rng.integers(2**31), 0])
            generator.state.assign(ops.cast(state, generator.state.dtype))


def _initializer_of(layer: Any, variable: str) -> Any:
    names = [variable, variable.removesuffix("_kernel")]
    if isinstance(layer, layers.DepthwiseConv1D | layers.DepthwiseConv2D):
        names.insert(0, {"kernel": "depthwise"}.get(variable, variable))
    for name in names:
        initializer = getattr(layer, f"{name}_initializer", None)
        if initializer is not None:
            return initializer
    return None
