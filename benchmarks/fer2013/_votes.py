"""The votes of FER+ for the images of one part of FER-2013, in their order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferclassifier.datasets import _votes
from ferclassifier.datasets._votes_table import read_votes as read_table

EIGHT_EMOTIONS = np.array(_votes.EIGHT_EMOTIONS)


class Votes(_votes.Votes):
    """What people said of each image, whether they agree or not."""

    @property
    def plurality(self) -> NDArray[np.str_]:
        """The emotion with the most votes, the first of them if there are several."""
        return EIGHT_EMOTIONS[self.codes]

    @property
    def agreeing(self) -> NDArray[np.int64]:
        """How many gave the most frequent answer."""
        return self.counts.max(axis=1)


def read_votes(path: str | Path, subset: str) -> Votes:
    """Read fer2013new.csv, a row for each row of fer2013.csv: "train" or "validation"."""
    table = read_table(path)
    return Votes(table.counts[np.array(table.usages) == subset])
