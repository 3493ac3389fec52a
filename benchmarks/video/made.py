"""Videos of known truth: portraits that move, over a background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageEnhance

from ferclassifier import detect_faces

SIZE = (1280, 720)
RATE = 30
_TICKS = 90_000
# Where a person's picture lies at a time, its left and its top; None while it is not there.
Path2D = Callable[[float], tuple[int, int] | None]


class Person:
    """A portrait whose face has a box of some width, and where it is."""

    def __init__(self, picture: Image.Image, side: int) -> None:
        left, _, right, _ = detect_faces(picture).boxes[0].tolist()
        scale = side / (right - left)
        self.picture = picture.resize((round(picture.width * scale), round(picture.height * scale)))
        (self.box, *_) = detect_faces(self.picture).boxes.tolist()

    def face_at(self, place: tuple[int, int]) -> tuple[float, float]:
        """Return the middle of the face of a picture that lies there."""
        left, top, right, bottom = self.box
        return place[0] + (left + right) / 2, place[1] + (top + bottom) / 2


def people(portraits: Sequence[str], sides: Sequence[int]) -> list[Person]:
    """Read portraits; the same one again is mirrored, and has other colours."""
    found, seen = [], set()
    for path, side in zip(portraits, sides, strict=True):
        picture = Image.open(path).convert("RGB")
        if path in seen:
            pixels = np.asarray(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT))[..., ::-1]
            picture = ImageEnhance.Brightness(Image.fromarray(pixels)).enhance(0.8)
        seen.add(path)
        found.append(Person(picture, side))
    return found


def picture_of(cast: Sequence[tuple[Person, Path2D]], time: float) -> np.ndarray:
    """Return a frame; the last of the cast stands in front."""
    image = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    for person, where in cast:
        if (place := where(time)) is not None:
            image.paste(person.picture, place)
    return np.asarray(image)


def write(
    path: Path,
    cast: Sequence[tuple[Person, Path2D]],
    times: Sequence[float],
    *,
    rotation: int = 0,
    repeat: int = 1,
) -> None:
    """Write a video of these moments, as often as asked for one after another."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        width, height = SIZE if rotation % 180 == 0 else SIZE[::-1]
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS)
        if rotation:
            stream.set_display_rotation(rotation)
        length = times[-1] + 1 / RATE
        for again in range(repeat):
            for time in times:
                pixels = np.rot90(picture_of(cast, time), -rotation // 90)
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
                frame.pts = round((again * length + time) * _TICKS)
                frame.time_base = Fraction(1, _TICKS)
                container.mux(stream.encode(frame))
        container.mux(stream.encode())


def to_and_fro(left: int, right: int, top: int, period: float) -> Path2D:
    """Return a path that goes from left to right and back."""

    def where(time: float) -> tuple[int, int]:
        share = abs((time / period) % 2 - 1)
        return round(left + (right - left) * (1 - share)), top

    return where
