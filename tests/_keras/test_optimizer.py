"""Optimizers that a user gives: their rates and schedules hold."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras.optimizers import SGD, Adam
from keras.optimizers.schedules import CosineDecay, ExponentialDecay

from ferclassifier import FERClassifier
from helpers import patterns, tiny_classifier


@keras.saving.register_keras_serializable("test_optimizers")
class Steps(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A schedule of a user's own."""

    def __call__(self, step: Any) -> Any:
        return keras.ops.where(step < 2, 0.2, 0.1)

    def get_config(self) -> dict[str, Any]:
        return {}


def rates(optimizer: Any, **params: Any) -> list[float]:
    """The learning rate at the end of each of four epochs of two steps."""
    X, y = patterns()
    params = {"learning_rate": "auto", "epochs": 4, **params}
    clf: FERClassifier = tiny_classifier(optimizer=optimizer, **params).fit(X, y)
    return clf.history_["learning_rate"]


@pytest.mark.parametrize(
    "optimizer",
    [lambda: SGD(0.3), SGD(0.3), lambda: Adam(0.3)],
    ids=["function", "instance", "adam"],
)
def test_the_rate_of_an_optimizer_holds(optimizer: Any) -> None:
    """A function's was .001, whatever it said."""
    constant = rates(optimizer, learning_rate_schedule="constant")
    assert constant == pytest.approx([0.3] * 4)
    cosine = rates(optimizer)
    assert 0.2 < cosine[0] <= 0.3
    assert cosine == sorted(cosine, reverse=True)


def test_a_rate_that_is_given_comes_first() -> None:
    given = rates(SGD(0.3), learning_rate=0.02, learning_rate_schedule="constant")
    assert given == pytest.approx([0.02] * 4)


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        # Those of its eight steps at which an epoch ends.
        (SGD(CosineDecay(0.2, 8)), [0.2 * 0.5 * (1 + np.cos(np.pi * s / 8)) for s in (2, 4, 6, 8)]),
        (lambda: SGD(ExponentialDecay(0.2, 2, 0.5)), [0.1, 0.05, 0.025, 0.0125]),
        # It begins at zero, which was taken for the rate of the whole fit.
        (SGD(CosineDecay(0.0, 100, warmup_target=0.2, warmup_steps=8)), [0.05, 0.1, 0.15, 0.2]),
        (SGD(Steps()), [0.1, 0.1, 0.1, 0.1]),
    ],
    ids=["cosine", "function", "warm-up", "own"],
)
def test_a_schedule_of_its_own_holds(optimizer: Any, expected: list[float]) -> None:
    assert rates(optimizer) == pytest.approx(expected, abs=1e-6)


def test_a_schedule_begins_anew_with_each_fit_and_goes_on_in_parts() -> None:
    X, y = patterns()
    clf = tiny_classifier(
        optimizer=SGD(ExponentialDecay(0.2, 2, 0.5)), learning_rate="auto", epochs=1
    )
    for _ in range(2):
        assert clf.fit(X, y).history_["learning_rate"] == pytest.approx([0.1])
    clf.partial_fit(X, y).partial_fit(X, y)
    assert clf.history_["learning_rate"] == pytest.approx([0.1, 0.05, 0.025])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"learning_rate": 0.1}, "learning_rate=0.1 and an optimizer with a schedule of its own"),
        ({"learning_rate_schedule": "plateau"}, "learning_rate_schedule='plateau'"),
    ],
)
def test_a_second_schedule_is_refused(params: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rates(SGD(CosineDecay(0.2, 8)), **params)


def test_a_function_that_makes_something_else() -> None:
    with pytest.raises(TypeError, match="returns a str, but expected"):
        rates(lambda: "sgd")


def test_it_trains() -> None:
    X, y = patterns()
    clf = tiny_classifier(optimizer=lambda: SGD(CosineDecay(0.1, 24), momentum=0.9))
    assert clf.set_params(learning_rate="auto").fit(X, y).score(X, y) > 0.9
