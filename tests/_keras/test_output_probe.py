"""Architectures that give no probabilities: they were trained, and answered with what they gave."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops
from numpy.testing import assert_array_equal

from ferclassifier import FERClassifier, register_architecture
from ferclassifier._keras import compiled
from ferclassifier.architectures import _registry
from ferclassifier.exceptions import ArchitectureError
from helpers import calls_of_callback, patterns, tiny_classifier


def ending(last: Any, **params: Any) -> FERClassifier:
    """A classifier of an architecture with this end."""

    def build(inputs: Any, n_classes: int) -> Any:
        return last(layers.Flatten()(inputs), n_classes)

    return tiny_classifier(
        **{"architecture": build, "architecture_params": None, "epochs": 1, **params}
    )


def dense(activation: Any, **params: Any) -> Any:
    return lambda x, n: layers.Dense(n, activation=activation, **params)(x)


SOFTMAX = {
    "dense": dense("softmax"),
    "layer": lambda x, n: layers.Softmax()(layers.Dense(n)(x)),
    "operation": lambda x, n: ops.softmax(layers.Dense(n)(x)),
    "by hand": lambda x, n: (lambda e: e / ops.sum(e, axis=-1, keepdims=True))(
        ops.exp(layers.Dense(n, activation="tanh")(x))
    ),
    "sure": dense("softmax", kernel_initializer=keras.initializers.RandomNormal(stddev=100)),
    "mean": lambda x, n: layers.average([dense("softmax")(x, n) for _ in range(2)]),
    "dropout": lambda x, n: dense("softmax")(layers.Dropout(0.5)(x), n),
}
OTHERS = [
    ("none", dense(None), "logits.*Add layers.Softmax"),
    ("relu", dense("relu"), "softmax"),
    ("zeros", dense(None, kernel_initializer="zeros"), "Add layers.Softmax"),
    ("log_softmax", dense("log_softmax"), "logarithms.*softmax instead"),
    ("log", lambda x, n: ops.log(dense("softmax")(x, n)), "logarithms.*softmax instead"),
    ("sigmoid", dense("sigmoid"), "each by itself, as sigmoid.*softmax instead"),
    ("over the batch", lambda x, n: ops.softmax(dense(None)(x, n), axis=0), "softmax"),
    ("half", lambda x, n: dense("softmax")(x, n) / 2, "adds up to 0.5, but expected prob"),
]


@pytest.mark.parametrize("last", SOFTMAX.values(), ids=SOFTMAX)
def test_probabilities(last: Any) -> None:
    X, y = patterns(30)
    assert np.allclose(ending(last).fit(X, y).predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize(("last", "words"), [o[1:] for o in OTHERS], ids=[o[0] for o in OTHERS])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_anything_else(last: Any, words: str, n_classes: int) -> None:
    """Rows of predict_proba added up to -11.7."""
    X, y = patterns(30, n_classes)
    clf = ending(last)
    with pytest.raises(ArchitectureError, match=rf"{words}.*activation=\"softmax\""):
        clf.fit(X, y)
    assert not clf.__sklearn_is_fitted__()


def test_two_sigmoids_of_nothing_are_no_probabilities() -> None:
    """With weights of zero they add up to 1."""
    with pytest.raises(ArchitectureError, match="sigmoid"):
        ending(dense("sigmoid", kernel_initializer="zeros")).fit(*patterns(30, 2))


def test_before_the_first_epoch_of_every_way_to_fit(
    monkeypatch: pytest.MonkeyPatch, image_files: Any
) -> None:
    calls, clf = calls_of_callback(epochs=1)
    params = {"architecture": ending(dense(None)).architecture, "architecture_params": None}
    clf.set_params(**params)
    paths, X, y = image_files
    for images in (X, X / 255, paths):
        with pytest.raises(ArchitectureError):
            clf.fit(images, y)
    with pytest.raises(ArchitectureError):
        clf.partial_fit(X, y, classes=[0, 1, 2])
    assert calls == []
    monkeypatch.setattr(_registry, "_registered", dict(_registry._registered))
    register_architecture("of_logits")(params["architecture"])
    with pytest.raises(ArchitectureError, match="of_logits"):
        clf.set_params(architecture="of_logits").fit(X, y)


def test_once_for_networks_that_are_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    probed: list[int] = []
    check = compiled.check_gives_probabilities

    def counted(*args: Any) -> None:
        probed.append(1)
        check(*args)

    monkeypatch.setattr(compiled, "check_gives_probabilities", counted)
    X, y = patterns(30)
    for seed in range(3):
        clf = ending(dense("softmax", kernel_initializer="he_normal"), random_state=seed)
        clf.fit(X, y)
        del clf
        gc.collect()
    tiny_classifier(epochs=1).fit(X, y)  # those of the package are known
    assert probed == [1]


def test_leaves_no_trace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    X, y = patterns(30)
    probed = ending(dense("softmax"), epochs=2, augmentation="light").fit(X, y)
    monkeypatch.setattr(compiled.PredictingNetwork, "probe", lambda *_: None)
    unprobed = ending(dense("softmax"), epochs=2, augmentation="light").fit(X, y)
    assert_array_equal(probed.predict_proba(X), unprobed.predict_proba(X))
