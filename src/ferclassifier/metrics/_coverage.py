"""How accurate a classifier is on the images that it is surest of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ferclassifier._utils.notebook import as_html
from ferclassifier._utils.wording import count
from ferclassifier.metrics._labelled_probabilities import LabelledProbabilities


class CoverageAccuracyCurve(NamedTuple):
    """The accuracy on the images that are kept, by how many are kept.

    Attributes
    ----------
    coverage : ndarray of shape (n_thresholds,), in (0, 1]
        Share of images whose highest probability is not below the threshold, rising to 1.
    accuracy : ndarray of shape (n_thresholds,), in [0, 1]
        Share of right predictions among these.
    thresholds : ndarray of shape (n_thresholds,), in (0, 1]
        The highest probabilities that occur, falling, as `y_proba` has them: what `predict` takes
        as ``reject_below``. Of the dtype of `y_proba` if that is of floats, else float64.

    Examples
    --------
    >>> from ferclassifier.metrics import coverage_accuracy_curve
    >>> curve = coverage_accuracy_curve(["fear", "sad"], [[0.9, 0.1], [0.6, 0.4]])
    >>> curve.coverage.tolist(), curve.accuracy.tolist()
    ([0.5, 1.0], [1.0, 0.5])
    """

    coverage: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    thresholds: NDArray[np.floating[Any]]

    def __repr__(self) -> str:
        thresholds = count(len(self.thresholds), "threshold")
        return (
            f"<CoverageAccuracyCurve of {thresholds}: area under risk {self.area_under_risk:.3f}>"
        )

    def _repr_html_(self) -> str:
        """Show what is reached by keeping each tenth of the images as a table in a notebook."""
        places = np.searchsorted(self.coverage, np.linspace(0.1, 1, 10) - 1e-9)
        rows = {name: getattr(self, name)[places] for name in self._fields}
        table = pd.DataFrame(rows).drop_duplicates("thresholds").set_index("coverage")
        return as_html(table, f"Area under risk {self.area_under_risk:.3f}")

    @property
    def area_under_risk(self) -> float:
        """AURC: the share of wrong predictions among those kept, averaged over all coverages."""
        return float((1 - self.accuracy) @ np.diff(self.coverage, prepend=0))


def coverage_accuracy_curve(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    classes: Any = None,
    sample_weight: ArrayLike | None = None,
) -> CoverageAccuracyCurve:
    """Compute how accurate predictions are if the least sure ones are rejected.

    At each threshold the images are kept whose highest probability is not below it: the coverage
    is their share, and what is wrong among them is the selective risk [1]_ [2]_. They are those for
    which ``y_proba.max(axis=1) >= threshold``, and which `predict` keeps with the threshold as
    ``reject_below``.

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

    Returns
    -------
    CoverageAccuracyCurve
        A named tuple of `coverage`, `accuracy` and `thresholds`, from the surest image to all of
        them. Its `area_under_risk` is the area under the risk-coverage curve (AURC), in steps: the
        lower, the better do probabilities tell right predictions from wrong ones.

    Raises
    ------
    ValueError
        As by :func:`~ferclassifier.metrics.emotion_report`.

    See Also
    --------
    ferclassifier.inspection.CoverageDisplay : The same as a picture.

    References
    ----------
    .. [1] R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective classification",
       Journal of Machine Learning Research 11, 2010, pp. 1605-1641.
    .. [2] Y. Geifman and R. El-Yaniv, "Selective classification for deep neural networks", NeurIPS
       2017, arXiv:1705.08500.

    Examples
    --------
    >>> from ferclassifier.metrics import coverage_accuracy_curve
    >>> y_proba = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]]
    >>> curve = coverage_accuracy_curve(["fear", "fear", "fear", "sad"], y_proba)
    >>> curve.thresholds.tolist()
    [0.9, 0.8, 0.7, 0.6]
    >>> curve.coverage.tolist()
    [0.25, 0.5, 0.75, 1.0]
    >>> curve.accuracy.round(3).tolist()
    [1.0, 1.0, 0.667, 0.75]
    """
    data = LabelledProbabilities.of(y_true, y_proba, classes, sample_weight)
    # The probabilities as they were given: scaled to sum to 1 exactly, they would differ in their
    # last digit from those that predict compares with a threshold.
    order = np.argsort(-data.confidence, kind="stable")
    confidence, weights = data.confidence[order], data.weights_or_ones[order]
    # Images of one probability are kept or rejected together.
    ends = np.append(np.flatnonzero(np.diff(confidence)), len(confidence) - 1)
    kept = np.cumsum(weights)[ends]
    right = np.cumsum(weights * (data.predicted == data.codes)[order])[ends]
    return CoverageAccuracyCurve(kept / kept[-1], right / kept, confidence[ends])
