"""What a network learns of images: labels as codes of classes, or shares of several."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite, check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import DataError
from ferclassifier.metrics._class_codes import codes_of
from ferclassifier.metrics._columns import named_columns, why_another_order
from ferclassifier.metrics._label_column import label_column

_SOFT_TARGET_TOLERANCE = 1e-3


def checked_labels(y: Any, n_images: int) -> NDArray[Any]:
    """Return labels in one dimension, one for each image.

    Raises
    ------
    ValueError
        If there are others, or they are none of a classification.
    """
    labels: NDArray[Any] = label_column(y, warn=True)
    assert_all_finite(labels, input_name="y")
    check_classification_targets(labels)
    if len(labels) != n_images:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {[n_images, len(labels)]}"
        )
    return labels


def classes_of(
    labels: NDArray[Any], classes: Any, known: NDArray[Any] | None, *, is_partial: bool
) -> NDArray[Any]:
    """Return the classes of a fit, sorted.

    Parameters
    ----------
    labels : ndarray of shape (n,)
    classes : array-like or None
        What `partial_fit` was told.
    known : ndarray or None
        Those of the fit that goes on; None for a new one.
    is_partial : bool

    Raises
    ------
    ValueError
        If they are others than those of the fit that goes on, or a first `partial_fit` names none.
    """
    if known is None:
        if is_partial and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return np.unique(column_or_1d(classes) if is_partial else labels)
    if classes is not None and not np.array_equal(np.unique(classes), known):
        raise ValueError(
            f"Got classes={quoted(np.unique(classes).tolist())}, but earlier calls had "
            f"{quoted(known.tolist())}."
        )
    if not is_partial and not np.array_equal(np.unique(labels), known):
        raise ValueError(
            "warm_start can only be used where `self.classes_` remain the same as in "
            f"the previous call to fit. Previously got {quoted(known.tolist())}, y has "
            f"{quoted(np.unique(labels).tolist())}."
        )
    return known


def codes_among(classes: NDArray[Any], labels: NDArray[Any]) -> NDArray[np.intp]:
    """Return the index of each label among sorted classes.

    Raises
    ------
    ValueError
        If a label is none of them.
    """
    known = np.isin(labels, classes)
    if not known.all():
        raise ValueError(
            f"Got the labels {quoted(np.unique(labels[~known]).tolist())}, but expected only "
            f"{quoted(classes.tolist())}."
        )
    return np.searchsorted(classes, labels)


def blended_targets(
    codes: NDArray[np.intp],
    soft_targets: Any,
    *,
    classes: NDArray[Any],
    n_outputs: int,
    weight: float,
) -> NDArray[Any]:
    """Return the index of each image's class or, where there are soft targets, shares of classes.

    Parameters
    ----------
    codes : ndarray of shape (n,), int
    soft_targets : array-like of shape (n, n_classes), or None
        Probabilities.
    classes : ndarray of shape (n_classes,)
        Sorted.
    n_outputs : int
        A network has two outputs at least.
    weight : float in [0, 1]
        What the soft targets count against the labels.

    Returns
    -------
    targets : ndarray of shape (n,), int, or of shape (n, n_outputs), float32

    Raises
    ------
    ValueError
        If the soft targets are no probabilities, not one row for each image, or of other classes.
    """
    if soft_targets is None:
        return codes
    shares = check_array(soft_targets, dtype=np.float32, input_name="soft_targets")
    n_classes = len(classes)
    expected = (len(codes), n_classes)
    if shares.shape != expected:
        raise ValueError(
            f"Got soft_targets of shape {shares.shape}, but expected {expected}: a row for "
            "each image and a column for each class."
        )
    if shares.min() < 0 or np.abs(shares.sum(axis=1) - 1).max() > _SOFT_TARGET_TOLERANCE:
        raise ValueError(
            "Got soft_targets that are no probabilities: expected values of at least 0 that "
            "add up to 1 in each row."
        )
    shares = _in_order(shares, named_columns(soft_targets), classes, codes)
    one_hot = np.eye(n_outputs, dtype=np.float32)[codes]
    blended: NDArray[np.float32] = (1 - np.float32(weight)) * one_hot
    blended[:, :n_classes] += np.float32(weight) * shares
    return blended


def _in_order(
    shares: NDArray[np.float32],
    named: NDArray[Any] | None,
    classes: NDArray[Any],
    codes: NDArray[np.intp],
) -> NDArray[np.float32]:
    """Put the columns of soft targets into the order of the classes, if they have names."""
    if named is None:
        other = why_another_order(classes, classes[codes], shares, name="soft_targets")
        if other is not None:
            raise DataError(f"{other} Sort the columns as the labels are, or name them.")
        return shares
    # The names differ, says check_array.
    return shares[:, np.argsort(codes_of(named, classes, name="the header of soft_targets"))]
