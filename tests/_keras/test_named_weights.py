"""The names and shapes of weights, also of those that are not made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from ferclassifier._keras.build import weight_shapes
from ferclassifier._keras.named_weights import named_weights
from ferclassifier._keras.network import Network
from ferclassifier._keras.spec import NetworkSpec
from ferclassifier.architectures import _registry
from ferclassifier.persistence import load_model


@pytest.mark.parametrize("name", _registry._BUILT_IN)
def test_names_and_shapes_are_known_without_weights(name: str) -> None:
    spec = NetworkSpec(name, {}, (48, 48, 1), 7, (1 / 127.5, -1.0))
    limit = {"max_weights": 1000, "max_values": 10**8}
    before = weight_shapes(spec, **limit)
    made = Network(spec).named_weights()
    assert {key: value.shape for key, value in made.items()} == before
    assert weight_shapes(spec, **limit) == before  # however many layers there were
    n_values = sum(value.size for value in made.values())
    limit = {"max_weights": len(made), "max_values": n_values}
    assert weight_shapes(spec, **limit) == before
    for fewer in ({"max_weights": len(made) - 1}, {"max_values": n_values - 1}):
        with pytest.raises(ValueError, match="more weights"):
            weight_shapes(spec, **{**limit, **fewer})


def test_counting_weights_leaves_nothing_to_keras(saved: Path) -> None:
    load_model(saved)
    with keras.StatelessScope():  # gives values to what was made without them
        pass
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    assert layer.kernel.shape == (3, 2)
    assert np.isfinite(layer.get_weights()[0]).all()


def test_names_of_weights_are_of_one_layer_each() -> None:
    """Layers without names of their own inside of another would share a name."""

    class Twins(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.twins = [keras.layers.Dense(2), keras.layers.Dense(2)]

        def call(self, x: Any) -> Any:
            return self.twins[0](x) + self.twins[1](x)

    inputs = keras.Input((3,))
    with pytest.raises(ValueError, match=r"two weights of the name '000\.twins\.dense\.kernel'"):
        named_weights(keras.Model(inputs, Twins()(inputs)))
