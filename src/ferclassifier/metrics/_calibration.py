"""How far predicted probabilities are from how often the predictions are right."""

from __future__ import annotations

from itertools import pairwise
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ferclassifier._utils.notebook import as_html
from ferclassifier._utils.wording import count, quoted
from ferclassifier.metrics._labelled_probabilities import LabelledProbabilities

N_BINS = 15


class ReliabilityCurve(NamedTuple):
    """How often predictions are right, by how confident they are.

    Attributes
    ----------
    edges : ndarray of shape (n_bins + 1,)
        Of bins of equal width, from 0 to 1. A bin holds its upper edge, and the first also 0.
    confidence : ndarray of shape (n_bins,)
        Mean probability of the predicted class in each bin; NaN where a bin is empty.
    accuracy : ndarray of shape (n_bins,)
        Share of right predictions in each bin; NaN where a bin is empty.
    share : ndarray of shape (n_bins,)
        Share of all images that lie in each bin.

    Examples
    --------
    >>> from ferclassifier.metrics import reliability_curve
    >>> curve = reliability_curve(["fear", "sad"], [[0.9, 0.1], [0.6, 0.4]], n_bins=2)
    >>> curve.edges.tolist(), curve.confidence.tolist(), curve.accuracy.tolist()
    ([0.0, 0.5, 1.0], [nan, 0.75], [nan, 0.5])
    """

    edges: NDArray[np.float64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    share: NDArray[np.float64]

    def __repr__(self) -> str:
        return f"<ReliabilityCurve of {count(len(self.share), 'bin')}: error {self.error:.3f}>"

    def _repr_html_(self) -> str:
        """Show the bins that have images as a table in a notebook."""
        bins = [f"{low:.3f} to {high:.3f}" for low, high in pairwise(self.edges)]
        columns = {name: getattr(self, name) for name in ("confidence", "accuracy", "share")}
        table = pd.DataFrame(columns, index=pd.Index(bins, name="bin"))
        return as_html(table[self.share > 0], f"Calibration error {self.error:.3f}")

    @property
    def error(self) -> float:
        """The distance of accuracy from confidence, averaged over the images."""
        return float(np.nansum(self.share * np.abs(self.accuracy - self.confidence)))


def reliability_curve(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    classes: Any = None,
    sample_weight: ArrayLike | None = None,
    n_bins: int = N_BINS,
) -> ReliabilityCurve:
    """Compare the confidence of predictions with how often they are right.

    The confidence is the probability of the predicted class, which is the most probable one.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        The true labels.
    y_proba : array-like of shape (n, n_classes), in [0, 1]
        Predicted probabilities; rows sum to 1 within 1e-3.
    classes : array-like of shape (n_classes,), default=None
        The labels of the columns. None takes the names of the columns of a DataFrame, or else the
        sorted labels of `y_true`, but not codes that may be counted in another order.
    sample_weight : array-like of shape (n,), >= 0, default=None
        How many images each one stands for; one of weight 0 is left out.
    n_bins : int, default=15
        Number of bins of equal width.

    Returns
    -------
    ReliabilityCurve
        A named tuple of `edges`, `confidence`, `accuracy` and `share`.

    Raises
    ------
    ValueError
        As by :func:`~ferclassifier.metrics.emotion_report`, or if there is no bin.

    Examples
    --------
    >>> from ferclassifier.metrics import reliability_curve
    >>> y_proba = [[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.4, 0.6]]
    >>> curve = reliability_curve(["fear", "fear", "fear", "sad"], y_proba, n_bins=4)
    >>> curve.share.tolist()
    [0.0, 0.0, 0.5, 0.5]
    >>> curve.accuracy.tolist()
    [nan, nan, 1.0, 0.5]
    """
    data = LabelledProbabilities.of(y_true, y_proba, classes, sample_weight)
    return curve_of(data, n_bins)


def expected_calibration_error(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    classes: Any = None,
    sample_weight: ArrayLike | None = None,
    n_bins: int = N_BINS,
) -> float:
    """Return how far the confidence of predictions is from their accuracy, on average.

    The images are put into bins by the probability of their predicted class. In each bin, the
    mean of these probabilities is compared with the share of right predictions; the distances
    are averaged, each bin counting as many times as it has images [1]_.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        The true labels.
    y_proba : array-like of shape (n, n_classes), in [0, 1]
        Predicted probabilities; rows sum to 1 within 1e-3.
    classes : array-like of shape (n_classes,), default=None
        The labels of the columns. None takes the names of the columns of a DataFrame, or else the
        sorted labels of `y_true`, but not codes that may be counted in another order.
    sample_weight : array-like of shape (n,), >= 0, default=None
        How many images each one stands for; one of weight 0 is left out.
    n_bins : int, default=15
        Number of bins of equal width.

    Returns
    -------
    float in [0, 1]
        0 is perfect. Of few images it is too high: chance alone keeps bins from being exact.

    Raises
    ------
    ValueError
        As by :func:`~ferclassifier.metrics.emotion_report`, or if there is no bin.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural
       networks", ICML 2017, arXiv:1706.04599.

    Examples
    --------
    >>> from ferclassifier.metrics import expected_calibration_error
    >>> y_proba = [[0.75, 0.25], [0.75, 0.25], [0.75, 0.25], [0.0, 1.0]]
    >>> error = expected_calibration_error(["fear", "fear", "sad", "sad"], y_proba)
    >>> round(error, 4)
    0.0625
    """
    data = LabelledProbabilities.of(y_true, y_proba, classes, sample_weight)
    return curve_of(data, n_bins).error


def classwise_calibration_error(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    classes: Any = None,
    sample_weight: ArrayLike | None = None,
    n_bins: int = N_BINS,
) -> float:
    """Return the calibration error of the probabilities of each class, averaged over the classes.

    For each class, all images are put into bins by the probability of that class, whether or not
    it is predicted, and the mean of these probabilities is compared with the share of images of
    the class [1]_.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        The true labels.
    y_proba : array-like of shape (n, n_classes), in [0, 1]
        Predicted probabilities; rows sum to 1 within 1e-3.
    classes : array-like of shape (n_classes,), default=None
        The labels of the columns. None takes the names of the columns of a DataFrame, or else the
        sorted labels of `y_true`, but not codes that may be counted in another order.
    sample_weight : array-like of shape (n,), >= 0, default=None
        How many images each one stands for; one of weight 0 is left out.
    n_bins : int, default=15
        Number of bins of equal width.

    Returns
    -------
    float in [0, 1]
        0 is perfect. The more classes there are, the lower it gets, since most of the
        probabilities are then rightly close to 0.

    Raises
    ------
    ValueError
        As by :func:`~ferclassifier.metrics.emotion_report`, or if there is no bin.

    References
    ----------
    .. [1] M. Kull, M. Perello-Nieto, M. Kängsepp, T. Silva Filho, H. Song and P. Flach, "Beyond
       temperature scaling: obtaining well-calibrated multi-class probabilities with Dirichlet
       calibration", NeurIPS 2019, arXiv:1910.12656.

    Examples
    --------
    >>> from ferclassifier.metrics import classwise_calibration_error
    >>> y_proba = [[0.75, 0.25], [0.75, 0.25], [0.75, 0.25], [0.0, 1.0]]
    >>> error = classwise_calibration_error(["fear", "fear", "sad", "sad"], y_proba)
    >>> round(error, 4)
    0.0625
    """
    data = LabelledProbabilities.of(y_true, y_proba, classes, sample_weight)
    return classwise_error_of(data, n_bins)


def curve_of(data: LabelledProbabilities, n_bins: int = N_BINS) -> ReliabilityCurve:
    """Do what `reliability_curve` does, on what has been checked."""
    confidence = data.probabilities.max(axis=1)
    is_right = data.predicted == data.codes
    return _curve(confidence, is_right, data.weights_or_ones, n_bins)


def classwise_error_of(data: LabelledProbabilities, n_bins: int = N_BINS) -> float:
    """Do what `classwise_calibration_error` does, on what has been checked."""
    weights = data.weights_or_ones
    curves = (
        _curve(column, data.codes == code, weights, n_bins)
        for code, column in enumerate(data.probabilities.T)
    )
    return float(np.mean([curve.error for curve in curves]))


def _curve(
    probability: NDArray[np.float64],
    happened: NDArray[np.bool_],
    weights: NDArray[np.float64],
    n_bins: int,
) -> ReliabilityCurve:
    """Compare the probability of an event with how often it happened."""
    if not isinstance(n_bins, Integral) or n_bins < 1:
        raise ValueError(f"Got n_bins={quoted(n_bins)}, but expected a whole number from 1 on.")
    edges = np.linspace(0, 1, n_bins + 1)
    bins = np.digitize(probability, edges[1:-1], right=True)

    def total(values: NDArray[Any]) -> Any:
        return np.bincount(bins, weights=values, minlength=n_bins)

    weight = total(weights)
    with np.errstate(invalid="ignore"):
        return ReliabilityCurve(
            edges,
            total(weights * probability) / weight,
            total(weights * happened) / weight,
            weight / weight.sum(),
        )
