"""The reject option: a label for images that a classifier is not sure of."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import quoted

_DEFAULT_LABELS = {"strings": "rejected", "numbers": -1}


class RejectOption:
    """Which predictions to withhold, and what to say instead.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
    below : float in [0, 1] or None
        Predictions of a lower probability are withheld; None withholds none.
    label : str, number or None
        What stands in their place; None takes "rejected" among strings, and -1 among numbers.

    Raises
    ------
    ValueError
        If `below` is no such number, or `label` is one of the classes, of another kind than they
        are, or given without `below`.
    """

    def __init__(self, classes: NDArray[Any], below: float | None, label: Any = None) -> None:
        if below is None:
            if label is not None:
                raise ValueError(
                    f"Got reject_label={quoted(label)} without reject_below. Pass the probability "
                    "below which predictions are to be rejected, or neither."
                )
        elif not isinstance(below, Real) or not 0 <= below <= 1:
            raise ValueError(
                f"Got reject_below={quoted(below)}, but expected a probability in [0, 1], or None."
            )
        else:
            label = _check_label(label, classes)
        self._classes = classes
        self._below = None if below is None else float(below)
        self._label = label

    def labels_of(self, probabilities: NDArray[np.float32]) -> NDArray[Any]:
        """Return the most probable class of each image, or what stands in its place."""
        labels = self._classes[probabilities.argmax(axis=1)]
        if self._below is None:
            return labels  # type: ignore[no-any-return]
        # np.where would cut a long string, and a number that the classes' type cannot hold.
        dtype = np.result_type(labels.dtype, np.asarray(self._label).dtype)
        labels = labels.astype(dtype)
        # NumPy compares with a Python float in the precision of the probabilities: 0.7 keeps the
        # float32 that is closest to it, and each threshold of a curve the image that it is from.
        labels[probabilities.max(axis=1) < self._below] = self._label
        return labels


def _check_label(label: Any, classes: NDArray[Any]) -> Any:
    known = classes.tolist()
    kind = "strings" if isinstance(known[0], str) else "numbers"
    if label is None:
        label = _DEFAULT_LABELS[kind]
    if not isinstance(label, str if kind == "strings" else Real):
        raise ValueError(
            f"Got reject_label={quoted(label)}, but the classes are {kind}. Pass one of their "
            f"kind, such as {_DEFAULT_LABELS[kind]!r}."
        )
    if label in known:
        raise ValueError(
            f"reject_label={quoted(label)} is one of the classes {quoted(known)}. Pass another "
            "reject_label, so that rejected images can be told from those of the class."
        )
    return label
