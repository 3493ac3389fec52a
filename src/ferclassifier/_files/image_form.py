"""The images that a model takes, as its file has them: their shape and the scale of pixels."""

from __future__ import annotations

import math

from ferclassifier._files.schema import integer, list_of, number, one_of, record
from ferclassifier.exceptions import ModelFileError

_MOST_PIXELS = 2**24

IMAGE_SHAPE = list_of(integer(1, _MOST_PIXELS), shortest=3, longest=3)
FEATURE_NAMES_AT_MOST = _MOST_PIXELS
PIXEL_SCALE = record(
    {"mean": number, "deviation": number},
    kind=one_of("bytes", "unit", "raw"),
    low=number,
    high=number,
)


def restore_shape(shape: list[int], where: str) -> tuple[int, int, int]:
    """Return the shape of an image, as `IMAGE_SHAPE` has it.

    Parameters
    ----------
    shape : list of 3 int
    where : str
        Where it stands, such as "model.image_shape".

    Returns
    -------
    height, width, channels : int

    Raises
    ------
    ModelFileError
        If there are neither 1 nor 3 channels, or more pixels than in any image.
    """
    height, width, channels = shape
    if channels not in (1, 3) or math.prod(shape) > _MOST_PIXELS:
        raise ModelFileError(
            f"{where} is {shape}, but expected (height, width, 1 or 3) with at most "
            f"{_MOST_PIXELS:,} values."
        )
    return height, width, channels
