"""Colour of 16 bits, of which Pillow keeps the upper 8: the others, where the picture is in them.

Pillow unpacks two bytes of a channel by their order, and takes the upper one. Told the other order,
it takes the lower one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier.images._wide_pixels import Depth, as_bytes, white_of

if TYPE_CHECKING:
    from PIL import Image

_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_IN_ORDERS = ("RGB;16", "RGBA;16", "RGBX;16", "CMYK;16")
# Gray with transparency, of which Pillow makes RGBA: as if each of its four bytes were a channel.
_GRAY_AND_ALPHA = "LA;16B"
# A picture with larger values has all 16 bits, and the upper 8 are enough of them.
_LARGEST_IN_DOUBT = 4095 >> 8
_PIXELS_OF_A_STRIP = 2**18


@dataclass(frozen=True)
class WideColour:
    """An image with two bytes for each channel, opened and not decoded yet.

    Attributes
    ----------
    tiles : list
        What makes Pillow decode the lower bytes.
    channels : list of int, or None
        Where among them those of each channel are, if not at its place.
    """

    tiles: list[Any]
    channels: list[int] | None

    @classmethod
    def of(cls, image: Image.Image) -> WideColour | None:
        """Return what there is to know of such an image; None of any other."""
        tiles = list(getattr(image, "tile", []))
        rawmodes = {_rawmode(tile) for tile in tiles}
        if rawmodes == {_GRAY_AND_ALPHA}:
            return cls([_with_rawmode(tile, "RGBA") for tile in tiles], [1, 1, 1, 3])
        if len(rawmodes) != 1 or (rawmode := rawmodes.pop())[:-1] not in _IN_ORDERS:
            return None
        other = rawmode[:-1] + _OTHER_ORDER[rawmode[-1]]
        return cls([_with_rawmode(tile, other) for tile in tiles], None)


def may_be_in_lower_bytes(upper: Image.Image) -> bool:
    """Tell whether colours are so dark by their upper bytes that they may have fewer bits."""
    extremes: Any = upper.getextrema()
    return all(high <= _LARGEST_IN_DOUBT for _, high in extremes[: _n_colours(upper)])


def joined(
    wide: WideColour, upper: Image.Image, lower: Image.Image, depth: Depth | None
) -> Image.Image:
    """Join the decoded bytes, and bring colours and transparency to 8 bits, each by themselves.

    Parameters
    ----------
    wide : WideColour
    upper, lower : PIL.Image.Image
    depth : Depth or None
        What the file says of its colours.
    """
    from PIL import Image

    n_colours = _n_colours(upper)
    n_channels = len(upper.getbands())

    def strips() -> Iterator[tuple[tuple[int, int, int, int], NDArray[np.uint16]]]:
        rows = max(1, _PIXELS_OF_A_STRIP // upper.width)
        for top in range(0, upper.height, rows):
            box = (0, top, upper.width, min(top + rows, upper.height))
            high, low = np.asarray(upper.crop(box)), np.asarray(lower.crop(box))
            low = low if wide.channels is None else low[..., wide.channels]
            yield box, high.astype(np.uint16) << 8 | low

    colours, others = slice(n_colours), slice(n_colours, n_channels)
    whites = {0: white_of(lambda: (pixels[..., colours] for _, pixels in strips()), depth)}
    if n_colours < n_channels:
        whites[1] = white_of(lambda: (pixels[..., others] for _, pixels in strips()))
    new = Image.new(upper.mode, upper.size)
    for box, pixels in strips():
        parts = [
            as_bytes(pixels[..., channels], whites[i])
            for i, channels in enumerate((colours, others))
            if i in whites
        ]
        new.paste(Image.fromarray(np.concatenate(parts, axis=-1), upper.mode), box)
    return new


def _n_colours(image: Image.Image) -> int:
    return 3 if image.mode == "RGBA" else len(image.getbands())


def _rawmode(tile: Any) -> str:
    rawmode = tile.args[0] if isinstance(tile.args, tuple) and tile.args else tile.args
    return rawmode if isinstance(rawmode, str) else ""


def _with_rawmode(tile: Any, rawmode: str) -> Any:
    args = (rawmode, *tile.args[1:]) if isinstance(tile.args, tuple) else rawmode
    return tile._replace(args=args)
