"""Callbacks that set the learning rate: it holds, or they are refused.

Each ended in Keras's TypeError about an optimizer of nobody's, in the epoch in which it acted.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras.optimizers.schedules import ExponentialDecay
from numpy.testing import assert_array_equal

from helpers import patterns, same_name, tiny_classifier

_REMEDY = re.escape("Pass learning_rate_schedule='constant'")


class Sets(keras.callbacks.Callback):  # type: ignore[misc]
    """Divides the rate by the number of the epoch, in some way and at some time."""

    def __init__(self, way: str, when: str = "on_epoch_begin") -> None:
        super().__init__()
        self._way = way
        setattr(self, when, self._set)

    def _set(self, *args: Any, **_: Any) -> None:
        rate = 0.02 / (args[0] + 1 if args and isinstance(args[0], int) else 1)
        if self._way == "assign":
            self.model.optimizer.learning_rate.assign(rate)
        elif self._way == "schedule":
            self.model.optimizer.learning_rate = ExponentialDecay(rate, 2, 0.5)
        else:
            self.model.optimizer.learning_rate = rate


class Interrupt(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends a fit after some epochs."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch + 1 == self._epochs:
            raise InterruptedError


def scheduler() -> Any:
    return keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.02 / (epoch + 1))


def reducer() -> Any:
    """Halves the rate after every epoch but the first."""
    return keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=100)


def rates(callback: Any, **params: Any) -> list[float]:
    params = {"learning_rate_schedule": "constant", "epochs": 4, **params}
    clf = tiny_classifier(callbacks=[callback], **params).fit(*patterns())
    return clf.history_["learning_rate"]


@pytest.mark.parametrize(
    ("optimizer", "average_weights"), [("adam", False), (lambda: keras.optimizers.SGD(0.02), 0.5)]
)
def test_a_constant_rate_may_be_set(optimizer: Any, average_weights: Any) -> None:
    params = {"optimizer": optimizer, "average_weights": average_weights}
    falling = pytest.approx([0.02, 0.01, 0.02 / 3, 0.005])
    assert rates(scheduler(), **params) == falling
    assert rates(Sets("="), **params) == falling
    assert rates(Sets("assign"), **params) == falling
    assert rates(reducer(), **params) == pytest.approx([0.02, 0.02, 0.01, 0.005])


def test_the_rate_that_is_set_is_the_one_of_training() -> None:
    X, y = patterns()
    params: dict[str, Any] = {"epochs": 2, "learning_rate_schedule": "constant"}
    given = tiny_classifier(learning_rate=0.003, **params).fit(X, y)
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch: 0.003)
    was_set = tiny_classifier(callbacks=[scheduler], **params).fit(X, y)
    assert_array_equal(was_set.predict_proba(X), given.predict_proba(X))
    # What was set in one fit is no start for another.
    assert (
        was_set.set_params(callbacks=None).fit(X, y).history_["learning_rate"]
        == [pytest.approx(0.02)] * 2
    )


def test_in_every_step() -> None:
    assert rates(Sets("=", "on_train_batch_begin"))[:1] == pytest.approx([0.01])


def test_with_small_images_first() -> None:
    """What was set after the last small images was lost with their network."""
    halved = [0.02 / 2**epoch for epoch in range(5)]

    class Halve(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = self.model.optimizer.learning_rate * 0.5

    assert rates(Halve(), epochs=5, progressive_resizing=0.5) == pytest.approx(halved)


def test_in_a_pass_over_a_part() -> None:
    """Its rate is constant, whatever the schedule of fits."""
    clf = tiny_classifier(callbacks=[scheduler()], learning_rate=0.3)
    clf.partial_fit(*patterns(), classes=[0, 1, 2])
    assert clf.history_["learning_rate"] == pytest.approx([0.02])


@pytest.mark.parametrize("schedule", ["cosine", "plateau"])
@pytest.mark.parametrize("make", [scheduler, reducer])
def test_one_of_keras_beside_a_schedule(schedule: str, make: Any) -> None:
    begun: list[int] = []
    callbacks = [
        keras.callbacks.LambdaCallback(on_train_begin=lambda logs: begun.append(1)),
        make(),
    ]
    clf = tiny_classifier(learning_rate_schedule=schedule, callbacks=callbacks)
    name = type(callbacks[1]).__name__
    words = f"the callback {name} and learning_rate_schedule='{schedule}', .*{_REMEDY}"
    with pytest.raises(ValueError, match=words):
        clf.fit(*patterns())
    assert not begun


@pytest.mark.parametrize(
    ("schedule", "way", "when"),
    [
        ("cosine", "=", "on_train_begin"),
        ("cosine", "=", "on_train_batch_end"),
        ("cosine", "assign", "on_epoch_begin"),
        ("plateau", "=", "on_epoch_begin"),
        ("plateau", "assign", "on_train_batch_end"),
    ],
)
def test_one_of_ones_own_beside_a_schedule(schedule: str, way: str, when: str) -> None:
    words = f"that sets the learning rate and learning_rate_schedule='{schedule}', .*{_REMEDY}"
    clf = tiny_classifier(
        learning_rate_schedule=schedule,
        callbacks=[Sets(way, when)],
        learning_rate=0.05,
        epochs=2,
    )
    with pytest.raises(ValueError, match=words):
        clf.fit(*patterns())
    assert not clf.__sklearn_is_fitted__()


@pytest.mark.parametrize("callback", [scheduler(), Sets("="), Sets("assign")], ids=same_name)
def test_beside_the_schedule_of_an_optimizer(callback: Any) -> None:
    def optimizer() -> Any:
        return keras.optimizers.SGD(ExponentialDecay(0.2, 2, 0.5))

    words = "an optimizer with a schedule of its own, .*Give the optimizer a number"
    with pytest.raises(ValueError, match=words):
        rates(callback, optimizer=optimizer, learning_rate="auto")


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_a_schedule_instead_of_a_number(schedule: str) -> None:
    """The compiled step did not see it, while the history said that it held."""
    with pytest.raises(ValueError, match="makes a ExponentialDecay the learning rate"):
        rates(Sets("schedule"), learning_rate_schedule=schedule)


def test_errors_of_other_kinds_stay_what_they_are() -> None:
    class Fails(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise TypeError("of mine")

    with pytest.raises(TypeError, match="of mine"):
        rates(Fails(), learning_rate_schedule="cosine")


@pytest.mark.parametrize("make", [scheduler, reducer, lambda: Sets("=", "on_epoch_end")])
def test_an_interrupted_fit_goes_on_with_the_rate_that_it_had(make: Any, tmp_path: Path) -> None:
    X, y = patterns()
    path = tmp_path / "fit.checkpoint"
    params: dict[str, Any] = {"learning_rate_schedule": "constant", "epochs": 4}
    whole = tiny_classifier(callbacks=[make()], **params).fit(X, y)
    params["checkpoint"] = path
    with pytest.raises(InterruptedError):
        tiny_classifier(callbacks=[make(), Interrupt(3)], **params).fit(X, y)
    callbacks = [make()] if make is scheduler else None
    resumed = tiny_classifier(callbacks=callbacks, **params).fit(X, y)
    assert resumed.history_["learning_rate"] == whole.history_["learning_rate"]
    assert_array_equal(resumed.predict_proba(X), whole.predict_proba(X))
    assert np.diff(resumed.history_["learning_rate"])[-1] < 0
