"""The place of labels among classes, which need not be sorted, and labels that have none."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.emotions import meaning_of
from ferclassifier._utils.wording import in_words, quoted, shortened
from ferclassifier.exceptions import DataError

_N_NAMED = 5
_LONGEST = 80


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
        known = ", ".join(map(repr, place))
        raise DataError(
            f"{name} holds {shortened(named, _LONGEST)}, but the classes are "
            f"{shortened(known, _LONGEST)}. Pass labels "
            "as the classifier knows them; where probabilities are given without a classifier, "
            "pass the labels of their columns as classes."
        )
    return codes


def check_spelling(labels: NDArray[Any], classes: NDArray[Any]) -> None:
    """Refuse codes where the classes are names, and warn of names in another spelling.

    Labels that a classifier does not know are wrong answers of its own, as everywhere in
    scikit-learn: a fold may lack a class. What a user wrote in another way than `fit` was told is
    none of the classifier's mistakes.

    Parameters
    ----------
    labels : ndarray of shape (n,)
    classes : ndarray of shape (n_classes,)

    Raises
    ------
    DataError
        If some are names and the others are not.

    Warns
    -----
    UserWarning
        If labels are classes in another case or by a synonym, or none of them is a class.
    """
    given, known = set(labels.tolist()), set(classes.tolist())
    unknown = given - known
    if not unknown:
        return
    if {isinstance(label, str) for label in given} != {isinstance(label, str) for label in known}:
        raise DataError(
            f"Got the labels {_named(given)}, but the classifier was fitted on {_named(known)}. "
            "Pass labels as it was fitted on: the loaders have names in target, and codes in "
            "target_codes."
        )
    written = {meaning_of(label): label for label in known if isinstance(label, str)}
    names = [label for label in unknown if isinstance(label, str)]
    meant = {name: written[meaning_of(name)] for name in names if meaning_of(name) in written}
    if not meant and unknown < given:
        return
    if meant:
        pairs = [f"{quoted(name)} for {quoted(own)}" for name, own in sorted(meant.items())]
        what = f"other spellings of those that it knows: {in_words(pairs)}"
    else:
        what = f"all of them: {_named(unknown)}"
    warnings.warn(
        "Labels that the classifier does not know count as wrong answers. Here they are "
        f"{what}. It was fitted on {_named(known)}.",
        stacklevel=3,
    )


def _named(labels: set[Any]) -> str:
    return in_words([quoted(label) for label in sorted(labels, key=str)], _N_NAMED)
