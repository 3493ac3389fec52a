"""Images of Pillow in the modes that files bring along, whose numbers are not what they show."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image


def with_a_palette(image: np.ndarray) -> Image.Image:
    """Index 0 is white."""
    new = Image.fromarray(255 - image).convert("P")
    new.putpalette([level for i in range(256) for level in (255 - i,) * 3])
    return new


def turned(image: np.ndarray) -> Image.Image:
    """Lie on its side, with the orientation in its EXIF data."""
    new = Image.fromarray(np.rot90(image).copy())
    new.getexif()[0x0112] = 6
    return new


def transparent(image: np.ndarray) -> Image.Image:
    """Show white where it is fully transparent, which is all that is white in the original."""
    alpha = np.where(image == 255, 0, 255).astype(np.uint8)
    return Image.fromarray(np.stack([np.where(image == 255, 0, image).astype(np.uint8), alpha], -1))


def encoded(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


# What each makes of an array of gray bytes shows the same picture as the array.
FORMS: dict[str, Callable[[np.ndarray], Any]] = {
    "palette": with_a_palette,
    "turned": turned,
    "gray and alpha": transparent,
    "RGBA": lambda image: transparent(image).convert("RGBA"),
    "CMYK": lambda image: Image.fromarray(image).convert("RGB").convert("CMYK"),
    "16 bits": lambda image: Image.fromarray(image.astype(np.uint16) * 257),
    "8 bits in 16": lambda image: Image.fromarray(image.astype(np.uint16)),
    "32 bits": lambda image: Image.fromarray(image.astype(np.int32)),
    "floats": lambda image: Image.fromarray((image / 255).astype(np.float32)),
    "in colour": lambda image: Image.fromarray(image).convert("RGB"),
    "not decoded yet": lambda image: Image.open(io.BytesIO(encoded(image))),
    "bytes": encoded,
    "file": lambda image: io.BytesIO(encoded(image)),
    "dict of bytes": lambda image: {"bytes": encoded(image), "path": "a.png"},
}


def in_all_forms(images: np.ndarray) -> list[Any]:
    """Show the images in one form after the other; the dtype of none tells them apart."""
    makers = list(FORMS.values())
    return [makers[i % len(makers)](image) for i, image in enumerate(images)]
