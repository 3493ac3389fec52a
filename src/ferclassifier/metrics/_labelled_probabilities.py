"""Predicted probabilities beside the true labels, checked once for all scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_array, check_consistent_length

from ferclassifier._utils.sklearn_compat import check_sample_weight
from ferclassifier.exceptions import DataError
from ferclassifier.metrics._class_codes import codes_of
from ferclassifier.metrics._columns import classes_of_columns, with_columns
from ferclassifier.metrics._label_column import label_column

# What rounding, float16 included, takes off the sum of a row.
_SUM_TOLERANCE = 1e-3

# Up to here float64 knows all whole numbers.
_LARGEST_COUNT = 2.0**53


@dataclass(frozen=True, eq=False)
class LabelledProbabilities:
    """What a classifier said of some images, and what is true of them.

    Images of weight zero are left out, as if they had not been given.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
    codes : ndarray of shape (n,), int
        The place of each true label in `classes`.
    probabilities : ndarray of shape (n, n_classes), float64
        Each row sums to 1.
    predicted : ndarray of shape (n,), int
        The place of the largest probability, the first of equal ones.
    confidence : ndarray of shape (n,), float16, float32 or float64
        The largest probability, as it was given; 1 where rounding put it above.
    weights : ndarray of shape (n,), float64 > 0, or None
    rows : ndarray of shape (n,), int
        The places of the images among those that were given.
    """

    classes: NDArray[Any]
    codes: NDArray[np.intp]
    probabilities: NDArray[np.float64]
    predicted: NDArray[np.intp]
    confidence: NDArray[np.floating[Any]]
    weights: NDArray[np.float64] | None
    rows: NDArray[np.intp]

    @classmethod
    def of(
        cls, y_true: ArrayLike, y_proba: ArrayLike, classes: Any, sample_weight: ArrayLike | None
    ) -> LabelledProbabilities:
        """Check what a user gave; see `emotion_report` for the parameters and what is raised."""
        labels = label_column(y_true, name="y_true")
        given = with_columns(y_proba)
        check_consistent_length(labels, given, sample_weight)
        weights = None if sample_weight is None else check_weights(sample_weight, given)
        rows = np.arange(len(given)) if weights is None else np.flatnonzero(weights)
        probabilities = check_probabilities(given[rows])
        classes = classes_of_columns(y_proba, classes, labels, rows)
        is_exact = given.dtype.kind == "f" and given.dtype.itemsize <= probabilities.itemsize
        return cls(
            classes,
            codes_of(labels[rows], classes, name="y_true"),
            probabilities / probabilities.sum(axis=1, keepdims=True),
            probabilities.argmax(axis=1),
            (given[rows] if is_exact else probabilities).max(axis=1).clip(max=1),
            None if weights is None else weights[rows],
            rows,
        )

    @property
    def weights_or_ones(self) -> NDArray[np.float64]:
        """The weight of each image."""
        return np.ones(len(self.codes)) if self.weights is None else self.weights

    @property
    def n_images(self) -> float:
        """The number of images, or the sum of their weights."""
        n_images: float = self.as_numbers(self.weights_or_ones.sum()).item()
        return n_images

    def as_numbers(self, sums: Any) -> NDArray[Any]:
        """Return sums of weights as whole numbers if all weights are such."""
        weights = self.weights_or_ones
        if (weights % 1).any() or weights.sum() > _LARGEST_COUNT:
            return np.asarray(sums)
        whole: NDArray[np.int64] = np.rint(sums).astype(np.int64)
        return whole

    def take(self, rows: NDArray[Any]) -> LabelledProbabilities:
        """Return some of the images, by a mask or by their places."""
        return LabelledProbabilities(
            self.classes,
            self.codes[rows],
            self.probabilities[rows],
            self.predicted[rows],
            self.confidence[rows],
            None if self.weights is None else self.weights[rows],
            self.rows[rows],
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
    try:
        probabilities: NDArray[np.float64] = check_array(
            with_columns(y_proba), dtype=np.float64, input_name="y_proba"
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


def check_weights(sample_weight: ArrayLike, given: Any) -> NDArray[np.float64]:
    """Check the weights of what is given: one for each, none below zero, and not all of them zero.

    Raises
    ------
    ValueError
        If they are no such weights.
    """
    if not np.any(sample_weight):
        raise DataError("All of sample_weight is zero: there is no image left to be scored.")
    weights: NDArray[np.float64] = check_sample_weight(
        sample_weight, given, dtype=np.float64, ensure_non_negative=True
    )
    return weights
