"""Which label each column of probabilities stands for."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ferclassifier._utils.emotions import EMOTIONS, code_in, emotion_of
from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import DataError

_PASS_CLASSES = "Pass the labels of the columns in their order, such as classes=clf.classes_."

# Two orders of all emotions, of their codes and of their names.
_ORDERS = [list(range(len(EMOTIONS))), [EMOTIONS.index(name) for name in sorted(EMOTIONS)]]

# How many standard deviations make one order of the columns better than another.
_SIGNIFICANT = 4


def with_columns(y_proba: ArrayLike) -> NDArray[Any]:
    """Return an array of rows and columns, or raise a DataError."""
    given = np.asarray(y_proba)
    if given.ndim != 2:
        raise DataError(
            f"Got y_proba of shape {given.shape}, but expected (n_images, n_classes): a column of "
            "probabilities for each class, as predict_proba returns them."
        )
    return given


def named_columns(y_proba: Any) -> NDArray[Any] | None:
    """Return the names of the columns of a DataFrame; None if they were only counted."""
    columns = getattr(y_proba, "columns", None)
    return None if columns is None or isinstance(columns, pd.RangeIndex) else np.asarray(columns)


def classes_of_columns(
    y_proba: Any, classes: Any, labels: NDArray[Any], rows: NDArray[np.intp] | None = None
) -> NDArray[Any]:
    """Return the label of each column: as the user says, by its name, or as sorted labels have it.

    Parameters
    ----------
    y_proba : array-like of shape (n, n_classes)
    classes : array-like of shape (n_classes,), or None
    labels : ndarray of shape (n,)
    rows : ndarray of int, default=None
        The images that count; None takes all.

    Returns
    -------
    classes : ndarray of shape (n_classes,)

    Raises
    ------
    DataError
        If `y_proba` is no table, if there are not as many labels as columns, if they are the names
        of the columns in another order, or if sorted labels may be in another order than columns.

    Warns
    -----
    UserWarning
        If what the user says is clearly another order than that of the columns.
    """
    given, named = with_columns(y_proba), named_columns(y_proba)
    n_columns = given.shape[1]
    if classes is not None:
        found, source = np.asarray(classes), "classes names"
        _check_listed(found, classes)
        _check_names(found, named)
    elif named is not None:
        found, source = named, "its columns name"
        _check_listed(found, named)
    else:
        found, source = np.unique(labels if rows is None else labels[rows]), "y_true holds"
        if rows is not None and len(found) < n_columns:
            # Images of weight zero are not scored, but their labels may name the columns.
            found = np.unique(labels)
    if len(found) != n_columns:
        raise DataError(
            f"y_proba has {n_columns} columns, but {source} {len(found)} classes. {_PASS_CLASSES}"
        )
    if named is None:
        if rows is not None:
            labels, given = labels[rows], given[rows]
        other = why_another_order(found, labels, given, name="y_proba")
        if classes is None:
            _check_numbers(found)
            if other is not None:
                raise DataError(f"{other} {_PASS_CLASSES}")
        elif other is not None and [_code_of(label) for label in found.tolist()] in _ORDERS:
            warnings.warn(f"{other} Look whether classes is in their order.", stacklevel=4)
    return found


def _check_listed(found: NDArray[Any], given: Any) -> None:
    if found.ndim != 1 or len(set(found.tolist())) < len(found):
        raise DataError(f"Got classes={quoted(given)}, but expected labels that differ, in a list.")


def _check_names(classes: NDArray[Any], named: NDArray[Any] | None) -> None:
    """Refuse classes that are the names of the columns in another order."""
    if named is None:
        return
    told, names = [str(label) for label in classes.tolist()], [str(name) for name in named.tolist()]
    if told != names and sorted(told) == sorted(names):
        raise DataError(
            f"Got classes={quoted(told)}, but the columns of y_proba are named {quoted(names)}, "
            "which is another order. Leave classes out."
        )


def _check_numbers(labels: NDArray[Any]) -> None:
    """Refuse numbers that may be counted otherwise than the columns are sorted.

    The codes of FER-2013 are not in the order of the names, by which models of names sort their
    columns, and every other data set of seven expressions has an order of its own.
    """
    codes = [code_in(label) for label in labels.tolist()]
    if None in codes or (len(codes) != len(EMOTIONS) and other_order(labels) is None):
        return
    raise DataError(
        f"y_true holds the codes {quoted(labels.tolist())}, and nothing says in which order the "
        "columns of y_proba are: a model of names has them in that of the alphabet, FER-2013 has "
        f"not. {_PASS_CLASSES}"
    )


def why_another_order(
    labels: NDArray[Any], y_true: NDArray[Any], y_proba: NDArray[Any], *, name: str
) -> str | None:
    """Say why columns must be in the other of two orders that emotions have.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        In the order of the columns, as far as is known.
    y_true : ndarray of shape (n,)
    y_proba : ndarray of shape (n, n_classes)
    name : str
        What the probabilities are called.

    Returns
    -------
    reason : str or None
        None where the other order makes no more of the predictions right than chance would.
    """
    order = other_order(labels)
    if order is None or y_proba.dtype.kind not in "fiu":
        return None
    place = {label: code for code, label in enumerate(labels.tolist())}
    truth = np.array([place.get(label, -1) for label in y_true.tolist()], dtype=np.intp)
    rows = np.isfinite(y_proba).all(axis=1) & (truth >= 0)
    matrix = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(matrix, (truth[rows], y_proba[rows].argmax(axis=1)), 1)
    if not is_clearly_better(matrix, order):
        return None
    return (
        f"Got {name} that say the label of {np.trace(matrix)} of {matrix.sum()} images with "
        f"columns in the order of {quoted(labels.tolist())}, but of "
        f"{matrix[order, range(len(order))].sum()} with columns in that of "
        f"{quoted(labels[order].tolist())}."
    )


def other_order(labels: NDArray[Any]) -> NDArray[np.intp] | None:
    """Return the other of two orders that emotions have, that of their codes and of their names.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        Emotions in any spelling, or their codes.

    Returns
    -------
    order : ndarray of shape (n_classes,), int, or None
        The places of the labels: by codes, or by names if they are sorted by codes. None where that
        is the same order, or there are other labels.
    """
    codes = [_code_of(label) for label in labels.tolist()]
    known = [code for code in codes if code is not None and code < len(EMOTIONS)]
    if len(known) < len(codes):
        return None
    for keys in (known, [EMOTIONS[code] for code in known]):
        order = np.argsort(np.array(keys))
        if not np.array_equal(order, np.arange(len(order))):
            return order
    return None


def _code_of(label: Any) -> int | None:
    """Return the code of an emotion, which may be given itself."""
    emotion = emotion_of(label) if isinstance(label, str) else None
    return code_in(label) if emotion is None else EMOTIONS.index(emotion)


def is_clearly_better(matrix: NDArray[Any], order: NDArray[np.intp]) -> bool:
    """Tell whether predictions are right far more often if columns stand for other classes.

    Parameters
    ----------
    matrix : ndarray of shape (n_classes, n_classes)
        Numbers of images: rows are true, columns predicted.
    order : ndarray of shape (n_classes,), int
        The class that each column may stand for instead.
    """
    places = np.arange(len(order))
    moved = places[order != places]
    gained, lost = matrix[order[moved], moved].sum(), matrix[moved, moved].sum()
    return bool(gained - lost > _SIGNIFICANT * np.sqrt(gained + lost))
