"""The one definition of a batch of images as an array.

A batch is ``(n, height, width)``, the same with a last axis of 1 or 3 channels, or rows
``(n, height * width * channels)``. Whole numbers in [0, 255] are bytes, floats in [0, 1] are unit,
and everything else is taken as it comes.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite, check_array
from sklearn.utils.validation import validate_data

from ferclassifier.exceptions import ImageError

ImageShape = tuple[int, int, int]

# Rows of fewer values are those of a table rather than pictures.
FEWEST_PIXELS = 64
# A part of a batch that stays in a processor's cache as float64.
_PIXELS_PER_PART = 2**17
# What is read of a memmap before its pages are given back.
BYTES_BETWEEN_RELEASES = 256 * 2**20
# Reading a byte of a file may map so much around it: a huge page of most processors.
_BYTES_MAPPED_AT_ONCE = 2 * 2**20
# The modes of a memmap that belongs to its file; that of "c" is private, and what was written
# there is nowhere else.
_MODES_OF_FILES = ("r", "r+", "w+")


def image_shape_of(shape: tuple[int, ...], image_shape: Sequence[int] | None = None) -> ImageShape:
    """Height, width and channels of the images in an array of this shape.

    Parameters
    ----------
    shape : tuple of int
        Shape of the array: rows (2-D), gray images (3-D) or images with channels (4-D).
    image_shape : sequence of 2 or 3 int, default=None
        Height, width and, if not 1, channels. None makes a square of a row whose length is a
        square number or three times one, which has colours then, and an image of one line of a row
        that is too short for a picture.

    Returns
    -------
    height, width, channels : int

    Raises
    ------
    ImageError
        If the array is no batch of images, or not of `image_shape`, or rows make no square.
    """
    if len(shape) not in (2, 3, 4):
        raise ImageError(
            f"Got an array of shape {shape}, but expected rows (n, pixels), images "
            "(n, height, width) or images with channels (n, height, width, 1 or 3)."
        )
    if len(shape) == 4 and shape[3] not in (1, 3):
        raise ImageError(
            f"Got images of shape {shape[1:]}, but the last axis must be 1 or 3 channels. "
            + _remedy_for_channels(shape)
        )
    wanted = None
    if image_shape is not None:
        height, width, *channels = image_shape
        wanted = (int(height), int(width), int(channels[0]) if channels else 1)
    if len(shape) > 2:
        found = (shape[1], shape[2], shape[3] if len(shape) == 4 else 1)
        if wanted is not None and wanted != found:
            raise ImageError(
                f"Got images of shape {shape[1:]}, but image_shape={tuple(image_shape or ())}. "
                "Leave image_shape out: images carry their own shape."
            )
        return found
    pixels = shape[1]
    if wanted is None:
        return _shape_of_row(pixels)
    if math.prod(wanted) != pixels:
        raise ImageError(
            f"Got rows of {pixels} pixels, but image_shape={tuple(image_shape or ())} "
            f"needs {math.prod(wanted)}."
        )
    return wanted


def _remedy_for_channels(shape: tuple[int, ...]) -> str:
    if shape[3] == 4:
        height, width = shape[1:3]
        return (
            f"Lay transparent pixels on white: ImageReader(({height}, {width}), channels=3)"
            ".transform(X), or with channels=1 for gray; X[..., :3] drops the transparency."
        )
    if shape[1] in (1, 3):
        return "Move the channels to the end: np.moveaxis(X, 1, -1)."
    return "Pick the channels to be used, such as X[..., :3], or X[..., 0] for gray."


def _shape_of_row(pixels: int) -> ImageShape:
    if pixels == math.isqrt(pixels) ** 2:
        return (math.isqrt(pixels), math.isqrt(pixels), 1)
    if pixels < FEWEST_PIXELS:
        return (1, pixels, 1)
    side = math.isqrt(pixels // 3)
    if pixels == 3 * side**2:
        return (side, side, 3)
    raise ImageError(
        f"Got rows of {pixels} pixels, which make no square, gray or in colours. Say how they "
        "become images by image_shape=(height, width) or (height, width, 3), or give the images "
        "themselves: X.reshape(-1, height, width)."
    )


def as_images(X: NDArray[Any], shape: ImageShape) -> NDArray[Any]:
    """View a batch in any of its forms as images with channels.

    Parameters
    ----------
    X : ndarray of shape (n, pixels), (n, height, width) or (n, height, width, channels)
    shape : tuple of (height, width, channels)

    Returns
    -------
    images : ndarray of shape (n, height, width, channels)
        A view: splitting the last axis never copies, whatever the memory order.
    """
    return X.reshape((len(X), *shape))


def validate_batch(estimator: Any, X: Any, *, reset: bool) -> NDArray[Any]:
    """Check the images given to an estimator as scikit-learn does, whatever their form.

    Parameters
    ----------
    estimator : estimator
        Gets `n_features_in_`, the number of values per image, and `feature_names_in_` where `X`
        is a DataFrame.
    X : array-like of shape (n, pixels), (n, height, width) or (n, height, width, channels)
        What `_containers` makes of what was given.
    reset : bool
        False compares the length and the names of rows with those of `fit` instead.

    Returns
    -------
    ndarray of the shape of `X`
        Numbers, finite, at least one image.
    """
    if isinstance(X, list | tuple):
        X = np.asarray(X)
    if not reset and getattr(X, "ndim", 2) > 2:
        X = check_array(X, allow_nd=True, ensure_all_finite=False, estimator=estimator)
    else:
        X = validate_data(estimator, X, reset=reset, allow_nd=True, ensure_all_finite=False)
    _check_finite(X, type(estimator).__name__)
    if reset:
        estimator.n_features_in_ = math.prod(X.shape[1:])
    return X  # type: ignore[no-any-return]


def _check_finite(X: NDArray[Any], estimator_name: str) -> None:
    """Refuse NaN and infinity as scikit-learn does, reading a memmap in parts."""
    if X.dtype.kind == "f":
        for part in parts_of(X):
            assert_all_finite(X[part], estimator_name=estimator_name, input_name="X")


def pixel_names(shape: ImageShape) -> NDArray[Any]:
    """Name the columns of rows: "pixel_0_1", or "pixel_0_1_2" where there are 3 channels."""
    index = np.ndindex(shape[:2] if shape[2] == 1 else shape)
    return np.array(["pixel_" + "_".join(map(str, place)) for place in index], dtype=object)


def parts_of(images: Any, n_images: int | None = None) -> Iterator[slice]:
    """Cut a batch into slices, in order, and give back the pages of a memmap on the way.

    Whatever reads a whole batch reads it by these.

    Parameters
    ----------
    images : ndarray, or any other sequence of images
    n_images : int, default=None
        Images of a slice; None takes as many as are small enough to be copied to float64.
    """
    if n_images is None:
        n_images = max(1, _PIXELS_PER_PART // max(1, math.prod(images.shape[1:])))
    array = images if isinstance(images, np.ndarray) else None
    held = slice(0, 0)
    try:
        for start in range(0, len(images), n_images):
            held = slice(held.start, min(start + n_images, len(images)))
            yield slice(start, held.stop)
            if array is not None and array[held].nbytes > BYTES_BETWEEN_RELEASES:
                release_pages(array[held])
                held = slice(held.stop, held.stop)
    finally:
        if array is not None and held.start < held.stop:
            release_pages(array[held])


def release_pages(X: NDArray[Any]) -> None:
    """Give back the memory of what has been read of a ``numpy.memmap`` of a file.

    The system would take it when it needs it; until then it counts as this process's own, and a
    data set larger than memory looks like a leak.

    Parameters
    ----------
    X : ndarray
        Left alone unless it is a view of what ``numpy.memmap`` itself has opened, and not with mode
        "c": of other maps nobody can say whether what they hold also stands in a file, and giving
        pages back would lose it.
    """
    owner = X
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    mapped = owner.base
    is_of_file = isinstance(owner, np.memmap) and owner.mode in _MODES_OF_FILES
    if not (X.size and is_of_file and isinstance(mapped, mmap.mmap)):
        return
    # A map begins with a page; its array may begin behind that.
    origin = owner.ctypes.data - owner.ctypes.data % mmap.ALLOCATIONGRANULARITY
    low, high = byte_bounds(X)
    start = max(0, low - low % _BYTES_MAPPED_AT_ONCE - origin)
    stop = high - high % -_BYTES_MAPPED_AT_ONCE - origin
    if hasattr(mmap, "MADV_DONTNEED"):
        with suppress(OSError):  # it is a favour, which the system declines for locked memory
            mapped.madvise(mmap.MADV_DONTNEED, start, stop - start)
