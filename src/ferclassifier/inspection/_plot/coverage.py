"""What rejecting unsure predictions costs and brings, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ferclassifier._utils.legends import add_legend
from ferclassifier.inspection._plot.figures import (
    COLORS,
    merged_style,
    new_axes,
    percent_axis,
    shortened,
)
from ferclassifier.inspection._predictions import predicted_probabilities
from ferclassifier.metrics._coverage import CoverageAccuracyCurve, coverage_accuracy_curve

if TYPE_CHECKING:
    from typing import Self

    from matplotlib.axes import Axes


class CoverageDisplay:
    """Accuracy on the images that a classifier is surest of, by the share of images kept.

    Use :meth:`from_estimator` or :meth:`from_predictions` to create one. All parameters are stored
    as attributes.

    On the right all images are kept; towards the left only those whose highest probability is not
    below a threshold that rises. The higher the line, the better. The points mark thresholds, with
    their numbers above them: what ``predict(reject_below=...)`` takes.

    Parameters
    ----------
    curve : CoverageAccuracyCurve
        From :func:`~ferclassifier.metrics.coverage_accuracy_curve`.
    name : str, default=None
        What to call it in the legend.

    Attributes
    ----------
    line_ : Line2D
        The curve.
    points_ : Line2D
        The thresholds that are marked.
    texts_ : list of Text
        Their numbers.
    ax_ : Axes
        The axes that hold it.
    figure_ : Figure
        The figure that holds the axes.

    See Also
    --------
    ReliabilityDisplay : Whether the probabilities mean what they say.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.inspection import CoverageDisplay
    >>> X, y = make_faces(300, n_classes=3, noise=1.0, random_state=0)
    >>> rows = X.reshape(300, -1) / 255
    >>> clf = LogisticRegression(C=0.01, max_iter=500).fit(rows[:200], y[:200])
    >>> display = CoverageDisplay.from_estimator(clf, rows[200:], y[200:])
    """

    def __init__(self, curve: CoverageAccuracyCurve, *, name: str | None = None) -> None:
        self.curve = curve
        self.name = name

    def plot(
        self,
        *,
        ax: Axes | None = None,
        name: str | None = None,
        thresholds: ArrayLike = (0.5, 0.7, 0.9),
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the curve.

        Parameters
        ----------
        ax : Axes, default=None
            Such as `ax_` of another display, whose curve it is compared with. None makes a figure
            of pyplot's.
        name : str, default=None
            What to call it in the legend; None takes the `name` that was given before. Without
            either there is no legend.
        thresholds : array-like of float, default=(0.5, 0.7, 0.9)
            Probabilities to mark; those that no image reaches are left out.
        line_kw : dict, default=None
            Keywords of ``Axes.plot``; the color is also that of the points.

        Returns
        -------
        self : CoverageDisplay

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        """
        self.ax_ = new_axes((5.0, 4.0)) if ax is None else ax
        self.figure_ = self.ax_.figure
        self._draw_curve(self.name if name is None else name, line_kw)
        self._mark(np.asarray(thresholds, dtype=np.float64))
        self.ax_.margins(y=0.1)
        self.ax_.set(xlim=(0, 1), xlabel="Share of images kept", ylabel="Accuracy on these")
        handles, names = self.ax_.get_legend_handles_labels()
        if names:
            add_legend(self.ax_, handles, names)
        for axis in (self.ax_.xaxis, self.ax_.yaxis):
            percent_axis(axis)
        return self

    def _draw_curve(self, name: str | None, line_kw: dict[str, Any] | None) -> None:
        from matplotlib.lines import Line2D

        n_curves = sum(line.get_linestyle() != "None" for line in self.ax_.lines)
        style = {"color": COLORS[n_curves % len(COLORS)], "linewidth": 1.5}
        if name is not None:
            style["label"] = shortened(name)
        (self.line_,) = self.ax_.plot(
            self.curve.coverage, self.curve.accuracy, **merged_style(style, line_kw, Line2D)
        )

    def _mark(self, thresholds: Any) -> None:
        # The thresholds fall: the last one that is not below is where images are still kept. They
        # are compared in the precision of the probabilities, as predict does.
        highest = np.asarray(self.curve.thresholds)
        places = np.searchsorted(-highest, -thresholds.astype(highest.dtype), side="right") - 1
        reached = places >= 0
        places = places[reached]
        coverage, accuracy = self.curve.coverage[places], self.curve.accuracy[places]
        (self.points_,) = self.ax_.plot(
            coverage, accuracy, "o", color=self.line_.get_color(), clip_on=False
        )
        self.texts_ = [
            self.ax_.annotate(
                f"{threshold:g}",
                (x, y),
                xytext=(5, 4),
                textcoords="offset points",
                fontsize="small",
            )
            for threshold, x, y in zip(thresholds[reached], coverage, accuracy, strict=True)
        ]

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        name: str | None = None,
        ax: Axes | None = None,
        thresholds: ArrayLike = (0.5, 0.7, 0.9),
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the accuracy of a classifier on the images that it is surest of.

        Parameters
        ----------
        estimator : estimator
            A fitted classifier with `predict_proba`, or a pipeline or a search around one.
        X : array-like
            Images as the estimator takes them.
        y : array-like of shape (n,)
            Their labels.
        sample_weight : array-like of shape (n,), >= 0, default=None
            How many images each one stands for; one of weight 0 is left out.
        name : str, default=None
            What to call it in the legend; None takes the name of the class of `estimator`.
        ax : Axes, default=None
            Such as `ax_` of another display, whose curve it is compared with. None makes a figure
            of pyplot's.
        thresholds : array-like of float, default=(0.5, 0.7, 0.9)
            Probabilities to mark; those that no image reaches are left out.
        line_kw : dict, default=None
            Keywords of ``Axes.plot``; the color is also that of the points.

        Returns
        -------
        display : CoverageDisplay

        Raises
        ------
        ValueError
            If `estimator` is no classifier with `predict_proba`, or does not know a label.
        """
        y_proba, classes = predicted_probabilities(estimator, X)
        return cls.from_predictions(
            y,
            y_proba,
            classes=classes,
            sample_weight=sample_weight,
            name=type(estimator).__name__ if name is None else name,
            ax=ax,
            thresholds=thresholds,
            line_kw=line_kw,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        name: str | None = None,
        ax: Axes | None = None,
        thresholds: ArrayLike = (0.5, 0.7, 0.9),
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw how accurate predicted probabilities are where they are surest.

        Parameters
        ----------
        y_true : array-like of shape (n,)
            The true labels.
        y_proba : array-like of shape (n, n_classes), in [0, 1]
            Predicted probabilities; rows sum to 1 within 1e-3.
        classes : array-like of shape (n_classes,), default=None
            The labels of the columns. None takes the names of the columns of a DataFrame, or else
            the sorted labels of `y_true`, but not codes that may be counted in another order.
        sample_weight : array-like of shape (n,), >= 0, default=None
            How many images each one stands for; one of weight 0 is left out.
        name : str, default=None
            What to call it in the legend.
        ax : Axes, default=None
            Such as `ax_` of another display, whose curve it is compared with. None makes a figure
            of pyplot's.
        thresholds : array-like of float, default=(0.5, 0.7, 0.9)
            Probabilities to mark; those that no image reaches are left out.
        line_kw : dict, default=None
            Keywords of ``Axes.plot``; the color is also that of the points.

        Returns
        -------
        display : CoverageDisplay

        Raises
        ------
        ValueError
            If labels, probabilities, classes and weights do not go together, or there are no
            images.
        """
        curve = coverage_accuracy_curve(
            y_true, y_proba, classes=classes, sample_weight=sample_weight
        )
        return cls(curve, name=name).plot(ax=ax, thresholds=thresholds, line_kw=line_kw)
