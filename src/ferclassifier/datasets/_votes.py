"""What ten people said of each face of FER-2013, by the rules of FER+."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Named here for whoever reads votes.
from ferclassifier._utils.emotions import EIGHT_EMOTIONS as EIGHT_EMOTIONS
from ferclassifier._utils.emotions import VOTE_NAMES as VOTE_NAMES

# The columns of Microsoft's files, in the order of `VOTE_NAMES`.
VOTE_COLUMNS = (
    *("anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"),
    *("unknown", "NF"),
)

_N_EMOTIONS = len(EIGHT_EMOTIONS)
# More people than were ever asked of an image.
MOST_VOTES = 1_000

NOBODY, NO_MAJORITY, UNKNOWN, NO_FACE = "nobody was asked", "no majority", "unknown", "no face"


@dataclass(frozen=True)
class Votes:
    """Votes for some images, and what the rules of FER+ make of them.

    A single vote for something is an outlier, and is taken away. What then has more than half of
    the votes that are left is the majority. An image without one, or with one for "unknown" or "no
    face", has no label.

    Parameters
    ----------
    counts : ndarray of shape (n, 10), int64
        All votes: for the eight emotions, in the order of their names, for "unknown" and for "no
        face".

    References
    ----------
    E. Barsoum et al., "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced
    Label Distribution", 2016, arXiv:1608.01041.
    """

    counts: NDArray[np.int64]

    @property
    def kept(self) -> NDArray[np.int64]:
        """The votes without outliers, of shape (n, 10)."""
        return np.where(self.counts > 1, self.counts, 0)

    @property
    def shares(self) -> NDArray[np.float32]:
        """Shares of the emotions in the votes for any, of shape (n, 8); even if there are none."""
        emotions = self.kept[:, :_N_EMOTIONS]
        total = emotions.sum(axis=1, keepdims=True)
        shares = np.full(emotions.shape, 1 / _N_EMOTIONS)
        np.divide(emotions, total, out=shares, where=total > 0)
        return shares.astype(np.float32)

    @property
    def codes(self) -> NDArray[np.intp]:
        """The emotion with the most votes, the first if there are several, of shape (n,)."""
        codes: NDArray[np.intp] = self.kept[:, :_N_EMOTIONS].argmax(axis=1)
        return codes

    @property
    def has_majority(self) -> NDArray[np.bool_]:
        """Whether an emotion has the majority, of shape (n,)."""
        most: NDArray[np.int64] = self.kept[:, :_N_EMOTIONS].max(axis=1)
        return self._is_most(most)

    @property
    def is_emotion(self) -> NDArray[np.bool_]:
        """Whether more than half of the votes are for any emotions, of shape (n,)."""
        emotions: NDArray[np.int64] = self.kept[:, :_N_EMOTIONS].sum(axis=1)
        return self._is_most(emotions)

    def reasons(self) -> NDArray[np.str_]:
        """Say why an emotion has no majority, of shape (n,): empty where one has."""
        unknown, no_face = (self._is_most(self.kept[:, _N_EMOTIONS + i]) for i in (0, 1))
        return np.select(
            [self.has_majority, self.counts.sum(axis=1) == 0, unknown, no_face],
            ["", NOBODY, UNKNOWN, NO_FACE],
            NO_MAJORITY,
        )

    def _is_most(self, votes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether they are more than half of those that are left."""
        is_most: NDArray[np.bool_] = 2 * votes > self.kept.sum(axis=1)
        return is_most
