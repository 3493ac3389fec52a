"""The state of an estimator, read and replaced in one step.

Fitting sets a dozen attributes, and another thread may predict at any moment. So an estimator is
fitted on a copy, of which it takes over everything at once, and predicts from a copy of the moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

_Estimator = TypeVar("_Estimator")


def as_of_now(estimator: _Estimator) -> _Estimator:
    """Return an estimator with the attributes of this moment, whatever a fit does meanwhile."""
    copied = object.__new__(type(estimator))
    copied.__dict__ = estimator.__dict__.copy()
    return copied


@contextmanager
def changed_in_one_step(estimator: _Estimator) -> Iterator[_Estimator]:
    """Yield a copy to be fitted, and take over what has changed there unless that fails.

    Parameters that are set meanwhile stay as they were set.
    """
    working = as_of_now(estimator)
    before = dict(working.__dict__)
    yield working
    lost = before.keys() - working.__dict__.keys()
    state = {name: value for name, value in estimator.__dict__.items() if name not in lost}
    estimator.__dict__ = {**state, **changes(before, working)}


def changes(before: dict[str, Any], estimator: Any) -> dict[str, Any]:
    """Return the attributes of an estimator that are others than before."""
    missing = object()
    return {
        name: value
        for name, value in estimator.__dict__.items()
        if before.get(name, missing) is not value
    }
