"""The registry, and the networks at their defaults."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from ferclassifier import list_architectures, register_architecture
from ferclassifier.architectures import _registry, get_architecture
from ferclassifier.exceptions import ArchitectureError


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_registry, "_registered", {})


def test_names_are_sorted() -> None:
    names = list_architectures()
    assert names == sorted(names)
    assert {"compact", "elu_cnn", "gap_cnn", "mini_xception"} <= set(names)


@pytest.mark.usefixtures("registry")
def test_register() -> None:
    def build(inputs: Any, n_classes: int, width: int = 3) -> Any: ...

    assert register_architecture("mine")(build) is build
    assert "mine" in list_architectures()
    assert get_architecture("mine", {"width": 4}) is build
    register_architecture("mine")(build)  # a notebook cell that runs twice
    with pytest.raises(ArchitectureError, match=r"'mine'.*exists"):
        register_architecture("mine")(lambda inputs, n_classes: None)
    with pytest.raises(ArchitectureError, match=r"'compact'.*exists"):
        register_architecture("compact")(build)


def test_unknown_name_says_what_to_type() -> None:
    with pytest.raises(ArchitectureError, match=r"'vgg99'.*\['compact'"):
        get_architecture("vgg99")


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("compact", 1_226_327),
        ("mini_xception", 57_000),
        ("gap_cnn", 110_000),
        ("elu_cnn", 2_330_000),
    ],
)
def test_number_of_parameters(name: str, parameters: int) -> None:
    import keras

    inputs = keras.Input((48, 48, 1))
    outputs = get_architecture(name)(inputs, 7)
    assert outputs.shape == (None, 7)
    assert keras.Model(inputs, outputs).count_params() == pytest.approx(parameters, rel=0.03)


@pytest.mark.parametrize("name", ["compact", "elu_cnn", "gap_cnn", "mini_xception"])
def test_networks_start_without_an_opinion(name: str) -> None:
    """A first loss far above log(7) means that the last layer starts far too wide."""
    import keras

    keras.utils.set_random_seed(0)
    inputs = keras.Input((48, 48, 1))
    model = keras.Model(inputs, get_architecture(name)(inputs, 7))
    images = np.random.default_rng(0).normal(size=(64, 48, 48, 1)).astype("float32")
    proba = np.asarray(model(images, training=True))
    assert -np.log(proba).mean() < 6


TRAINING = """
import sys
from ferclassifier import FERClassifier, make_faces
X, y = make_faces(64, random_state=0)
for name in sys.argv[1:]:
    FERClassifier(architecture=name, precision="float32", epochs=1).fit(X, y)
"""


def test_all_train_in_float32() -> None:
    """TensorFlow crashed on the strided 1 x 1 convolutions of mini_xception, with all of Python."""
    names = ["compact", "elu_cnn", "gap_cnn", "mini_xception"]
    done = subprocess.run(
        [sys.executable, "-c", TRAINING, *names], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
