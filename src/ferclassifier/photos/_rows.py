"""What is known of a photo, as rows: one for each face, in the columns of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ferclassifier.photos._listing import Photo

COLUMNS = (
    *("path", "face", "left", "top", "right", "bottom", "detection", "emotion", "probability"),
)
_DIGITS = 6


class FoundFace(NamedTuple):
    """A face and what its expression is taken for.

    Attributes
    ----------
    box : tuple of (left, top, right, bottom) or None
        In pixels of the upright photo; None where the whole image was taken for the face.
    detection : float or None
        How sure it is that this is a face, in [0, 1].
    probabilities : tuple of float
        Of the classes, in their order.
    """

    box: tuple[int, int, int, int] | None
    detection: float | None
    probabilities: tuple[float, ...]


class Outcome(NamedTuple):
    """What was found in a photo.

    Attributes
    ----------
    photo : Photo
    faces : tuple of FoundFace
    error : str
        Why it could not be read; empty if it could.
    """

    photo: Photo
    faces: tuple[FoundFace, ...] = ()
    error: str = ""


def class_columns(classes: Sequence[Any], taken: Sequence[str] = COLUMNS) -> list[str]:
    """Name the columns of the classes: as the classes, but for those that are taken."""
    names: list[str] = []
    for name in map(str, classes):
        while name in taken or name in names:
            name += "_"
        names.append(name)
    return names


def rows_of(outcome: Outcome, classes: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for each face of a photo, or one without an emotion if there are none.

    Parameters
    ----------
    outcome : Outcome
        Of a photo that could be read.
    classes : sequence of str or number

    Yields
    ------
    row : dict
        Of the `COLUMNS` and those of the classes; what is not known is None.
    """
    columns = class_columns(classes)
    nothing = dict.fromkeys((*COLUMNS, *columns))
    if not outcome.faces:
        yield {**nothing, "path": outcome.photo.name}
    for i, face in enumerate(outcome.faces):
        shares = [round(float(share), _DIGITS) for share in face.probabilities]
        best = max(range(len(shares)), key=face.probabilities.__getitem__)
        left, top, right, bottom = face.box or (None,) * 4
        yield {
            "path": outcome.photo.name,
            "face": i,
            "left": left,
            "top": top,
            "right": right,
            "bottom": bottom,
            "detection": None if face.detection is None else round(face.detection, _DIGITS),
            "emotion": classes[best],
            "probability": shares[best],
            **dict(zip(columns, shares, strict=True)),
        }
