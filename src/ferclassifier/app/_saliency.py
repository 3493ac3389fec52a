"""Where in a face a model looked: by hiding parts of it, since graphs have no gradients here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ferclassifier._utils.wording import count, quoted
from ferclassifier.app._photos import look_at
from ferclassifier.app._refusal import Refusal
from ferclassifier.images._maps import normalised
from ferclassifier.images._occlusion import occlusion_map

if TYPE_CHECKING:
    from ferclassifier.app._asked import Asked
    from ferclassifier.app._limits import Limits
    from ferclassifier.app._multipart import Upload
    from ferclassifier.photos._model import Model

_DIGITS = 3
_BATCH = 64


def explanation(upload: Upload, model: Model, asked: Asked, limits: Limits) -> dict[str, Any]:
    """Say which parts of a face speak for a class.

    Parameters
    ----------
    upload : Upload
    model : Model
    asked : Asked
    limits : Limits

    Returns
    -------
    explanation : dict
        For JSON: the face as the model sees it, and a map of the same size in [0, 1].

    Raises
    ------
    Refusal
        415 or 422 if the photo cannot be read; 422 if it has no such face, or the model no such
        class.
    """
    seen = look_at(upload, model, asked, limits)
    if asked.face >= len(seen.faces):
        raise Refusal(
            422,
            "no_such_face",
            f"Got face={asked.face}, but {count(len(seen.faces), 'face')} were found, which are "
            "counted from 0. Ask /predict first, with the same model, threshold and min_size.",
        )
    _, crop = seen.faces[asked.face]
    names = [str(name) for name in model.classes]
    if asked.emotion is None:
        code = int(np.argmax(model.predict_proba(crop[np.newaxis])[0]))
    elif asked.emotion in names:
        code = names.index(asked.emotion)
    else:
        raise Refusal(
            422,
            "wrong_parameter",
            f"Got emotion={quoted(asked.emotion)}, but expected one of {names}.",
        )
    drops = occlusion_map(crop, code, model.predict_proba, patch_size=None, batch_size=_BATCH)
    [found] = normalised(drops[np.newaxis])
    height, width, channels = crop.shape
    return {
        "model": asked.model,
        "face": asked.face,
        "emotion": names[code],
        "width": width,
        "height": height,
        "channels": channels,
        "pixels": crop.ravel().tolist(),
        "map": [round(float(value), _DIGITS) for value in found.ravel()],
    }
