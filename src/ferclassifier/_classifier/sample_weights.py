"""Weights of images: those that were given, times those of their classes."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.sklearn_compat import check_sample_weight
from ferclassifier._utils.wording import count, quoted

_Weights = NDArray[np.float64]


def checked_weights(sample_weight: Any, codes: NDArray[np.intp], *, name: str) -> _Weights | None:
    """Return the weights of images as float64, None where none are given.

    Parameters
    ----------
    sample_weight : array-like of shape (n,) or None
    codes : ndarray of shape (n,)
    name : str
        What the weights are called where they were given, for the error.

    Raises
    ------
    ValueError
        If there is not one for each image, one is negative, NaN or infinite, or none is positive.
    """
    if sample_weight is None:
        return None
    values = np.asarray(sample_weight, dtype=np.float64)
    if not values.any():
        raise _nothing_left(name)
    is_bad = ~(np.isfinite(values) & (values >= 0))
    if is_bad.any():
        raise ValueError(
            f"Got {name} with {count(int(is_bad.sum()), 'value')} such as "
            f"{values[is_bad][0]}, but expected finite numbers of at least 0."
        )
    weights: _Weights = check_sample_weight(sample_weight, codes, dtype=np.float64)
    return weights


def weights_of_classes(
    class_weight: str | Mapping[Any, float] | None,
    classes: NDArray[Any],
    codes: NDArray[np.intp],
    sample_weight: _Weights | None = None,
) -> _Weights | None:
    """Return the weight of each class, None where all weigh the same.

    Parameters
    ----------
    class_weight : {"balanced", "sqrt"}, mapping of a class to its weight, or None
        Classes that a mapping leaves out weigh 1. One that has a weight for each class may name
        others, which a fold lacks perhaps. "sqrt" is the square root of "balanced".
    classes : ndarray of shape (n_classes,)
    codes : ndarray of shape (n,), int
        The place of each image's label among the classes.
    sample_weight : ndarray of shape (n,), >= 0, default=None
        An image of weight 2 counts as two images.

    Raises
    ------
    ValueError
        If a mapping names a class that there is not, and leaves one out that there is.
    """
    if class_weight is None:
        return None
    if isinstance(class_weight, Mapping):
        _check_names(class_weight, classes.tolist())
        return np.array([class_weight.get(label, 1.0) for label in classes.tolist()], np.float64)
    balanced = _balanced(np.bincount(codes, sample_weight, minlength=len(classes)))
    return np.sqrt(balanced) if class_weight == "sqrt" else balanced


def combined_weights(
    codes: NDArray[np.intp], sample_weight: _Weights | None, class_weights: _Weights | None
) -> tuple[_Weights | None, NDArray[np.intp]]:
    """Return the weights of images times those of their classes, and the rows that have any.

    Parameters
    ----------
    codes : ndarray of shape (n,), int
    sample_weight : ndarray of shape (n,), or None
    class_weights : ndarray of shape (n_classes,), or None

    Returns
    -------
    weights : ndarray of shape (n,), or None
        None where all weigh the same.
    rows : ndarray of int

    Raises
    ------
    ValueError
        If no image is left, or the weights are too large to be added.
    """
    if class_weights is None:
        weights = sample_weight
    else:
        with np.errstate(over="ignore"):
            weights = class_weights[codes] * (1.0 if sample_weight is None else sample_weight)
    if weights is None:
        return None, np.arange(len(codes))
    with np.errstate(over="ignore"):
        if not np.isfinite(weights.sum()):
            raise ValueError(
                f"Got weights of images and classes up to {weights.max():.3g}, of which the sum is "
                "infinite. Divide them by the largest: only their ratios count."
            )
    rows = np.flatnonzero(weights)
    if not len(rows):
        raise _nothing_left("class_weight")
    return weights, rows


def _check_names(class_weight: Mapping[Any, float], classes: list[Any]) -> None:
    """Refuse names that are none of the classes, unless all of these have theirs.

    As in scikit-learn: a name that is misspelt leaves the class that it means without a weight.
    """
    known = set(classes)
    unknown = [label for label in class_weight if label not in known]
    missing = {str(label): label for label in classes if label not in class_weight}
    if not unknown or not missing:
        return
    meant = next(
        (
            f"{quoted(missing[found[0]])} instead of {quoted(label)}"
            for label in unknown
            if (found := get_close_matches(str(label), missing, n=1))
        ),
        "the names of classes",
    )
    raise ValueError(
        f"Got class_weight for {quoted(unknown)}, but the classes are {quoted(classes)}. Write "
        f"{meant}; names of classes that a fold lacks are ignored if all classes that it has are "
        "given a weight, of 1 perhaps."
    )


def _balanced(sums: NDArray[Any]) -> _Weights:
    """Return what brings the sums of all classes to the same; 1 for those without images.

    scikit-learn's `compute_class_weight` does so from 1.9 on, and counts images before.
    """
    present = sums > 0
    weights = np.ones(len(sums))
    weights[present] = sums.sum() / (np.count_nonzero(present) * sums[present])
    return weights


def _nothing_left(name: str) -> ValueError:
    return ValueError(
        f"Got a {name} of zero for every image, but at least one must be positive: there is "
        "nothing to learn from."
    )
