"""A photo at several sizes, cut into overlapping tiles, as the networks are to see it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

# What a network computes for a larger tile does not stay in a processor's cache: it takes more time
# for each pixel, and hundreds of MB.
_LONGEST = 384
# By how many pixels tiles overlap: a face that is larger is smaller in the step before.
_OVERLAP = 64


class Tile(NamedTuple):
    """A part of a photo at some size.

    Attributes
    ----------
    pixels : ndarray of shape (height, width, 3), uint8
        Black beyond the edges of the photo. The sides are multiples of some step.
    corner : tuple of (x, y)
        Where its corner lies, in pixels of the photo.
    scale : tuple of (x, y)
        How many pixels of the photo one of its pixels is.
    cut : tuple of (left, top, right, bottom), bool
        At which of its edges the photo goes on.
    """

    pixels: NDArray[np.uint8]
    corner: tuple[float, float]
    scale: tuple[float, float]
    cut: tuple[bool, bool, bool, bool]


def tiles_of(image: Image.Image, sides: Iterable[float], step: int, least: int) -> Iterator[Tile]:
    """Bring a photo to several sizes, and cut it into tiles.

    Parameters
    ----------
    image : PIL.Image.Image
        In colours.
    sides : iterable of float
        What the longer side of the photo is brought to, in pixels.
    step : int
        Height and width of the tiles are multiples of it.
    least : int
        And they are no less than this.

    Yields
    ------
    Tile
    """
    from PIL import Image

    for side in sides:
        ratio = side / max(image.size)
        width, height = (max(1, round(n * ratio)) for n in image.size)
        resized = image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
        scale = (image.width / width, image.height / height)
        columns, rows = (_parts(length, step, least) for length in (width, height))
        for top, bottom in rows:
            for left, right in columns:
                pixels = np.asarray(resized.crop((left, top, right, bottom)))
                cut = (left > 0, top > 0, right < width, bottom < height)
                yield Tile(pixels, (left * scale[0], top * scale[1]), scale, cut)


def _parts(length: int, step: int, least: int) -> list[tuple[int, int]]:
    """Cut a side into the fewest parts, which are spread evenly and overlap."""
    n_parts = max(1, math.ceil((length - _OVERLAP) / (_LONGEST - _OVERLAP)))
    size = max(math.ceil((length + (n_parts - 1) * _OVERLAP) / n_parts), least)
    size += -size % step
    if n_parts == 1:
        start = (length - size) // 2
        return [(start, start + size)]
    starts = [round(i * (length - size) / (n_parts - 1)) for i in range(n_parts)]
    return [(start, start + size) for start in starts]
