"""Whether the probabilities of a classifier mean what they say, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from ferclassifier._utils.legends import add_legend
from ferclassifier.inspection._plot.figures import (
    COLORS,
    merged_style,
    panels,
    percent_axis,
    shortened,
)
from ferclassifier.inspection._predictions import predicted_probabilities
from ferclassifier.metrics._calibration import N_BINS, ReliabilityCurve, reliability_curve

if TYPE_CHECKING:
    from typing import Self

    from matplotlib.axes import Axes

_LABEL_OF_DIAGONAL = "Perfectly calibrated"
# Areas of the points, in square points.
_SMALLEST_POINT, _LARGEST_POINT = 8.0, 140.0


class ReliabilityDisplay:
    """Reliability diagram of the predicted class, with a histogram of its probability.

    Use :meth:`from_estimator` or :meth:`from_predictions` to create one. All parameters are stored
    as attributes.

    Each point stands for the predictions of one bin: how probable they are in the mean, and how
    many of them are right. Its area says how many images the bin has. Points below the diagonal
    are predictions that are too sure. The histogram has the share of images in each bin. The legend
    gives the expected calibration error (ECE).

    Parameters
    ----------
    curve : ReliabilityCurve
        From :func:`~ferclassifier.metrics.reliability_curve`.
    name : str, default=None
        What to call it in the legend.

    Attributes
    ----------
    line_ : Line2D
        The points, joined.
    points_ : PathCollection
        The points.
    bars_ : StepPatch
        The histogram.
    diagonal_ : Line2D or None
        Where probabilities mean what they say; None if it was not drawn, or stood there.
    axes_ : ndarray of shape (2,), dtype=object
        The axes of the diagram and of the histogram.
    figure_ : Figure
        The figure that holds them.

    See Also
    --------
    sklearn.calibration.CalibrationDisplay : The same for one of two classes.
    ferclassifier.metrics.expected_calibration_error : The number in the legend.

    Examples
    --------
    Two classifiers in one diagram:

    >>> from sklearn.linear_model import LogisticRegression
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.inspection import ReliabilityDisplay
    >>> X, y = make_faces(300, n_classes=3, noise=1.0, random_state=0)
    >>> rows = X.reshape(300, -1) / 255
    >>> weak, strong = LogisticRegression(C=1e-4), LogisticRegression(C=0.01, max_iter=500)
    >>> display = ReliabilityDisplay.from_estimator(
    ...     weak.fit(rows[:200], y[:200]), rows[200:], y[200:], name="C = 0.0001"
    ... )
    >>> display = ReliabilityDisplay.from_estimator(
    ...     strong.fit(rows[:200], y[:200]), rows[200:], y[200:], name="C = 0.01", ax=display.axes_
    ... )
    """

    def __init__(self, curve: ReliabilityCurve, *, name: str | None = None) -> None:
        self.curve = curve
        self.name = name

    def plot(
        self,
        *,
        ax: Axes | Sequence[Axes] | None = None,
        name: str | None = None,
        ref_line: bool = True,
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the diagram.

        Parameters
        ----------
        ax : Axes or array-like of 2 Axes, default=None
            One that diagram and histogram divide between them, or one for each, such as `axes_` of
            another display, whose diagram is drawn into. None makes a figure of pyplot's.
        name : str, default=None
            What to call it in the legend; None takes the `name` that was given before.
        ref_line : bool, default=True
            Draw the diagonal.
        line_kw : dict, default=None
            Keywords of ``Axes.plot``; the color is also that of points and histogram.

        Returns
        -------
        self : ReliabilityDisplay

        Raises
        ------
        ValueError
            If `ax` is not 2 axes, and none that can be divided.
        ImportError
            If Matplotlib is not installed.
        """
        self.axes_ = panels(ax, heights=(3, 1), figsize=(5.0, 5.8))
        self.figure_ = self.axes_[0].figure
        self.diagonal_ = self._draw_diagonal() if ref_line else None
        self._draw_curve(self.name if name is None else name, line_kw)
        diagram, histogram = self.axes_
        diagram.set(xlim=(0, 1), ylim=(0, 1), ylabel="Share of right predictions")
        add_legend(diagram, *diagram.get_legend_handles_labels())
        histogram.set(
            xlim=(0, 1), xlabel="Probability of the predicted class", ylabel="Share of\nimages"
        )
        for axis in (diagram.xaxis, diagram.yaxis, histogram.xaxis, histogram.yaxis):
            percent_axis(axis)
        return self

    def _draw_diagonal(self) -> Any:
        from matplotlib import rcParams

        diagram = self.axes_[0]
        if _LABEL_OF_DIAGONAL in diagram.get_legend_handles_labels()[1]:
            return None
        (line,) = diagram.plot(
            [0, 1], [0, 1], ":", color=rcParams["text.color"], label=_LABEL_OF_DIAGONAL
        )
        return line

    def _draw_curve(self, name: str | None, line_kw: dict[str, Any] | None) -> None:
        from matplotlib.lines import Line2D

        diagram, histogram = self.axes_
        error = f"calibration error {self.curve.error:.3f}"
        color = COLORS[len(histogram.patches) % len(COLORS)]
        style = merged_style(
            {
                "color": color,
                "linewidth": 1.5,
                "label": f"{shortened(name)} ({error})" if name else error,
            },
            line_kw,
            Line2D,
        )
        edges, confidence, accuracy, share = self.curve
        filled = share > 0
        confidence, accuracy = confidence[filled], accuracy[filled]
        (self.line_,) = diagram.plot(confidence, accuracy, **style)
        color = self.line_.get_color()
        area = _SMALLEST_POINT + _LARGEST_POINT * share[filled] / share.max()
        self.points_ = diagram.scatter(
            confidence, accuracy, s=area, color=color, zorder=3, clip_on=False
        )
        self.bars_ = histogram.stairs(share, edges, fill=True, color=color, alpha=0.5)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        n_bins: int = N_BINS,
        sample_weight: ArrayLike | None = None,
        name: str | None = None,
        ax: Axes | Sequence[Axes] | None = None,
        ref_line: bool = True,
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the reliability diagram of a classifier.

        Parameters
        ----------
        estimator : estimator
            A fitted classifier with `predict_proba`, or a pipeline or a search around one.
        X : array-like
            Images as the estimator takes them.
        y : array-like of shape (n,)
            Their labels.
        n_bins : int, default=15
            Number of bins of equal width.
        sample_weight : array-like of shape (n,), >= 0, default=None
            How many images each one stands for; one of weight 0 is left out.
        name : str, default=None
            What to call it in the legend; None takes the name of the class of `estimator`.
        ax : Axes or array-like of 2 Axes, default=None
            One that diagram and histogram divide between them, or one for each, such as `axes_` of
            another display, whose diagram is drawn into. None makes a figure of pyplot's.
        ref_line : bool, default=True
            Draw the diagonal.
        line_kw : dict, default=None
            Keywords of ``Axes.plot``; the color is also that of points and histogram.

        Returns
        -------
        display : ReliabilityDisplay

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
            n_bins=n_bins,
            sample_weight=sample_weight,
            name=type(estimator).__name__ if name is None else name,
            ax=ax,
            ref_line=ref_line,
            line_kw=line_kw,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        n_bins: int = N_BINS,
        sample_weight: ArrayLike | None = None,
        name: str | None = None,
        ax: Axes | Sequence[Axes] | None = None,
        ref_line: bool = True,
        line_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the reliability diagram of predicted probabilities.

        Parameters
        ----------
        y_true : array-like of shape (n,)
            The true labels.
        y_proba : array-like of shape (n, n_classes), in [0, 1]
            Predicted probabilities; rows sum to 1 within 1e-3.
        classes : array-like of shape (n_classes,), default=None
            The labels of the columns. None takes the names of the columns of a DataFrame, or else
            the sorted labels of `y_true`, but not codes that may be counted in another order.
        n_bins : int, default=15
            Number of bins of equal width.
        sample_weight : array-like of shape (n,), >= 0, default=None
            How many images each one stands for; one of weight 0 is left out.
        name : str, default=None
            What to call it in the legend.
        ax : Axes or array-like of 2 Axes, default=None
            One that diagram and histogram divide between them, or one for each, such as `axes_` of
            another display, whose diagram is drawn into. None makes a figure of pyplot's.
        ref_line : bool, default=True
            Draw the diagonal.
        line_kw : dict, default=None
            Keywords of ``Axes.plot``; the color is also that of points and histogram.

        Returns
        -------
        display : ReliabilityDisplay

        Raises
        ------
        ValueError
            If labels, probabilities, classes and weights do not go together, or there are no
            images.
        """
        curve = reliability_curve(
            y_true, y_proba, classes=classes, sample_weight=sample_weight, n_bins=n_bins
        )
        return cls(curve, name=name).plot(ax=ax, ref_line=ref_line, line_kw=line_kw)
