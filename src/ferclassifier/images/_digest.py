"""A short stand-in for the values of an array, or for the pixels of an image."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier.images._arrays import parts_of


def array_digest(values: NDArray[Any]) -> bytes:
    """Hash the type, the shape and every value of an array of numbers, strings or dates.

    Parameters
    ----------
    values : ndarray of any shape
        Of any type but objects. It is read a part at a time: a memmap may be larger than memory.

    Returns
    -------
    digest : bytes
    """
    digest = hashlib.blake2b(f"{values.dtype.descr}{values.shape}".encode(), digest_size=32)
    rows = values if values.ndim else values.reshape(1)
    for part in parts_of(rows):
        digest.update(np.ascontiguousarray(rows[part]).reshape(-1).view(np.uint8).data)
    return digest.digest()


# Long enough for BLAKE2b that no two images that differ will ever share a digest.
_DIGEST_SIZE = 16
# Long enough that of two sets of some ten thousand images none are taken for each other by chance.
SHORT_DIGEST = 8


def image_digest(image: NDArray[np.uint8]) -> bytes:
    """Hash the pixels of an image, to tell it from others of its shape."""
    return hashlib.blake2b(image.tobytes(), digest_size=_DIGEST_SIZE).digest()
