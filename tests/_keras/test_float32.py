"""Keras's floatx is the user's: networks of the package are float32 all the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops
from numpy.testing import assert_array_equal

from ferclassifier import FERClassifier
from ferclassifier._keras.float32 import float32_by_default
from ferclassifier.inspection import saliency
from helpers import patterns, tiny_classifier


@pytest.fixture(params=["float64", "float16"])
def floatx(request: pytest.FixtureRequest) -> Iterator[str]:
    before = keras.config.floatx()
    keras.config.set_floatx(request.param)
    yield request.param
    keras.config.set_floatx(before)


def build(inputs: Any, n_classes: int) -> Any:
    """A network with numbers of which nothing says the type."""

    class Shifted(layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x * ops.ones((1,)) + ops.zeros((1,))

    x = layers.BatchNormalization()(Shifted()(inputs))
    return layers.Dense(n_classes, activation="softmax")(layers.Flatten()(x))


def all_of(clf: FERClassifier) -> list[Any]:
    """What a fit and all that follows give."""
    X, y = patterns(30)
    clf.fit(X, y)
    results = [clf.predict_proba(X), clf.partial_fit(X, y).predict_proba(X)]
    results.append(saliency(clf, X[:2], "gradient", target=0))
    clf.set_params(test_time_augmentation="flip")
    return [*results, clf.predict_proba(X.astype(float)), clf.history_["loss"]]


@pytest.mark.parametrize(
    "params",
    [
        {"augmentation": "standard"},
        {"architecture": build, "architecture_params": None, "loss": "focal"},
    ],
    ids=["augmentation", "own"],
)
def test_changes_nothing(params: Any, floatx: str) -> None:
    """In float64 augmentation multiplied two types; in float16 the loss was NaN."""
    made = {"epochs": 2, "average_weights": 0.5, **params}
    results = all_of(tiny_classifier(**made))
    assert keras.config.floatx() == floatx
    keras.config.set_floatx("float32")
    for result, expected in zip(results, all_of(tiny_classifier(**made)), strict=True):
        assert_array_equal(result, expected)
    assert all(result.dtype == np.float32 for result in results[:-1])


def test_is_put_back_after_a_failure(floatx: str) -> None:
    with pytest.raises(ValueError, match="loss=nan"):
        tiny_classifier(epochs=2, learning_rate=1e35).fit(*patterns(30))
    assert keras.config.floatx() == floatx


def test_the_last_of_several_threads_puts_it_back(floatx: str) -> None:
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with float32_by_default():
            inside.set()
            leave.wait()

    thread = threading.Thread(target=other)
    with float32_by_default():
        thread.start()
        inside.wait()
    assert keras.config.floatx() == "float32"
    leave.set()
    thread.join()
    assert keras.config.floatx() == floatx
