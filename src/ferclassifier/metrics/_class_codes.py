"""The place of labels among classes, which need not be sorted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier.exceptions import DataError

_N_NAMED = 5


def codes_of(labels: NDArray[Any], classes: NDArray[Any], *, name: str) -> NDArray[np.intp]:
    """Return the place of each label among the classes.

    Parameters
    ----------
    labels : ndarray of shape (n,)
    classes : ndarray of shape (n_classes,)
        In any order.
    name : str
        What the labels are called where they were given, for the error.

    Returns
    -------
    codes : ndarray of shape (n,), int

    Raises
    ------
    DataError
        If there are labels that are not among the classes.
    """
    place = {label: code for code, label in enumerate(classes.tolist())}
    codes = np.array([place.get(label, -1) for label in labels.tolist()], dtype=np.intp)
    if (codes < 0).any():
        unknown = list(dict.fromkeys(labels[codes < 0].tolist()))
        named = ", ".join(map(repr, unknown[:_N_NAMED])) + (" ..." * (len(unknown) > _N_NAMED))
        raise DataError(
            f"{name} holds {named}, but the classes are {', '.join(map(repr, place))}. Pass labels "
            "as the classifier knows them; where probabilities are given without a classifier, "
            "pass the labels of their columns as classes."
        )
    return codes
