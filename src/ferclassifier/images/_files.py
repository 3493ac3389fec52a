"""Images that lie in files: an array of paths that decodes what is taken from it."""

from __future__ import annotations

import hashlib
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier.exceptions import ImageError
from ferclassifier.images._arrays import ImageShape
from ferclassifier.images._decoder import decode_image

# The height and width to which files are brought where nothing else says it: those of FER-2013.
SHAPE_OF_FILES = (48, 48)

# All of FER-2013 at 48 by 48; a data set that needs more is decoded again in every epoch.
_BYTES_KEPT = 100 * 10**6


def paths_in(X: Any) -> NDArray[Any] | None:
    """Return the paths in an array-like of paths, or None if it holds something else.

    Parameters
    ----------
    X : array-like
        Paths are str or ``os.PathLike``, in one dimension, or in one column of two.

    Returns
    -------
    paths : ndarray of shape (n,), or None
    """
    X = np.asarray(X) if not hasattr(X, "shape") else X
    is_column = len(X.shape) == 1 or (len(X.shape) == 2 and X.shape[1] == 1)
    if not is_column or not X.shape[0]:
        return None
    values = np.asarray(X).ravel()
    if values.dtype.kind not in "OUT" or not isinstance(values[0], str | os.PathLike):
        return None
    return values


class ImageFiles:
    """What a network needs of an array of images, decoded when rows are taken.

    Where all of them would be small, what has been decoded is kept for the next epoch.

    Parameters
    ----------
    paths : ndarray of shape (n,)
    image_shape : tuple of (height, width, channels)
        Images of another size are resized.
    """

    def __init__(self, paths: NDArray[Any], image_shape: ImageShape) -> None:
        self._paths = paths
        self.shape = (len(paths), *image_shape)
        self._decoded: NDArray[np.uint8] | None = None
        if math.prod(self.shape) <= _BYTES_KEPT:
            self._decoded = np.empty(self.shape, dtype=np.uint8)
            self._is_decoded = np.zeros(len(paths), dtype=bool)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, rows: Any) -> NDArray[np.uint8]:
        if self._decoded is None:
            return self._decode(self._paths[rows])
        missing = np.arange(len(self))[rows]
        missing = missing[~self._is_decoded[missing]]
        self._decoded[missing] = self._decode(self._paths[missing])
        self._is_decoded[missing] = True
        kept: NDArray[np.uint8] = self._decoded[rows]
        return kept

    def digest(self) -> bytes:
        """Hash the shape of the images, and the files byte for byte, whatever they are called.

        Raises
        ------
        ImageError
            If a file cannot be read.
        """
        digest = hashlib.sha256(str(self.shape).encode())
        for path in self._paths:
            try:
                with Path(path).open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
            except OSError as error:
                raise ImageError(f"{path}: cannot be read ({error.strerror})") from error
        return digest.digest()

    def _decode(self, paths: NDArray[Any]) -> NDArray[np.uint8]:
        height, width, channels = self.shape[1:]
        images = np.empty((len(paths), height, width, channels), dtype=np.uint8)
        for image, path in zip(images, paths, strict=True):
            decoded = decode_image(path, size=(height, width), channels=channels)
            image[:] = decoded.reshape(image.shape)
        return images
