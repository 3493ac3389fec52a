"""Photos that were sent, and the faces in them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier.app._refusal import Refusal
from ferclassifier.exceptions import ImageError
from ferclassifier.faces._crops import crops_of
from ferclassifier.images._photos import decode_photo

if TYPE_CHECKING:
    from ferclassifier.app._asked import Asked
    from ferclassifier.app._limits import Limits
    from ferclassifier.app._multipart import Upload
    from ferclassifier.faces import Face
    from ferclassifier.photos._model import Model

_UNNAMED = "photo"


class Seen(NamedTuple):
    """A photo whose faces have been cut out.

    Attributes
    ----------
    size : tuple of (height, width)
        Of the photo as it stands in its file, once it is upright.
    faces : list of (face, crop)
        The largest first.
    n_left_out : int
        How many more there are.
    """

    size: tuple[int, int]
    faces: list[tuple[Face | None, NDArray[np.uint8]]]
    n_left_out: int = 0


def look_at(upload: Upload, model: Model, asked: Asked, limits: Limits) -> Seen:
    """Decode a photo and cut its faces out.

    Raises
    ------
    Refusal
        415 if it is no image of a known format, 422 if it cannot be decoded.
    """
    from PIL import UnidentifiedImageError

    file = _NamedBytes(upload.content)
    file.name = upload.name or _UNNAMED
    try:
        if not upload.content:
            raise ImageError(f"{file.name}: there is nothing in it; send the bytes of an image")
        photo = decode_photo(file, max_pixels=limits.max_pixels)
    except ImageError as error:
        if isinstance(error.__cause__, UnidentifiedImageError):
            raise Refusal(415, "no_image", str(error)) from error
        raise Refusal(422, "unreadable_image", str(error)) from error
    height, width, channels = model.image_shape
    faces = crops_of(
        photo,
        size=(height, width),
        channels=channels,
        threshold=asked.threshold,
        min_size=asked.min_size,
    )
    return Seen(photo.size, faces[: limits.max_faces], max(0, len(faces) - limits.max_faces))


class _NamedBytes(BytesIO):
    """The content of a photo, and what it is called in messages."""

    name: str
