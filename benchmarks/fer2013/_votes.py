"""The votes of FER+ for the images of FER-2013, by the rules of its paper.

About ten people were asked of each image, for one of eight emotions, "unknown" or "no face". A
single vote is an outlier and is taken away. An image has a majority if one answer has more than
half of the votes that are left; without one, or with that for "unknown" or "no face", it is in no
score. A network may learn from more: from all images of which more than half of the votes that are
left are for emotions, whichever they are.

Barsoum et al., "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
Distribution", arXiv:1608.01041. Where the file has no image name nobody was asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_COLUMNS = {
    "angry": "anger",
    "contempt": "contempt",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "neutral": "neutral",
    "sad": "sadness",
    "surprise": "surprise",
}
EIGHT_EMOTIONS = np.array(list(_COLUMNS))
_USAGES = {"train": "Training", "validation": "PublicTest"}


class Votes(NamedTuple):
    """What people said of each image.

    Attributes
    ----------
    counts : ndarray of shape (n, 10), int
        All votes: for the emotions, in the order of `EIGHT_EMOTIONS`, for "unknown" and for "no
        face". Zeros where nobody was asked.
    shares : ndarray of shape (n, 8), float32
        The share of each emotion in the votes for emotions, without outliers; even where there
        are none.
    plurality : ndarray of shape (n,), str
        The emotion with the most votes, the first of them if there are several.
    has_majority : ndarray of shape (n,), bool
        Whether that is a majority.
    is_emotion : ndarray of shape (n,), bool
        Whether more than half of the votes are for emotions.
    """

    counts: NDArray[np.int64]
    shares: NDArray[np.float32]
    plurality: NDArray[np.str_]
    has_majority: NDArray[np.bool_]
    is_emotion: NDArray[np.bool_]

    @property
    def agreeing(self) -> NDArray[np.int64]:
        """How many gave the most frequent answer."""
        return self.counts.max(axis=1)


def read_votes(path: str | Path, subset: str) -> Votes:
    """Read fer2013new.csv, a row for each row of fer2013.csv: "train" or "validation"."""
    table = pd.read_csv(path)
    table = table[table["Usage"] == _USAGES[subset]]
    counts = table[[*_COLUMNS.values(), "unknown", "NF"]].to_numpy(dtype=np.int64, copy=True)
    counts[table["Image name"].isna()] = 0
    kept = np.where(counts > 1, counts, 0)
    emotions, total = kept[:, : len(_COLUMNS)], kept.sum(axis=1)
    n_emotions = emotions.sum(axis=1)
    even = np.full(emotions.shape, 1 / len(_COLUMNS))
    shares = np.divide(emotions, n_emotions[:, None], out=even, where=n_emotions[:, None] > 0)
    return Votes(
        counts,
        shares.astype(np.float32),
        EIGHT_EMOTIONS[emotions.argmax(axis=1)],
        2 * emotions.max(axis=1) > total,
        2 * n_emotions > total,
    )
