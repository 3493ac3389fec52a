"""Images that lie in files: an array of paths that decodes what is taken from it."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._arrays import ImageShape
from ferclassifier.images import decode_image


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

    Parameters
    ----------
    paths : ndarray of shape (n,)
    image_shape : tuple of (height, width, channels)
        Images of another size are resized.
    """

    def __init__(self, paths: NDArray[Any], image_shape: ImageShape) -> None:
        self._paths = paths
        self.shape = (len(paths), *image_shape)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, rows: Any) -> NDArray[np.uint8]:
        paths = self._paths[rows]
        height, width, channels = self.shape[1:]
        images = np.empty((len(paths), height, width, channels), dtype=np.uint8)
        for image, path in zip(images, paths, strict=True):
            decoded = decode_image(path, size=(height, width), channels=channels)
            image[:] = decoded.reshape(image.shape)
        return images
