"""Some of a model's classes: the others are left out, and what is left has a sum of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files.labels import describe_classes, restore_classes
from ferclassifier._files.saved_model import SavedModel
from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import DataError

_SMALLEST = float(np.finfo(np.float32).tiny)


def places_of(wanted: Iterable[Any], classes: NDArray[Any]) -> NDArray[np.intp]:
    """Return where the classes that are wanted stand among those of a model, in its order.

    Parameters
    ----------
    wanted : iterable of labels
        In any order.
    classes : ndarray of shape (n_classes,)

    Raises
    ------
    DataError
        If a label is none of the model's or stands there twice, or there are less than two.
    TypeError
        If it is a text, or cannot be iterated over.
    """
    if isinstance(wanted, str | bytes) or not isinstance(wanted, Iterable):
        raise TypeError(f"Got classes={quoted(wanted)}, but expected a list of labels.")
    labels: list[Any] = wanted.tolist() if isinstance(wanted, np.ndarray) else list(wanted)
    known = classes.tolist()
    if unknown := [label for label in labels if label not in known]:
        raise DataError(
            f"Got classes={quoted(labels)}, but the model has no class {quoted(unknown[0])}. It "
            f"has {quoted(known)}."
        )
    kept = [place for place, label in enumerate(known) if label in labels]
    if len(kept) < len(labels):
        raise DataError(f"Got classes={quoted(labels)}, but expected each label once.")
    if len(kept) < 2:
        raise DataError(f"Got classes={quoted(labels)}, but expected two or more of {known}.")
    return np.array(kept)


def among(probabilities: NDArray[np.float32], kept: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the probabilities of some classes, given that it is one of them.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes), float32
    kept : ndarray of shape (n_kept,), int

    Returns
    -------
    probabilities : ndarray of shape (n, n_kept), float32
        The rows sum to 1, also where all of them were 0: then they are equal.
    """
    chosen = np.maximum(probabilities[:, kept], np.float32(_SMALLEST))
    found: NDArray[np.float32] = chosen / chosen.sum(axis=1, keepdims=True)
    return found


def with_some_classes(saved: SavedModel, wanted: Iterable[Any]) -> SavedModel:
    """Return a network whose last layer has some of its outputs.

    A softmax of some of its inputs is what the softmax of all gives for them, divided by their
    sum: so the network remains one, which can be saved, exported, explained and fitted further.

    Parameters
    ----------
    saved : SavedModel
        A FERClassifier that was checked when it was released.
    wanted : iterable of labels
        As for `places_of`.

    Raises
    ------
    DataError, TypeError
        As `places_of`.
    """
    classes = restore_classes(saved.described["classes"], "model.classes")
    kept = places_of(wanted, classes)
    last = max(name.partition(".")[0] for name in saved.weights)
    weights = {
        name: values[..., kept] if name.partition(".")[0] == last else values
        for name, values in saved.weights.items()
    }
    described = {**saved.described, "classes": describe_classes(classes[kept])}
    return replace(saved, described=described, weights=weights)
