"""What is said of photos: their faces, and what the expressions of these are taken for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ferclassifier.app._photos import Seen, look_at
from ferclassifier.app._refusal import Refusal

if TYPE_CHECKING:
    from ferclassifier.app._asked import Asked
    from ferclassifier.app._limits import Limits
    from ferclassifier.app._multipart import Upload
    from ferclassifier.faces import Face
    from ferclassifier.photos._model import Model

_DIGITS = 6


def answer(uploads: Sequence[Upload], model: Model, asked: Asked, limits: Limits) -> dict[str, Any]:
    """Say what is in photos.

    Parameters
    ----------
    uploads : sequence of Upload
    model : Model
    asked : Asked
    limits : Limits

    Returns
    -------
    answer : dict
        For JSON, as `openapi.json` has it. One photo of several that cannot be read is told in its
        place.

    Raises
    ------
    Refusal
        If there is but one, and it cannot be read.
    """
    return {
        "model": asked.model,
        "classes": [str(name) for name in model.classes],
        "threshold": asked.threshold,
        "photos": [_photo(upload, model, asked, limits, len(uploads) == 1) for upload in uploads],
    }


def _photo(
    upload: Upload, model: Model, asked: Asked, limits: Limits, is_alone: bool
) -> dict[str, Any]:
    try:
        seen = look_at(upload, model, asked, limits)
    except Refusal as refusal:
        if is_alone:
            raise
        return {**_described(upload.name), "error": refusal.to_dict()}
    height, width = seen.size
    return {
        **_described(upload.name),
        "width": width,
        "height": height,
        "faces": _faces(seen, model),
        "left_out": seen.n_left_out,
    }


def _described(name: str | None) -> dict[str, Any]:
    """Return all that is said of every photo."""
    return {"name": name, "width": None, "height": None, "faces": [], "left_out": 0, "error": None}


def _faces(seen: Seen, model: Model) -> list[dict[str, Any]]:
    if not seen.faces:
        return []
    shares = model.predict_proba(np.stack([crop for _, crop in seen.faces])).tolist()
    names = [str(name) for name in model.classes]
    return [
        {**_place(face, seen.size), **_expression(names, row)}
        for (face, _), row in zip(seen.faces, shares, strict=True)
    ]


def _expression(names: list[str], shares: list[float]) -> dict[str, Any]:
    rounded = [round(float(share), _DIGITS) for share in shares]
    best = max(range(len(shares)), key=shares.__getitem__)
    return {
        "emotion": names[best],
        "probability": rounded[best],
        "probabilities": dict(zip(names, rounded, strict=True)),
    }


def _place(face: Face | None, size: tuple[int, int]) -> dict[str, Any]:
    """Return a box in whole pixels of the photo; None where the photo is a face itself."""
    if face is None:
        return {"box": None, "detection": None}
    left, top, right, bottom = map(round, face.box)
    height, width = size
    box = {
        "left": max(left, 0),
        "top": max(top, 0),
        "right": min(right, width),
        "bottom": min(bottom, height),
    }
    return {"box": box, "detection": round(face.score, _DIGITS)}
