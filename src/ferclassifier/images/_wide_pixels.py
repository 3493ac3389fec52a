"""Pixels of more than 8 bits, and floats, brought to bytes by what is white among them.

A file of 16 or 32 bits may hold 8, 10 or 12: infrared cameras, microscopes and NumPy write such.
What its header says of that is believed, and otherwise the largest pixel tells.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier.exceptions import ImageError

if TYPE_CHECKING:
    from PIL import Image

# What cameras and files have.
_WHITES = tuple((1 << bits) - 1 for bits in (8, 10, 12, 16))
_LARGEST = 65535
# Pillow brings the pixels of these to 16 bits, by the depth that stands in their headers.
_SCALED_BY_PILLOW = ("PPM", "JPEG2000")
_TIFF_BITS, _TIFF_LARGEST = 258, 281
_PNG_SIGNATURE = 8


class Depth(NamedTuple):
    """What a file says of its pixels.

    Attributes
    ----------
    bits : int
        How many of their bits mean something.
    may_be_high : bool
        Whether these may be the upper ones, as they should be in a PNG file, and often are not.
    """

    bits: int
    may_be_high: bool = False


def declared_depth(image: Image.Image) -> Depth | None:
    """Return what the file of an image says of its pixels, before it is decoded."""
    if image.format in _SCALED_BY_PILLOW:
        return Depth(16)
    if image.format == "TIFF":
        return _depth_of_tiff(getattr(image, "tag_v2", {}))
    if image.format == "PNG" and getattr(image, "fp", None) is not None:
        bits = _significant_bits(image.fp)  # type: ignore[attr-defined]
        return None if bits is None else Depth(bits, may_be_high=True)
    return None


def white_of(parts: Callable[[], Iterable[NDArray[Any]]], depth: Depth | None = None) -> float:
    """Return the value that is white among pixels of which black is 0.

    Parameters
    ----------
    parts : callable
        Returns an iterable of all pixels, in parts, whenever it is called.
    depth : Depth, default=None
        What their file says of them.

    Returns
    -------
    white : float
        Of integers, and of floats that are whole numbers, the largest of the declared number of
        bits, or of the fewest of 8, 10, 12 and 16 bits that the largest pixel needs; 1 for floats
        in [0, 1].

    Raises
    ------
    ImageError
        If pixels are negative, above 65535, or neither whole nor in [0, 1].
    """
    ends = [(part.min(), part.max(), part.dtype.kind) for part in parts()]
    low, high = float(min(end[0] for end in ends)), float(max(end[1] for end in ends))
    is_float = ends[0][2] == "f"
    if is_float and 0 <= low <= high <= 1:
        return 1.0
    if not 0 <= low <= high <= _LARGEST or (is_float and not all(map(_is_whole, parts()))):
        raise ImageError(
            f"the pixels reach from {low:.6g} to {high:.6g}, but expected 8 or 16 bits, or floats "
            "from 0 to 1"
        )
    largest = int(high)
    if depth is None or is_float:
        return _white_above(largest)
    is_higher = largest >> depth.bits > 0
    if is_higher or (depth.may_be_high and _are_high(parts(), depth.bits)):
        return _LARGEST
    return (1 << depth.bits) - 1


def as_bytes(pixels: NDArray[Any], white: float) -> NDArray[np.uint8]:
    """Scale [0, white] to [0, 255], rounding to the nearest."""
    if pixels.dtype.kind == "f":
        return (pixels * (255 / white) + 0.5).astype(np.uint8)
    whole = int(white)
    if whole == 255:
        return pixels.astype(np.uint8)
    scaled: NDArray[np.uint8] = ((pixels.astype(np.uint32) * 255 + whole // 2) // whole).astype(
        np.uint8
    )
    return scaled


def _white_above(largest: int) -> int:
    return next(white for white in _WHITES if largest <= white)


def _is_whole(pixels: NDArray[Any]) -> bool:
    return bool((pixels == np.floor(pixels)).all())


def _are_high(parts: Iterable[NDArray[Any]], bits: int) -> bool:
    """Tell whether nothing stands below the upper bits, but for the rounding of a scaling."""
    below = 2 ** (16 - bits) - 1
    return all(int((part & below).max()) <= 1 for part in parts)


def _depth_of_tiff(tags: Any) -> Depth | None:
    bits, largest = (_largest_of(tags.get(tag)) for tag in (_TIFF_BITS, _TIFF_LARGEST))
    if bits is not None and bits not in (16, 32):
        return Depth(bits)
    # It may be the largest pixel that there is, and not the largest that there could be.
    if largest is None or not 0 < largest <= _LARGEST:
        return None
    return Depth(_white_above(largest).bit_length())


def _largest_of(value: Any) -> int | None:
    """Return a tag of TIFF, which may have a value for each channel."""
    values = value if isinstance(value, tuple) else (value,)
    whole = [item for item in values if isinstance(item, int)]
    return max(whole, default=None)


def _significant_bits(file: Any) -> int | None:
    """Read the chunk sBIT of a PNG file, and leave the file where it stands."""
    place = file.tell()
    try:
        file.seek(_PNG_SIGNATURE)
        while len(head := file.read(8)) == 8:
            length, name = struct.unpack(">I4s", head)
            if name == b"sBIT" and 1 <= length <= 4:
                bits = max(file.read(length), default=0)
                return bits if 1 <= bits <= 16 else None
            if name == b"IDAT":
                return None
            file.seek(length + 4, 1)
        return None
    finally:
        file.seek(place)
