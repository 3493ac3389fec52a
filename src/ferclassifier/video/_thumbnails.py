"""A small picture of each face in a video: the best that was seen of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ferclassifier.faces._faces import Face
from ferclassifier.faces._frames import cut, frame_of

_SIDE = 64
_MARGIN = 0.1
# Of more faces there are none: a crowd in a long video would take any memory.
_MOST_FACES = 100
# A picture is made anew only if the face is so much larger, in this many steps at most.
_LARGER = 1.25


class Thumbnails:
    """Keeps them.

    Attributes
    ----------
    of_face : dict of int to ndarray of shape (64, 64, 3), uint8
        By the numbers of the faces.
    """

    def __init__(self) -> None:
        self.of_face: dict[int, NDArray[np.uint8]] = {}
        self._sides: dict[int, float] = {}

    def look(self, number: int, face: Face, pixels: NDArray[np.uint8]) -> None:
        """Keep what a frame shows of a face, if it is more than before."""
        side = face.box[2] - face.box[0]
        if side < _LARGER * self._sides.get(number, 0.0):
            return
        if number in self._sides or len(self._sides) < _MOST_FACES:
            self._sides[number] = side
            self.of_face[number] = cut(pixels, frame_of(face, margin=_MARGIN), (_SIDE, _SIDE), 3)
