"""What each face in a video showed, from moment to moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import DataError
from ferclassifier.video._rows import columns_of

# A face that is not seen for so many seconds, or so many frames if these are far apart, is gone.
_GONE, _GONE_FRAMES = 0.5, 3


class Course:
    """The numbers of a timeline.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (n_rows,)
        Those of `analyze_video` that are numbers.
    classes : sequence of str or number
    thumbnails : mapping of int to ndarray, default=None
    """

    def __init__(
        self,
        columns: Mapping[str, NDArray[np.float64]],
        classes: Sequence[Any],
        thumbnails: Mapping[int, NDArray[np.uint8]] | None = None,
    ) -> None:
        self._columns = dict(columns)
        self.classes = list(classes)
        self.thumbnails = dict(thumbnails or {})

    def __len__(self) -> int:
        return len(self._columns["time"])

    @property
    def faces(self) -> list[int]:
        """The numbers of the faces, in their order."""
        number = self._columns["face"]
        return [int(n) for n in np.unique(number[np.isfinite(number)])]

    @property
    def step(self) -> float:
        """Seconds from one frame to the next, the median of all."""
        times = np.unique(self._columns["time"])
        return float(np.median(np.diff(times))) if len(times) > 1 else 0.0

    @property
    def gap(self) -> float:
        """Seconds after which a face that is not seen is gone for a while."""
        return max(_GONE, _GONE_FRAMES * self.step)

    def of_face(self, face: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return when a face was seen, and what it showed.

        Returns
        -------
        times : ndarray of shape (n,)
            In seconds.
        probabilities : ndarray of shape (n, n_classes)

        Raises
        ------
        DataError
            If there is no face of that number.
        """
        chosen = self._columns["face"] == face
        if not chosen.any():
            raise DataError(f"Got face={quoted(face)}, but the faces are {quoted(self.faces)}.")
        shares = [self._columns[name][chosen] for name in columns_of(self.classes)]
        return self._columns["time"][chosen], np.stack(shares, axis=1)
