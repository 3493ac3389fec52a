"""Photos, as far as faces are to be found in them: upright, in colours, of a bounded side."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier.images._decoder import (
    MAX_PIXELS,
    convert,
    decode,
    errors_named,
    pillow_silenced,
)

if TYPE_CHECKING:
    from PIL import Image

    from ferclassifier.images._source_kinds import ImageSource

# Of a photo of 12 million pixels it leaves half of each side, which are 9 MB.
MAX_SIDE = 2048

# A JPEG file gives a half, a quarter or an eighth of its sides for less time than all of them: this
# share of `max_side` is enough.
_SHARE_THAT_IS_ENOUGH = 0.75
_ORIENTATION = 0x0112
# The orientations of EXIF in which width and height change places.
_ON_THE_SIDE = {5, 6, 7, 8}


class Photo(NamedTuple):
    """A photo that stands upright.

    Attributes
    ----------
    pixels : ndarray of shape (height, width, 3), uint8 in [0, 255]
        Red, green and blue. A photo whose longer side has more than `max_side` pixels is reduced.
    size : tuple of (height, width)
        What it has as it stands in its file, in pixels, once it is upright.
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]


def read_photo(
    source: ImageSource, *, max_side: int = MAX_SIDE, max_pixels: int = MAX_PIXELS
) -> Photo:
    """Decode a photo in which faces are to be found.

    Parameters
    ----------
    source : str, path, bytes, binary file object, PIL.Image.Image, dict or ndarray
        Whatever `read_image` takes.
    max_side : int, default=2048
        A photo whose longer side is longer is reduced to it, a JPEG file while it is decoded.
    max_pixels : int, default=50000000
        A photo of more pixels is refused by its header, before it is decoded.

    Returns
    -------
    Photo

    Raises
    ------
    ImageError
        If it cannot be decoded, or has too many pixels.
    TypeError
        If `source` is nothing that an image can be read from.
    """
    with pillow_silenced():
        return decode_photo(source, max_side=max_side, max_pixels=max_pixels)


def decode_photo(
    source: ImageSource, *, max_side: int = MAX_SIDE, max_pixels: int = MAX_PIXELS
) -> Photo:
    """Do what `read_photo` does, in any number of threads, and let Pillow's warnings through."""
    in_file: list[tuple[int, int]] = []

    def draft(image: Image.Image) -> None:
        in_file.append(_upright_size(image))
        image.draft(None, _within(image.size, round(_SHARE_THAT_IS_ENOUGH * max_side)))

    with errors_named(source):
        image, depth = decode(source, max_pixels, on_open=draft)
        width, height = in_file[0] if in_file else image.size
        image = _reduced(convert(image, "RGB", depth), max_side)
        return Photo(np.array(image, dtype=np.uint8), (height, width))


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    is_on_its_side = image.getexif().get(_ORIENTATION) in _ON_THE_SIDE
    return (height, width) if is_on_its_side else (width, height)


def _within(size: tuple[int, int], max_side: int) -> tuple[int, int]:
    """Return a width and a height in the proportion of others, of which none is larger."""
    scale = max_side / max(size)
    if scale >= 1:
        return size
    width, height = (max(1, round(n * scale)) for n in size)
    return width, height


def _reduced(image: Image.Image, max_side: int) -> Image.Image:
    from PIL import Image

    size = _within(image.size, max_side)
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)
