"""The votes of several raters for each image, checked once for all scores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ferclassifier._utils.emotions import EIGHT_EMOTIONS, VOTE_NAMES, is_no_emotion, meaning_of
from ferclassifier._utils.wording import names_quoted, quoted
from ferclassifier.exceptions import DataError
from ferclassifier.metrics._columns import named_columns, why_another_order

# What rounding takes off the sum of shares, and off a half of it.
_SUM_TOLERANCE, _HALF_TOLERANCE = 1e-3, 1e-6
_NAME_THEM = "Pass the answers that the columns stand for, such as vote_names=data.vote_names."


@dataclass(frozen=True, eq=False)
class RaterVotes:
    """What raters said of some images.

    Attributes
    ----------
    given : ndarray of shape (n, n_answers), float64 >= 0
        All votes: numbers of raters, or shares of them.
    answers : ndarray of shape (n_answers,)
        What the columns stand for: labels, and perhaps "unknown" and "no face".
    places : ndarray of shape (n_classes,), int
        The column of each class of the classifier.
    are_counts : bool
        Whether `given` holds numbers of raters.
    """

    given: NDArray[np.float64]
    answers: NDArray[Any]
    places: NDArray[np.intp]
    are_counts: bool

    @classmethod
    def of(
        cls,
        votes: ArrayLike,
        vote_names: Any,
        labels: NDArray[Any],
        classes: NDArray[Any],
        rows: NDArray[np.intp],
    ) -> RaterVotes:
        """Check what a user gave.

        Parameters
        ----------
        votes, vote_names : array-like
            See `emotion_report`, also for what is raised.
        labels : ndarray of shape (n_given,)
            The true ones, with which unnamed columns of codes are compared.
        classes : ndarray of shape (n_classes,)
        rows : ndarray of shape (n,), int
            The images that count.
        """
        table = np.asarray(votes)
        if table.ndim != 2 or len(table) != len(labels):
            raise DataError(
                f"Got votes of shape {table.shape}, but expected ({len(labels)}, n_answers): a row "
                "for each image, a column for each answer that raters could give."
            )
        given = _numbers_of(table[rows])
        are_counts = _are_counts(given)
        answers, are_named = _answers_of(votes, vote_names, table.shape[1], classes)
        if not are_named:
            other = why_another_order(classes, labels[rows], given, name="votes")
            if other is not None:
                raise DataError(f"{other} {_NAME_THEM}")
        return cls(given, answers, _places_of(classes, answers), are_counts)

    def take(self, rows: NDArray[Any]) -> RaterVotes:
        """Return those for some of the images, by a mask or by their places."""
        return replace(self, given=self.given[rows])

    @property
    def kept(self) -> NDArray[np.float64]:
        """The votes without outliers, of shape (n, n_answers).

        A single vote beside several for something else is one.
        """
        if not self.are_counts:
            return self.given
        is_outlier = (self.given == 1) & (self.given.max(axis=1, keepdims=True) > 1)
        return np.where(is_outlier, 0, self.given)

    @property
    def shares(self) -> NDArray[np.float64]:
        """Shares of the answers in all votes, of shape (n, n_answers); zeros where are none."""
        return _shares_of(self.given)

    @property
    def shares_of_classes(self) -> NDArray[np.float64]:
        """Shares of the classes in the votes for any, without outliers; zeros where are none."""
        return _shares_of(self.kept[:, self.places])

    @property
    def is_judged(self) -> NDArray[np.bool_]:
        """Whether more than half of the votes without outliers are for any labels."""
        return self._is_most(self.kept[:, self._are_labels].sum(axis=1))

    @property
    def has_majority(self) -> NDArray[np.bool_]:
        """Whether more than half of the votes without outliers are for one label."""
        return self._is_most(self.kept[:, self._are_labels].max(axis=1, initial=0))

    @property
    def majority(self) -> NDArray[np.intp]:
        """The class with the most votes, -1 where it is none of the classifier's."""
        classes = np.full(len(self.answers), -1, dtype=np.intp)
        classes[self.places] = np.arange(len(self.places))
        labels = np.where(self._are_labels, self.kept, -1)
        majority: NDArray[np.intp] = classes[labels.argmax(axis=1)]
        return majority

    @property
    def _are_labels(self) -> NDArray[np.bool_]:
        are = np.array([not is_no_emotion(answer) for answer in self.answers.tolist()], dtype=bool)
        are[self.places] = True
        return are

    def _is_most(self, votes: NDArray[np.float64]) -> NDArray[np.bool_]:
        is_most: NDArray[np.bool_] = 2 * votes > self.kept.sum(axis=1) * (1 + _HALF_TOLERANCE)
        return is_most


