"""Where to look for faces: the whole photo, and tiles of it, at several sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

# Tiles of a row overlap by at least this share of their side: a face that is larger is smaller in
# the tiles of the step before.
_OVERLAP = 0.2


class Tile(NamedTuple):
    """A square part of a photo, as the network is to see it.

    Attributes
    ----------
    pixels : ndarray of shape (side, side, 3), uint8
        Black beyond the edges of the photo.
    left, top : float
        Where its corner lies, in pixels of the photo.
    scale : tuple of (x, y)
        How many pixels of the photo one of its pixels is.
    cut : tuple of (left, top, right, bottom), bool
        At which of its edges the photo goes on.
    """

    pixels: NDArray[np.uint8]
    left: float
    top: float
    scale: tuple[float, float]
    cut: tuple[bool, bool, bool, bool]


def tiles_of(image: Image.Image, zooms: tuple[float, ...], side: int) -> Iterator[Tile]:
    """Cut a photo into tiles of one size.

    Parameters
    ----------
    image : PIL.Image.Image
        In colours.
    zooms : tuple of float
        How many times as large as a tile the longer side of the photo is made. 1 and less give one
        tile that holds all of the photo.
    side : int
        The height and the width of the tiles, in pixels.

    Yields
    ------
    Tile
    """
    from PIL import Image

    for zoom in zooms:
        ratio = zoom * side / max(image.size)
        width, height = (max(1, round(n * ratio)) for n in image.size)
        resized = image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
        scale = (image.width / width, image.height / height)
        for top in _starts(height, side):
            for left in _starts(width, side):
                pixels = np.asarray(resized.crop((left, top, left + side, top + side)))
                cut = (left > 0, top > 0, left + side < width, top + side < height)
                yield Tile(pixels, left * scale[0], top * scale[1], scale, cut)


def _starts(length: int, side: int) -> list[int]:
    """Spread tiles evenly along a side; a shorter one lies in the middle of one tile."""
    if length <= side:
        return [(length - side) // 2]
    overlap = round(_OVERLAP * side)
    n_tiles = math.ceil((length - overlap) / (side - overlap))
    return [round(i * (length - side) / (n_tiles - 1)) for i in range(n_tiles)]
