"""Labels that are probably wrong, by confident learning."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from ferclassifier._utils.extras import import_extra
from ferclassifier._utils.wording import count, percent, quoted
from ferclassifier.audit._audited import Audited
from ferclassifier.audit._finding import NO_IMAGES, Finding
from ferclassifier.audit._likeness import RepeatedImages
from ferclassifier.exceptions import DataError
from ferclassifier.metrics._class_codes import codes_of
from ferclassifier.metrics._columns import classes_of_columns
from ferclassifier.metrics._labelled_probabilities import check_probabilities


class CannotCheckError(Exception):
    """Labels cannot be checked; the text says why."""


def check_source(
    y_proba: ArrayLike | None, estimator: Any, audited: Audited, classes: Any
) -> NDArray[np.float64] | None:
    """Check where probabilities are to come from, and return them if they are there.

    Parameters
    ----------
    y_proba : array-like of shape (n, n_classes), or None
    estimator : object
    audited : Audited
    classes : array-like, or None
        The labels of the columns, if anything says them.
    """
    if y_proba is None and estimator is None:
        return None
    if y_proba is not None and estimator is not None:
        raise DataError("Got y_proba and an estimator, but expected one of them.")
    if audited.y is None:
        raise DataError("Got y_proba or an estimator, but no labels to check: give y, too.")
    if y_proba is not None:
        return _checked_probabilities(y_proba, audited, audited.y, classes)
    if not hasattr(estimator, "predict_proba"):
        raise ValueError(
            f"Got estimator={quoted(estimator)}, but expected a classifier with predict_proba: "
            "CalibratedClassifierCV gives one to a classifier without."
        )
    return None


def _checked_probabilities(
    y_proba: ArrayLike, audited: Audited, y: NDArray[Any], given: Any
) -> NDArray[np.float64]:
    """Check that there is a column for each class, and a row for each image, or one of NaN."""
    classes = audited.classes
    assert classes is not None
    probabilities = np.asarray(y_proba)
    expected = (len(audited), len(classes))
    if probabilities.shape != expected:
        raise DataError(
            f"Got y_proba of shape {probabilities.shape}, but expected {expected}: a row for each "
            f"image and a column for each of the classes {quoted(classes.tolist())}. If the model "
            "knows other classes, give them all, in the order of the columns: "
            "classes=clf.classes_."
        )
    classes_of_columns(y_proba, given, y)  # refuses what may be in another order
    known = ~pd.isna(probabilities).all(axis=1)
    checked = np.full(expected, np.nan)
    if known.any():
        checked[known] = check_probabilities(probabilities[known])
    return checked


def leave_out_copies(
    probabilities: NDArray[np.float64], repeated: RepeatedImages
) -> NDArray[np.float64]:
    """Leave out copies and near duplicates of images that are left out: both were seen."""
    seen = repeated.are_like(np.isnan(probabilities[:, 0]))
    return np.where(seen[:, np.newaxis], np.nan, probabilities)


def predict_unseen(
    estimator: Any, X: Any, audited: Audited, same_image: NDArray[np.intp], cv: Any
) -> NDArray[np.float64]:
    """Predict each image by a model that saw neither it nor a duplicate of it.

    Raises
    ------
    CannotCheckError
        If there is no estimator, or a class has fewer distinct images than there are folds.
    """
    if estimator is None:
        raise CannotCheckError("not checked, which takes a model")
    y, classes = audited.y, audited.classes
    assert y is not None
    assert classes is not None
    if isinstance(cv, Integral):
        _check_distinct(y, same_image, int(cv))
        cv = StratifiedGroupKFold(int(cv), shuffle=True, random_state=0)
    predicted = cross_val_predict(estimator, X, y, cv=cv, groups=same_image, method="predict_proba")
    probabilities = np.zeros((len(y), len(classes)))
    probabilities[:, codes_of(np.unique(y), classes, name="y")] = predicted
    return probabilities


def _check_distinct(y: NDArray[Any], same_image: NDArray[np.intp], n_folds: int) -> None:
    for label in np.unique(y):
        n_distinct = len(np.unique(same_image[y == label]))
        if n_distinct < n_folds:
            raise CannotCheckError(
                f"{count(n_distinct, 'distinct image')} of class {label}, fewer than the "
                f"{n_folds} folds"
            )


def find_label_errors(
    audited: Audited, probabilities: NDArray[np.float64], is_visible: NDArray[np.bool_]
) -> Finding:
    """Find labels that the probabilities speak against, the most doubtful first."""
    classes, y = audited.classes, audited.y
    assert classes is not None
    assert y is not None
    checked = np.flatnonzero(is_visible & ~np.isnan(probabilities).all(axis=1))
    codes = codes_of(y[checked], classes, name="y")
    rows = probabilities[checked] / probabilities[checked].sum(axis=1, keepdims=True)
    doubtful = _issues(codes, rows)
    confidence = rows[doubtful, codes[doubtful]]
    accuracy = np.mean(np.argmax(rows, axis=1) == codes) if len(codes) else 0.0
    return Finding(
        kind="label-errors",
        title="Labels that are probably wrong",
        explanation=(
            f"{count(len(doubtful), 'image')} of the {len(checked):,} that were checked probably "
            f"belong to another class, says a model that agrees with {percent(accuracy)} of all "
            "labels; the less it agrees, the less it can tell. Some labels are wrong, some faces "
            "are hard: look at the first before you change or leave out any, and change none in a "
            "test set that others are scored on."
        ),
        indices=checked[doubtful],
        scores=confidence,
        score_name="probability of the given label",
        suggested_labels=classes[np.argmax(rows[doubtful], axis=1)],
    )


def _issues(codes: NDArray[np.intp], probabilities: NDArray[np.float64]) -> NDArray[np.intp]:
    """Let cleanlab find the issues, by the lowest probability of the given label first."""
    if len(np.unique(codes)) < 2:
        return NO_IMAGES
    with warnings.catch_warnings():
        # Its tqdm misses ipywidgets in a notebook, for a bar that is not shown.
        warnings.filterwarnings("ignore", "IProgress not found")
        find = import_extra("cleanlab.filter", "audit").find_label_issues
        # Of a class that is never predicted with confidence cleanlab says so, and goes on.
        warnings.simplefilter("ignore", UserWarning)
        found: NDArray[np.intp] = find(
            codes, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1
        )
    return found
