"""Probabilities that do not jump from frame to frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Smoother:
    """Exponentially weighted means in time, one for each face.

    Parameters
    ----------
    half_life : float
        Seconds after which a moment counts half; 0 leaves everything as it is.

    Notes
    -----
    A face whose expression changes at once is taken for the new one after about `half_life`. The
    means are weighted by what has been seen, so that the first moments are not drawn to anything,
    as in ``pandas.DataFrame.ewm(adjust=True)``.
    """

    def __init__(self, half_life: float) -> None:
        self._half_life = half_life
        self._of_face: dict[int, tuple[float, float, NDArray[np.float64]]] = {}

    def smooth(
        self, face: int, time: float, probabilities: NDArray[np.floating]
    ) -> NDArray[np.float64]:
        """Return the mean for a face, with what was seen of it at this time."""
        now = np.asarray(probabilities, np.float64)
        if not self._half_life:
            return now
        weight, total = 1.0, now
        if face in self._of_face:
            before, its_weight, its_total = self._of_face[face]
            share = 0.5 ** (max(0.0, time - before) / self._half_life)
            weight, total = 1.0 + share * its_weight, now + share * its_total
        self._of_face[face] = time, weight, total
        return total / weight

    def forget(self, before: float) -> None:
        """Let go of faces that were last seen before a time."""
        self._of_face = {n: kept for n, kept in self._of_face.items() if kept[0] >= before}
