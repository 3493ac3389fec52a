"""The faces on which raters disagree most, with what they and the model say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.sklearn_compat import safe_indexing
from ferclassifier._utils.wording import number
from ferclassifier.inspection._pictures import pictures_for
from ferclassifier.metrics._rater_votes import RaterVotes

_MOST_NAMED = 3
_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, eq=False)
class Disputed:
    """An image on which raters disagree.

    Attributes
    ----------
    index : int
        Its position in the data.
    name : str
        What it is called.
    votes : dict of str to float
        What raters said, the most frequent answer first: how many did, or their share.
    are_counts : bool
        Whether `votes` are numbers of raters.
    probabilities : dict of str to float
        Of the classes, the most probable first.
    picture : ndarray of shape (height, width) or (height, width, 3), uint8
    """

    index: int
    name: str
    votes: dict[str, float]
    are_counts: bool
    probabilities: dict[str, float]
    picture: NDArray[np.uint8]

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        left_out = ("picture", "are_counts")
        return {name: value for name, value in vars(self).items() if name not in left_out}

    @property
    def raters_in_words(self) -> str:
        """What raters said: "5 sad, 3 fear, 2 neutral", or their shares."""
        if self.are_counts:
            return ", ".join(f"{number(n)} {answer}" for answer, n in self.votes.items())
        return _in_percent(self.votes)

    @property
    def model_in_words(self) -> str:
        """What the model says: "sad 61 %, fear 30 %"."""
        return _in_percent(self.probabilities, _MOST_NAMED)


def _in_percent(shares: dict[str, float], most: int | None = None) -> str:
    told = list(shares.items())[:most]
    return ", ".join(f"{name} {100 * share:.0f}{_SPACE}%" for name, share in told)


def find_disputed(
    estimator: Any,
    X: Any,
    raters: RaterVotes,
    proba: NDArray[Any],
    *,
    names: Sequence[str],
    n: int,
    image_shape: Sequence[int] | None,
    positions: NDArray[np.intp],
    image_names: Sequence[str] | None,
) -> list[Disputed]:
    """Bring together what is shown of the images on which raters disagree most.

    They are those on which two raters say the same least often, of the images that more than half
    of the raters gave a label.

    Parameters
    ----------
    estimator : estimator
    X : array-like
        The images, as the estimator takes them.
    raters : RaterVotes
        For these images.
    proba : ndarray of shape (n_images, n_classes)
    names : sequence of str
        What the classes are called.
    n : int
        How many images at most.
    image_shape : sequence of int or None
    positions : ndarray of shape (n_images,), int
        Where the images stand in the data.
    image_names : sequence of str or None
        Of all the data. None calls images by their positions.

    Returns
    -------
    disputed : list of Disputed
    """
    alike = (raters.shares**2).sum(axis=1)
    is_disputed = raters.is_judged & ((raters.given > 0).sum(axis=1) > 1)
    chosen = np.flatnonzero(is_disputed)
    chosen = chosen[np.argsort(alike[chosen], kind="stable")][:n]
    if not len(chosen):
        return []
    pictures = pictures_for(estimator, safe_indexing(X, chosen), image_shape)
    # A class is called as in the rest of the report, whatever raters call it.
    answers = [str(answer) for answer in raters.answers.tolist()]
    for name, place in zip(names, raters.places.tolist(), strict=True):
        answers[place] = str(name)
    disputed = []
    for place, index in enumerate(chosen.tolist()):
        position = int(positions[index])
        disputed.append(
            Disputed(
                index=position,
                name=f"image {position}" if image_names is None else image_names[position],
                votes=_by_size(answers, raters.given[index]),
                are_counts=raters.are_counts,
                probabilities=_by_size([str(name) for name in names], proba[index]),
                picture=pictures[place],
            )
        )
    return disputed


def _by_size(names: Sequence[str], values: NDArray[Any]) -> dict[str, float]:
    """Return what is above zero, the largest first."""
    order = np.argsort(-values, kind="stable").tolist()
    return {names[i]: float(values[i]) for i in order if values[i] > 0}
