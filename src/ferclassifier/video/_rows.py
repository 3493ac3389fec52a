"""What is seen in a video, as rows: one for each face in each frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ferclassifier.photos._rows import FoundFace, class_columns

COLUMNS = (
    *("time", "frame", "face", "left", "top", "right", "bottom", "detection"),
    *("emotion", "probability"),
)
_DIGITS = 6
_DIGITS_OF_TIME = 4


class SeenFace(NamedTuple):
    """A face in a frame, and what its expression is taken for.

    Attributes
    ----------
    number : int
        The same in all frames in which it is the same face.
    found : FoundFace
    """

    number: int
    found: FoundFace


def columns_of(classes: Sequence[Any]) -> list[str]:
    """Name the columns of the classes: as the classes, but for those that are taken."""
    return class_columns(classes, COLUMNS)


def rows_of(
    time: float, index: int, faces: Sequence[SeenFace], classes: Sequence[Any]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each face of a frame, or one without a face if there are none."""
    columns = columns_of(classes)
    moment = {"time": round(time, _DIGITS_OF_TIME), "frame": index}
    if not faces:
        yield {**dict.fromkeys((*COLUMNS, *columns)), **moment}
    for number, found in faces:
        shares = [round(float(share), _DIGITS) for share in found.probabilities]
        best = max(range(len(shares)), key=found.probabilities.__getitem__)
        left, top, right, bottom = found.box or (None,) * 4
        yield {
            **moment,
            "face": number,
            "left": left,
            "top": top,
            "right": right,
            "bottom": bottom,
            "detection": None if found.detection is None else round(found.detection, _DIGITS),
            "emotion": classes[best],
            "probability": shares[best],
            **dict(zip(columns, shares, strict=True)),
        }
