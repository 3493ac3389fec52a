"""Predicted probabilities beside the true labels, checked once for all scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_array, check_consistent_length, column_or_1d

from ferclassifier._class_codes import codes_of
from ferclassifier._sklearn_compat import check_sample_weight
from ferclassifier.exceptions import DataError

# What rounding, float16 included, takes off the sum of a row.
_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class LabelledProbabilities:
    """What a classifier said of some images, and what is true of them.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
    codes : ndarray of shape (n,), int
        The place of each true label in `classes`.
    probabilities : ndarray of shape (n, n_classes), float64
        Each row sums to 1.
    predicted : ndarray of shape (n,), int
        The place of the largest probability, the first of equal ones.
    weights : ndarray of shape (n,), float64 >= 0, or None
    """

    classes: NDArray[Any]
    codes: NDArray[np.intp]
    probabilities: NDArray[np.float64]
    predicted: NDArray[np.intp]
    weights: NDArray[np.float64] | None

    @classmethod
    def of(
        cls, y_true: ArrayLike, y_proba: ArrayLike, classes: Any, sample_weight: ArrayLike | None
    ) -> LabelledProbabilities:
        """Check what a user gave; see `emotion_report` for the parameters and what is raised."""
        labels = column_or_1d(y_true)
        if classes is None and hasattr(y_proba, "columns"):
            classes = y_proba.columns
        given = check_probabilities(y_proba)
        check_consistent_length(labels, given, sample_weight)
        classes = _classes(classes, labels, given.shape[1])
        return cls(
            classes,
            codes_of(labels, classes, name="y_true"),
            given / given.sum(axis=1, keepdims=True),
            given.argmax(axis=1),
            None if sample_weight is None else _weights(sample_weight, given),
        )

    @property
    def weights_or_ones(self) -> NDArray[np.float64]:
        """The weight of each image."""
        return np.ones(len(self.codes)) if self.weights is None else self.weights

    def take(self, rows: NDArray[Any]) -> LabelledProbabilities:
        """Return some of the images, by a mask or by their places."""
        return LabelledProbabilities(
            self.classes,
            self.codes[rows],
            self.probabilities[rows],
            self.predicted[rows],
            None if self.weights is None else self.weights[rows],
        )


def check_probabilities(y_proba: ArrayLike) -> NDArray[np.float64]:
    """Check probabilities from outside.

    Parameters
    ----------
    y_proba : array-like of shape (n, n_classes), in [0, 1]
        Rows sum to 1 within 1e-3.

    Returns
    -------
    probabilities : ndarray of shape (n, n_classes), float64

    Raises
    ------
    DataError
        If they are no probabilities, or there are none.
    """
    given = np.asarray(y_proba)
    if given.ndim != 2:
        raise DataError(
            f"Got y_proba of shape {given.shape}, but expected (n_images, n_classes): a column of "
            "probabilities for each class, as predict_proba returns them."
        )
    try:
        probabilities: NDArray[np.float64] = check_array(
            given, dtype=np.float64, input_name="y_proba"
        )
    except ValueError as error:
        raise DataError(str(error)) from error
    low, high = probabilities.min(), probabilities.max()
    sums = probabilities.sum(axis=1)
    worst = sums[np.abs(sums - 1).argmax()]
    if low < 0 or abs(worst - 1) > _SUM_TOLERANCE:
        raise DataError(
            f"Got y_proba with values in [{low:.4g}, {high:.4g}] and a row that sums to "
            f"{worst:.4g}, but expected probabilities that sum to 1 for each image. Pass what "
            "predict_proba returns, not logits, scores or one column of several."
        )
    return probabilities


def _classes(classes: Any, labels: NDArray[Any], n_columns: int) -> NDArray[Any]:
    found = np.unique(labels) if classes is None else np.asarray(classes)
    if found.ndim != 1 or len(set(found.tolist())) < len(found):
        raise DataError(f"Got classes={classes!r}, but expected labels that differ, in a list.")
    if len(found) != n_columns:
        source = "y_true holds" if classes is None else "classes names"
        raise DataError(
            f"y_proba has {n_columns} columns, but {source} {len(found)} classes. Pass the labels "
            "of the columns in their order, such as classes=clf.classes_."
        )
    return found


def _weights(sample_weight: ArrayLike, given: NDArray[Any]) -> NDArray[np.float64]:
    if not np.any(sample_weight):
        raise DataError("All of sample_weight is zero: there is no image left to be scored.")
    weights: NDArray[np.float64] = check_sample_weight(
        sample_weight, given, dtype=np.float64, ensure_non_negative=True
    )
    return weights
