"""Images to be decoded: what holds them, and a batch that decodes what is taken from it."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier.exceptions import ImageError, SingleImageError
from ferclassifier.images._arrays import ImageShape
from ferclassifier.images._decoder import check_image_options, decode_image
from ferclassifier.images._pixel_strings import is_pixel_string
from ferclassifier.images._source_kinds import (
    bytes_or_path,
    bytes_read,
    is_array,
    is_source,
    name_of,
    path_of,
)

# The height and width to which images are brought where nothing else says it: those of FER-2013.
SHAPE_OF_SOURCES = (48, 48)

# All of FER-2013 at 48 by 48; a data set that needs more is decoded again in every epoch.
_BYTES_KEPT = 100 * 10**6
_MISSING = {"NoneType", "NAType", "NaTType"}


def sources_in(X: Any) -> NDArray[Any] | None:
    """Return the images to be decoded that a container holds, or None if it holds something else.

    Parameters
    ----------
    X : list, array, Series or DataFrame of one column
        Whatever `read_image` takes but arrays: paths, bytes, binary files, PIL images, and what
        Hugging Face's `datasets` and Parquet files have, dicts of "bytes" and "path".

    Returns
    -------
    sources : ndarray of shape (n,), object, or None

    Raises
    ------
    SingleImageError
        If `X` is one image.
    TypeError
        If `X` gives its items only once.
    """
    if holds_numbers(X):
        return None
    refuse_single(X)
    values = values_in(X)
    first = None if values is None else first_value(values)
    if values is None or not is_source(first) or is_pixel_string(first):
        return None
    # Not by np.asarray, which makes pixels of a list of PIL images, whatever these mean.
    sources = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        sources[i] = value
    return sources


def holds_numbers(X: Any) -> bool:
    """Tell whether the dtype of an array or a Series says that there are numbers in it."""
    dtype = getattr(X, "dtype", None)
    if not hasattr(dtype, "kind") and is_array(X) and dtype is not None:  # of another library
        dtype = np.asarray(X[:1]).dtype
    return getattr(dtype, "kind", "O") in "biufc"


def values_in(X: Any) -> Sequence[Any] | NDArray[Any] | None:
    """Return what stands in one dimension, or in one column; None for numbers and for tables."""
    if holds_numbers(X):
        return None
    shape = getattr(X, "shape", None)
    if shape is not None:
        if not (len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)):
            return None
        column = X[X.columns[0]] if hasattr(X, "columns") else X
        return np.asarray(column, dtype=object).ravel()
    if not isinstance(X, Sequence):
        return None
    is_column = len(X) > 0 and isinstance(X[0], list | tuple) and len(X[0]) == 1
    if is_column and is_source(X[0][0]) and all(len(row) == 1 for row in X):
        return [row[0] for row in X]
    return X


def first_value(values: Iterable[Any]) -> Any:
    """Return the first that is not missing, None where all are."""
    return next((value for value in values if not is_missing(value)), None)


def is_missing(value: Any) -> bool:
    """Tell whether a value stands for none: None, NaN, pandas' NA and NaT."""
    return type(value).__name__ in _MISSING or (isinstance(value, float) and math.isnan(value))


def refuse_single(X: Any) -> None:
    """Refuse one image where several are expected, and what gives its items only once.

    Raises
    ------
    SingleImageError
        If `X` is one image.
    TypeError
        If `X` gives its items only once, or holds none in an order.
    """
    got = f"Got X of type {type(X).__name__}, but expected several images"
    if isinstance(X, str | os.PathLike):
        if os.path.isdir(X):
            raise SingleImageError(
                f"{got}. This is a folder: list its files, sorted(Path(folder).iterdir()), or read "
                "it with load_image_folder."
            )
        raise SingleImageError(f"{got}. Put a single one into a list: [path].")
    is_column = isinstance(X, Mapping) and not any(map(is_source, X.values()))
    if is_source(X) and not is_column:
        raise SingleImageError(f"{got}. Put a single one into a list: [image].")
    if hasattr(X, "__next__"):
        raise TypeError(f"{got}, which can be counted. Put them into a list: list(X).")
    if not (isinstance(X, Sequence) or hasattr(X, "shape") or hasattr(X, "__array__")):
        raise TypeError(
            f"{got}, in a list, an array, a Series or a DataFrame. Of a dict of columns, pick the "
            "one that holds images."
        )


