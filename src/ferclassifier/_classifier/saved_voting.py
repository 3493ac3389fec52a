"""A fitted FERVotingClassifier as JSON and arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._classifier.classifier import FERClassifier
from ferclassifier._classifier.saved_classifier import (
    CLASSIFIER,
    describe_classifier,
    restore_classifier,
)
from ferclassifier._classifier.temperature import HIGHEST, LOWEST
from ferclassifier._files.schema import between, list_of, number, optional, record, string
from ferclassifier.exceptions import ModelFileError

_MOST_MEMBERS = 1000

VOTING = record(
    members=list_of(record(name=string, model=CLASSIFIER), shortest=1, longest=_MOST_MEMBERS),
    weights=optional(list_of(number, longest=_MOST_MEMBERS)),
    temperature=between(LOWEST, HIGHEST),
)


def describe_voting(clf: Any) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return what `restore_voting` takes.

    Parameters
    ----------
    clf : FERVotingClassifier
        Fitted.

    Returns
    -------
    described : dict
        What JSON has.
    weights : dict of str to ndarray, float32
        Those of all members; each name begins with the member's place, as in "0/".

    Raises
    ------
    ModelFileError
        If a member is no FERClassifier, or one that a file cannot hold.
    """
    members, weights = [], {}
    for i, (name, member) in enumerate(_members_of(clf)):
        described, inside = describe_classifier(member)
        members.append({"name": name, "model": described})
        weights.update({f"{i}/{key}": values for key, values in inside.items()})
    votes = None if clf.weights is None else np.asarray(clf.weights, dtype=float).tolist()
    described = {"members": members, "weights": votes, "temperature": float(clf.temperature_)}
    return described, weights


def restore_voting(
    kind: Any, described: dict[str, Any], weights: Mapping[str, NDArray[Any]]
) -> Any:
    """Return a fitted ensemble.

    Parameters
    ----------
    kind : type
        FERVotingClassifier.
    described : dict
        As `VOTING` has it.
    weights : mapping of str to ndarray, float32

    Raises
    ------
    ModelFileError
        If a member is not valid, or the members do not fit together.
    """
    shares = _shares(weights, len(described["members"]))
    members = [
        (member["name"], restore_classifier(FERClassifier, member["model"], share))
        for member, share in zip(described["members"], shares, strict=True)
    ]
    try:
        clf = kind.from_fitted(members, weights=described["weights"])
    except ValueError as error:
        raise ModelFileError(f"the members make no ensemble: {error}") from error
    clf.temperature_ = described["temperature"]
    return clf


def _members_of(clf: Any) -> list[tuple[str, FERClassifier]]:
    names = [name for name, _ in clf.estimators]
    for name, member in zip(names, clf.estimators_, strict=True):
        if type(member) is not FERClassifier:
            raise ModelFileError(
                f"The member {name!r} is a {type(member).__name__}, but a model file holds members "
                "that are FERClassifier. Keep the ensemble with joblib.dump."
            )
    return list(zip(names, clf.estimators_, strict=True))


def _shares(weights: Mapping[str, NDArray[Any]], n_members: int) -> list[dict[str, NDArray[Any]]]:
    """Deal the weights out to the members, without the prefixes."""
    shares: dict[str, dict[str, NDArray[Any]]] = {str(i): {} for i in range(n_members)}
    for name, values in weights.items():
        place, _, inside = name.partition("/")
        if place not in shares:
            raise ModelFileError(f"the weights {name:.60} belong to none of {n_members} members.")
        shares[place][inside] = values
    return list(shares.values())
