"""How many images each class has in each group, and which classes are missing or rare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferclassifier._utils.printable import pandas_dtype
from ferclassifier._utils.wording import in_words
from ferclassifier.audit._audited import Audited
from ferclassifier.audit._finding import NO_IMAGES, Finding

# A class with less than this part of what it would have if all were equal is rare.
_RARE = 0.2


def class_balance(audited: Audited) -> pd.DataFrame | None:
    """Count the images of each class (rows) in each group (columns); None without labels."""
    if audited.y is None or audited.classes is None:
        return None
    groups = np.full(len(audited), "all") if audited.groups is None else audited.groups
    labels, names = audited.classes.tolist(), np.unique(groups).tolist()
    counts = [
        [np.count_nonzero(audited.y[groups == name] == label) for name in names] for label in labels
    ]
    index = pd.Index(labels, dtype=pandas_dtype(labels), name="class")
    return pd.DataFrame(counts, index, pd.Index(names, dtype=pandas_dtype(names)))


def find_missing_and_rare(audited: Audited, balance: pd.DataFrame) -> list[Finding]:
    """Find classes that have no image in a group, or few."""
    counts = balance.to_numpy()
    enough = _RARE * counts.sum(axis=0) / len(counts)
    missing = np.argwhere(counts == 0)
    rare = np.argwhere((counts > 0) & (counts < enough))
    rare = rare[np.argsort([counts[i, j] / enough[j] for i, j in rare], kind="stable")]
    return [
        Finding(
            kind="missing-classes",
            title="Classes without an image",
            explanation=(
                f"{_missing(balance, missing)} A model cannot learn a class without images, and "
                "macro-averaged scores cannot be compared with those of a group that has it. "
                "Divide the images anew, stratified by label."
            ),
            n_faults=len(missing),
        ),
        _rare_classes(audited, balance, rare),
    ]


def _rare_classes(audited: Audited, balance: pd.DataFrame, rare: NDArray[np.intp]) -> Finding:
    sets = [_images_of(audited, balance.index[i], balance.columns[j]) for i, j in rare]
    return Finding(
        kind="rare-classes",
        title="Classes with few images",
        explanation=(
            f"{_rare(balance, rare)} A model hardly ever predicts a class of so few and loses "
            "little accuracy by it: look at macro-averaged scores, and try class_weight or an "
            "over-sampler."
        ),
        indices=np.concatenate(sets) if sets else NO_IMAGES,
        groups=sets,
        scores=np.repeat([len(s) for s in sets], [len(s) for s in sets]) if sets else None,
        score_name="number of images of the class",
    )


def _missing(balance: pd.DataFrame, missing: NDArray[np.intp]) -> str:
    if not len(missing):
        return "Every class has images."
    return f"There is no image of {_places(balance, missing)}."


def _rare(balance: pd.DataFrame, rare: NDArray[np.intp]) -> str:
    if not len(rare):
        return "No class has less than a fifth of an equal share."
    places = _places(balance, rare, balance.to_numpy())
    return f"These have less than a fifth of an equal share: {places}."


def _images_of(audited: Audited, label: Any, group: Any) -> NDArray[np.intp]:
    chosen = audited.y == label
    if audited.groups is not None:
        chosen &= audited.groups == group
    return np.flatnonzero(chosen)


def _places(
    balance: pd.DataFrame, places: NDArray[np.intp], counts: NDArray[np.intp] | None = None
) -> str:
    """Name classes with their groups, and their numbers of images where wanted."""
    words = []
    for i, j in places:
        where = "" if balance.shape[1] == 1 else f" in {balance.columns[j]}"
        number = "" if counts is None else f" ({counts[i, j]:,} of {counts[:, j].sum():,})"
        words.append(f"{balance.index[i]!s}{where}{number}")
    return in_words(words)
