"""What a face looks like, as far as it tells one person in a video from another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ferclassifier.faces._faces import Face
from ferclassifier.faces._frames import cut, frame_of

# Small enough that a turn of the head or a smile changes little, with some hair and collar.
_SIDE = 12
_MARGIN = 0.2


def appearance_of(pixels: NDArray[np.uint8], face: Face) -> NDArray[np.float32]:
    """Describe a face by its colours.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8
    face : Face
        In pixels of it.

    Returns
    -------
    ndarray of shape (432,), float32
        Of length 1; its product with another is their correlation.
    """
    crop = cut(pixels, frame_of(face, margin=_MARGIN), (_SIDE, _SIDE), 3)
    values = crop.astype(np.float32).ravel()
    values -= values.mean()
    length = float(np.linalg.norm(values))
    return values / length if length else values


def likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Say how alike two faces look: 1 if they do not differ, 0 if they have nothing in common."""
    return float(one @ other)
