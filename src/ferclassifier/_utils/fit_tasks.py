"""A fit, and the epochs in it, as the tasks that scikit-learn's callbacks follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class FitTasks:
    """Tell scikit-learn's callbacks of a fit, and of each epoch in it.

    Below scikit-learn 1.9, which has no callbacks, nobody is told.

    Parameters
    ----------
    estimator : estimator
    X, y, sample_weight : array-like
        As they were given to `fit`: what a callback scores.
    epochs : int, default=0
        The largest number of epochs; 0 for a fit in one piece.
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, sample_weight: Any = None, epochs: int = 0
    ) -> None:
        self._estimator = estimator
        metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
        self._data = {"X": X, "y": y, "metadata": metadata}
        self._fit: Any = None
        self._epoch: Any = None
        if hasattr(estimator, "_init_callback_context"):
            self._fit = estimator._init_callback_context(max_subtasks=epochs)
            self._fit.call_on_fit_task_begin(estimator=estimator, **self._data)

    def begin_epoch(self) -> None:
        """Begin the next epoch."""
        if self._fit is not None:
            self._epoch = self._fit.subcontext(task_name="epoch")
            self._epoch.call_on_fit_task_begin(estimator=self._estimator, **self._data)

    def end_epoch(self, fitted_attributes: Callable[[], dict[str, Any]]) -> bool:
        """End the epoch, and return whether a callback wants the fit to stop.

        Parameters
        ----------
        fitted_attributes : callable
            Makes the attributes of an estimator whose fit ended here; called only if a callback
            asks for such an estimator.
        """
        return self._fit is not None and self._epoch.call_on_fit_task_end(
            estimator=self._estimator, reconstruction_attributes=fitted_attributes, **self._data
        )

    def end(self) -> None:
        """End the fit; the estimator has its attributes."""
        if self._fit is not None:
            self._fit.call_on_fit_task_end(
                estimator=self._estimator, reconstruction_attributes={}, **self._data
            )
