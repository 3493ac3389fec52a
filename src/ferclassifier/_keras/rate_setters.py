"""Callbacks that set the learning rate, and when nothing but they may do so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ferclassifier._keras.callbacks import Plateau, StateKeeper
from ferclassifier._keras.optimizer import has_schedule
from ferclassifier._utils.keras_door import keras, ops

_KNOWN = (keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau)


def course_of(optimizer: Any, schedule: str | None) -> str | None:
    """Return what decides the learning rate of every step, in words; None if callbacks may set it.

    Parameters
    ----------
    optimizer : str, callable or keras.optimizers.Optimizer
    schedule : {"cosine", "plateau", "constant"} or None
        None in a pass of `partial_fit`.
    """
    if has_schedule(optimizer):
        return "an optimizer with a schedule of its own"
    return f"learning_rate_schedule={schedule!r}" if schedule in ("cosine", "plateau") else None


def check_rate_setters(callbacks: Sequence[Any], course: str | None) -> None:
    """Refuse, before the first epoch, callbacks of Keras that set the rate beside a schedule.

    Raises
    ------
    ValueError
        If there is one.
    """
    for callback in callbacks:
        if course is not None and isinstance(callback, _KNOWN):
            raise _two_courses(type(callback).__name__, course)


@contextmanager
def rate_setters_named(course: str | None) -> Iterator[None]:
    """Say what to do where a callback sets a rate that Keras does not let it set.

    Raises
    ------
    ValueError
        In place of Keras's error.
    """
    try:
        yield
    except (TypeError, AttributeError) as error:
        if course is None or not _is_of_setting(error):
            raise
        raise _two_courses("that sets the learning rate", course) from error


class RateWatch(keras.callbacks.Callback):  # type: ignore[misc]
    """See what callbacks do to the learning rate; it comes last.

    Parameters
    ----------
    course : str or None
        What decides the rate, as `course_of` has it.
    plateau : Plateau or None
        The callback that does so, where it is one.
    peak : float
        The rate from which that begins.
    keeper : StateKeeper
        Told of rates that are set after it kept the state of an epoch.
    """

    def __init__(
        self, course: str | None, plateau: Plateau | None, peak: float, keeper: StateKeeper
    ) -> None:
        super().__init__()
        self._course, self._plateau, self._peak = course, plateau, peak
        self._keeper = keeper
        self._rate: Any = None

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        self._rate = None if model is None else model.optimizer._learning_rate

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._check()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._check()
        self._keeper.catch_up()

    def _check(self) -> None:
        rate = self.model.optimizer._learning_rate
        if rate is not self._rate:
            # The compiled step would go on with the one that it knows.
            raise ValueError(
                f"Got a callback that makes a {type(rate).__name__} the learning rate, but "
                "expected a number. Give a schedule to the optimizer, as in "
                "optimizer=lambda: keras.optimizers.SGD(schedule)."
            )
        if self._plateau is not None:
            expected = np.float32(self._peak * self._plateau.memory["factor"])
            if float(rate) != expected:
                raise _two_courses("that sets the learning rate", self._course)


def _two_courses(callback: str, course: str | None) -> ValueError:
    remedy = "Pass learning_rate_schedule='constant', or leave the callback out."
    if course is not None and "optimizer" in course:
        remedy = (
            "Give the optimizer a number as its learning rate and pass "
            "learning_rate_schedule='constant', or leave the callback out."
        )
    return ValueError(
        f"Got the callback {callback} and {course}, but only one of them can set the learning "
        f"rate. {remedy}"
    )


def _is_of_setting(error: TypeError | AttributeError) -> bool:
    """Whether an error comes of a learning rate that was to be set.

    Either of ``optimizer.learning_rate = rate``, to which Keras says so itself, or of
    ``optimizer.learning_rate.assign(rate)``, where what a schedule gives is no variable.
    """
    if isinstance(error, AttributeError):
        return error.name == "assign" and (ops.is_tensor(error.obj) or callable(error.obj))
    return "learning rate is not settable" in str(error)
