"""The course of a training, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import DataError
from ferclassifier.inspection._pipelines import split_pipeline
from ferclassifier.inspection._plot.figures import (
    BLUE,
    GREEN,
    VERMILLION,
    merged_style,
    panels,
    percent_axis,
)

if TYPE_CHECKING:
    from typing import Self

    from matplotlib.axes import Axes


class _Curve(NamedTuple):
    key: str
    label: str
    color: str
    linestyle: str


class _Panel(NamedTuple):
    title: str
    height: float
    curves: tuple[_Curve, ...]


def _pair(key: str) -> tuple[_Curve, ...]:
    return (
        _Curve(key, "training", BLUE, "-"),
        _Curve(f"val_{key}", "validation", VERMILLION, "--"),
    )


_PANELS = (
    _Panel("Loss", 3, _pair("loss")),
    _Panel("Accuracy", 3, _pair("accuracy")),
    _Panel("Learning\nrate", 1, (_Curve("learning_rate", "_", GREEN, "-"),)),
)
_KEYS = [curve.key for panel in _PANELS for curve in panel.curves]


class TrainingCurvesDisplay:
    """Loss, accuracy and learning rate of each epoch, one above the other.

    Use :meth:`from_estimator` or :meth:`from_history` to create one. All parameters are stored as
    attributes.

    Parameters
    ----------
    history : dict of str to list of float
        Any of "loss", "accuracy" and "learning_rate", and "val_loss" and "val_accuracy", in each
        epoch. What is not among them is not drawn.
    best_epoch : int, default=None
        The epoch to be marked, counting from 1.

    Attributes
    ----------
    lines_ : dict of str to Line2D
        The curves, by their names in `history`.
    best_lines_ : list of Line2D
        The marks of the best epoch, one in each of the axes.
    axes_ : ndarray of shape (n_panels,), dtype=object
        The axes of loss, accuracy and learning rate, of those that there are.
    figure_ : Figure
        The figure that holds them.

    See Also
    --------
    sklearn.model_selection.LearningCurveDisplay : Scores by the number of training images.

    Notes
    -----
    The training accuracy of FERClassifier is that of augmented images, under dropout, and so often
    lower than that of validation.

    Examples
    --------
    >>> from ferclassifier.inspection import TrainingCurvesDisplay
    >>> history = {"loss": [1.8, 1.5, 1.2], "val_loss": [1.7, 1.4, 1.5]}
    >>> display = TrainingCurvesDisplay.from_history(history, best_epoch=2)
    >>> sorted(display.lines_)
    ['loss', 'val_loss']
    """

    def __init__(
        self, history: Mapping[str, Sequence[float]], best_epoch: int | None = None
    ) -> None:
        self.history = history
        self.best_epoch = best_epoch

    def plot(
        self,
        *,
        ax: Axes | Sequence[Axes] | None = None,
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : Axes or array-like of Axes, default=None
            One that the panels divide among them, or one for each of them. None makes a figure of
            pyplot's.
        line_kw : dict, default=None
            Keywords of ``Axes.plot``.

        Returns
        -------
        self : TrainingCurvesDisplay

        Raises
        ------
        DataError
            If the history has none of the curves, or they differ in length.
        ValueError
            If `ax` is neither a single one nor one for each panel, or there is no such epoch as
            `best_epoch`.
        ImportError
            If Matplotlib is not installed.
        """
        n_epochs = _n_epochs(self.history)
        if self.best_epoch is not None and not 1 <= self.best_epoch <= n_epochs:
            raise ValueError(
                f"Got best_epoch={self.best_epoch}, but expected one of the epochs from 1 to "
                f"{n_epochs}."
            )
        shown = [p for p in _PANELS if any(curve.key in self.history for curve in p.curves)]
        heights = [panel.height for panel in shown]
        self.axes_ = panels(ax, heights, figsize=(6.0, 0.7 + 0.75 * sum(heights)))
        self.figure_ = self.axes_[0].figure
        self.lines_: dict[str, Any] = {}
        self.best_lines_: list[Any] = []
        for axes, panel in zip(self.axes_, shown, strict=True):
            self._draw(axes, panel, n_epochs, line_kw)
        if set(self.lines_) - {"learning_rate"} or self.best_lines_:
            self.axes_[0].legend()
        self.axes_[-1].set_xlabel("Epoch")
        return self

    def _draw(self, ax: Axes, panel: _Panel, n_epochs: int, line_kw: dict[str, Any] | None) -> None:
        from matplotlib import rcParams
        from matplotlib.lines import Line2D
        from matplotlib.ticker import MaxNLocator

        epochs = np.arange(1, n_epochs + 1)
        for curve in panel.curves:
            if curve.key not in self.history:
                continue
            defaults = {
                **curve._asdict(),
                "marker": "o" if n_epochs == 1 else "",  # a line of one point is invisible
            }
            defaults.pop("key")
            style = merged_style(defaults, line_kw, Line2D)
            (self.lines_[curve.key],) = ax.plot(epochs, self.history[curve.key], **style)
        if self.best_epoch is not None:
            mark = ax.axvline(
                self.best_epoch,
                color=rcParams["text.color"],
                linestyle=":",
                linewidth=1,
                label=f"best epoch ({self.best_epoch})",
            )
            self.best_lines_.append(mark)
        ax.set(ylabel=panel.title, xlim=(0.5, n_epochs + 0.5))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
        if panel.title == "Accuracy":
            percent_axis(ax.yaxis)
        elif panel.height == 1:
            ax.set_ylim(0, 1.15 * max(self.history["learning_rate"]) or 1.0)
            ax.yaxis.set_major_locator(MaxNLocator(2))

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        ax: Axes | Sequence[Axes] | None = None,
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the course of the training of a classifier.

        Parameters
        ----------
        estimator : estimator
            A fitted :class:`~ferclassifier.FERClassifier`, a pipeline or a search around one, or
            anything else that has `history_`, and perhaps `best_epoch_`.
        ax : Axes or array-like of Axes, default=None
            One that the panels divide among them, or one for each of them. None makes a figure of
            pyplot's.
        line_kw : dict, default=None
            Keywords of ``Axes.plot``.

        Returns
        -------
        display : TrainingCurvesDisplay

        Raises
        ------
        NotFittedError
            If the estimator has not been fitted.
        ValueError
            If it keeps no history.
        """
        _, classifier = split_pipeline(estimator)
        if not hasattr(classifier, "history_"):
            check_is_fitted(classifier)
            raise ValueError(
                f"Got {type(classifier).__name__}, which has no history_ of its training. A fitted "
                "FERClassifier has one, also inside a pipeline or a search. To draw another "
                "history, pass it to from_history."
            )
        best_epoch = getattr(classifier, "best_epoch_", None)
        return cls.from_history(classifier.history_, best_epoch, ax=ax, line_kw=line_kw)

    @classmethod
    def from_history(
        cls,
        history: Mapping[str, Sequence[float]],
        best_epoch: int | None = None,
        *,
        ax: Axes | Sequence[Axes] | None = None,
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the course of a training.

        Parameters
        ----------
        history : dict of str to list of float
            Any of "loss", "accuracy" and "learning_rate", and "val_loss" and "val_accuracy", in
            each epoch, as in `history_` of FERClassifier and in `history` of what Keras returns.
        best_epoch : int, default=None
            The epoch to be marked, counting from 1.
        ax : Axes or array-like of Axes, default=None
            One that the panels divide among them, or one for each of them. None makes a figure of
            pyplot's.
        line_kw : dict, default=None
            Keywords of ``Axes.plot``.

        Returns
        -------
        display : TrainingCurvesDisplay

        Raises
        ------
        DataError
            If the history has none of the curves, or they differ in length.
        """
        return cls(history, best_epoch).plot(ax=ax, line_kw=line_kw)


def _n_epochs(history: Mapping[str, Sequence[float]]) -> int:
    if not isinstance(history, Mapping):
        raise DataError(
            f"Got a history of type {type(history).__name__}, but expected a dict of lists, such "
            "as clf.history_, or the attribute history of what Keras returns."
        )
    lengths = {key: len(history[key]) for key in _KEYS if key in history}
    if not lengths or not min(lengths.values()):
        raise DataError(
            f"Got a history of {quoted(list(history))}, but expected at least one epoch of one of "
            f"{_KEYS}."
        )
    if len(set(lengths.values())) > 1:
        raise DataError(
            f"Got a history of different lengths: {lengths}. Each needs a value for each epoch."
        )
    return next(iter(lengths.values()))
