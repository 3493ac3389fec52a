"""Photos that are made of faces of FER-2013 and drawn backgrounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CANVAS = (1280, 960)
MOST_FACES = 9


class Pasted(NamedTuple):
    """A face in a photo.

    Attributes
    ----------
    row : int
        Which of the faces it is.
    x, y : float
        Where its middle lies.
    size : float
        The side of its crop, in pixels of the photo.
    angle : float
        By how many degrees it is turned counterclockwise.
    """

    row: int
    x: float
    y: float
    size: float
    angle: float


def background(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Draw soft and fine structures in colours, of a spectrum like that of photos."""
    width, height = size
    frequencies = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    amplitude = 1 / np.maximum(frequencies, 1 / max(size)) ** rng.uniform(1.0, 1.6)
    picture = np.empty((height, width, 3))
    shared = rng.normal(size=amplitude.shape) + 1j * rng.normal(size=amplitude.shape)
    for channel in range(3):
        own = rng.normal(size=amplitude.shape) + 1j * rng.normal(size=amplitude.shape)
        wave = np.fft.irfft2((shared + 0.4 * own) * amplitude, (height, width))
        picture[..., channel] = wave / wave.std() * rng.uniform(20, 55) + rng.uniform(70, 180)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def photos_of(
    images: NDArray[np.uint8],
    rng: np.random.Generator,
    sizes: tuple[int, ...],
    most_degrees: float,
    canvas: tuple[int, int] = CANVAS,
) -> Iterator[tuple[Image.Image, list[Pasted]]]:
    """Paste each face once, in groups of one to nine, each of a size and an angle of its own."""
    order = rng.permutation(len(images))
    start = 0
    while start < len(order):
        rows = order[start : start + rng.integers(1, MOST_FACES + 1)]
        start += len(rows)
        photo = background(rng, canvas)
        columns = int(np.ceil(np.sqrt(len(rows))))
        lines = int(np.ceil(len(rows) / columns))
        cell = np.array([canvas[0] / columns, canvas[1] / lines])
        pasted = []
        for place, row in enumerate(rows):
            size, angle = int(rng.choice(sizes)), rng.uniform(-most_degrees, most_degrees)
            corner = cell * [place % columns, place // columns]
            free = np.maximum(cell - size * 1.3, 0)
            middle = corner + cell / 2 + free * rng.uniform(-0.5, 0.5, 2)
            x, y = _paste(photo, images[row], middle, size, angle)
            pasted.append(Pasted(int(row), x, y, size, angle))
        yield photo, pasted


def _paste(
    photo: Image.Image,
    image: NDArray[np.uint8],
    middle: NDArray[np.float64],
    size: int,
    angle: float,
) -> tuple[float, float]:
    """Paste a turned face, and return where its middle lies."""
    face = Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)
    mask = Image.new("L", face.size, 255)
    face, mask = (
        part.rotate(angle, Image.Resampling.BICUBIC, expand=True) for part in (face, mask)
    )
    left, top = (round(m - n / 2) for m, n in zip(middle, face.size, strict=True))
    photo.paste(face.convert("RGB"), (left, top), mask)
    return left + face.width / 2, top + face.height / 2