def _shares_of(votes: NDArray[np.float64]) -> NDArray[np.float64]:
    total = votes.sum(axis=1, keepdims=True)
    shares = np.zeros_like(votes)
    np.divide(votes, total, out=shares, where=total > 0)
    return shares


def _numbers_of(table: NDArray[Any]) -> NDArray[np.float64]:
    try:
        given: NDArray[np.float64] = table.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"Got votes of type {table.dtype}, but expected numbers. Of a table, pass the columns "
            "that hold votes."
        ) from error
    bad = ~(np.isfinite(given) & (given >= 0))
    if bad.any():
        raise DataError(
            f"Got votes that hold {given[bad][0]}, but expected numbers of raters, or shares of "
            "them. Where nobody was asked, write zeros."
        )
    if not given.any():
        raise DataError("All votes are zero: there is nothing to compare with.")
    return given


def _are_counts(given: NDArray[np.float64]) -> bool:
    if not (given % 1).any():
        return True
    sums = given.sum(axis=1)
    is_bad = (np.abs(sums - 1) > _SUM_TOLERANCE) & (sums != 0)
    if is_bad.any():
        raise DataError(
            f"Got votes of which a row sums to {sums[is_bad][0]:.4g}, but expected whole numbers "
            "of raters, or shares that sum to 1 for each image, or to 0 where nobody was asked."
        )
    return False


def _answers_of(
    votes: Any, vote_names: Any, n_columns: int, classes: NDArray[Any]
) -> tuple[NDArray[Any], bool]:
    """Return what each column stands for, and whether that is known by names."""
    named = named_columns(votes)
    if vote_names is not None:
        told = np.asarray(vote_names)
        if told.ndim != 1 or len(told) != n_columns or len(set(told.tolist())) < n_columns:
            raise DataError(
                f"Got vote_names={quoted(vote_names)} for votes of {n_columns} columns, but "
                "expected a name for each, all different."
            )
        if named is not None and named.tolist() != told.tolist():
            raise DataError(
                f"Got vote_names={quoted(told.tolist())}, but the columns of votes are named "
                f"{quoted(named.tolist())}. Leave vote_names out."
            )
        return told, True
    if named is not None:
        return named, True
    is_sorted = classes.tolist() == np.unique(classes).tolist()
    if n_columns == len(classes) and is_sorted:
        return classes, False
    for answers in (VOTE_NAMES, EIGHT_EMOTIONS):
        if n_columns == len(answers) != len(classes):
            return np.array(answers), True
    raise DataError(
        f"Got votes of {n_columns} columns without names for the classes "
        f"{names_quoted(classes.tolist())}: nothing says what the columns stand for. {_NAME_THEM}"
    )


def _places_of(classes: NDArray[Any], answers: NDArray[Any]) -> NDArray[np.intp]:
    """Return the column of each class, by its name or by a synonym."""
    exact = {answer: place for place, answer in enumerate(answers.tolist())}
    meant = {_meaning(answer): place for answer, place in exact.items()}
    found = [exact.get(label, meant.get(_meaning(label))) for label in classes.tolist()]
    missing = [label for label, place in zip(classes.tolist(), found, strict=True) if place is None]
    if missing or len(set(found)) < len(found):
        what = f"no column for {names_quoted(missing)}" if missing else "one column for two classes"
        raise DataError(
            f"Got votes with {what}: their columns are {names_quoted(answers.tolist())}. "
            f"{_NAME_THEM}"
        )
    return np.array(found, dtype=np.intp)


def _meaning(label: Any) -> Any:
    return meaning_of(label) if isinstance(label, str) else label