def decoded(sources: NDArray[Any], image_shape: Sequence[int] | None = None) -> NDArray[np.uint8]:
    """Decode images to a batch of shape (n, height, width, channels)."""
    return ImageSources(sources, shape_of_sources(image_shape))[:]


def shape_of_sources(image_shape: Sequence[int] | None) -> ImageShape:
    """Return the height, width and channels of decoded images: 48 x 48 gray, unless given."""
    height, width, channels = (*(SHAPE_OF_SOURCES if image_shape is None else image_shape), 1)[:3]
    check_image_options((height, width), channels)
    return int(height), int(width), int(channels)


class ImageSources:
    """What a network needs of an array of images, decoded when rows are taken.

    Where all of them would be small, what has been decoded is kept for the next epoch.

    Parameters
    ----------
    sources : ndarray of shape (n,), object
        Whatever `read_image` takes.
    image_shape : tuple of (height, width, channels)
        Images of another size are resized.

    Raises
    ------
    ImageError
        If an image is missing.
    TypeError
        If one is nothing that can be decoded.
    """

    def __init__(self, sources: NDArray[Any], image_shape: ImageShape) -> None:
        self._sources = np.empty(len(sources), dtype=object)
        for i, source in enumerate(sources):
            self._sources[i] = _checked(source, i)
        self.shape = (len(sources), *image_shape)
        self._decoded: NDArray[np.uint8] | None = None
        if math.prod(self.shape) <= _BYTES_KEPT:
            self._decoded = np.empty(self.shape, dtype=np.uint8)
            self._is_decoded = np.zeros(len(sources), dtype=bool)

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, rows: Any) -> NDArray[np.uint8]:
        places = np.arange(len(self))[rows]
        if self._decoded is None:
            return self._decode(places)
        missing = places[~self._is_decoded[places]]
        self._decoded[missing] = self._decode(missing)
        self._is_decoded[missing] = True
        kept: NDArray[np.uint8] = self._decoded[rows]
        return kept

    def digest(self) -> bytes:
        """Hash the shape of the images, and what is decoded: bytes, wherever they stand, or pixels.

        Raises
        ------
        ImageError
            If a file cannot be read.
        """
        digest = hashlib.sha256(str(self.shape).encode())
        for i, source in enumerate(self._sources):
            digest.update(self._digest_of(bytes_or_path(source), i))
        return digest.digest()

    def _digest_of(self, source: Any, i: int) -> bytes:
        if isinstance(source, str | os.PathLike):
            try:
                with Path(source).open("rb") as file:
                    return hashlib.file_digest(file, "sha256").digest()
            except OSError as error:
                raise ImageError(f"{source}: cannot be read ({error.strerror})") from error
        if isinstance(source, bytes | bytearray | memoryview):
            return hashlib.sha256(source).digest()
        return hashlib.sha256(self._decode(np.array([i])).tobytes()).digest()

    def _decode(self, places: NDArray[np.intp]) -> NDArray[np.uint8]:
        height, width, channels = self.shape[1:]
        images = np.empty((len(places), height, width, channels), dtype=np.uint8)
        for image, place in zip(images, places, strict=True):
            source = self._sources[place]
            try:
                pixels = decode_image(source, size=(height, width), channels=channels)
            except ImageError as error:
                if path_of(source) is not None:
                    raise
                raise ImageError(f"Image {place}: {error}") from error
            image[:] = pixels.reshape(image.shape)
        return images


def _checked(source: Any, i: int) -> Any:
    """Return what can be decoded again and again, by several threads."""
    if is_missing(source):
        raise ImageError(f"Image {i}: got {source}, a missing value, instead of an image")
    try:
        name_of(source)
        return bytes_read(source) if hasattr(source, "read") else source
    except TypeError as error:
        raise TypeError(f"Image {i}: {error}") from error
