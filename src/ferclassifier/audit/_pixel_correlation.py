"""How alike the pixels of two images are, whatever their brightness and contrast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ferclassifier.images._arrays import release_pages

# As many pairs at a time as stay in a processor's cache.
_PIXELS_PER_PART = 2**17


def correlations(
    images: NDArray[np.uint8], pairs: NDArray[np.intp], shifts: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Correlate the pixels of pairs of images where they overlap.

    Parameters
    ----------
    images : ndarray of shape (n, height, width), uint8
    pairs : ndarray of shape (n_pairs, 2), int
    shifts : ndarray of shape (n_pairs, 2), int
        By how many rows and columns what the first image shows lies further down and to the right
        in the second.

    Returns
    -------
    ndarray of shape (n_pairs,)
        In [-1, 1]; 0 where an image is constant.
    """
    found = np.empty(len(pairs))
    for down, across in np.unique(shifts, axis=0):
        first = images[:, _overlap(-down), _overlap(-across)]
        second = images[:, _overlap(down), _overlap(across)]
        shifted = np.flatnonzero((shifts == (down, across)).all(axis=1))
        n_parts = 1 + len(shifted) * first[0].size // _PIXELS_PER_PART
        for part in np.array_split(shifted, n_parts):
            i, j = pairs[part].T
            found[part] = _correlation(_centred(first[i]), _centred(second[j]))
    release_pages(images)
    return found


def _overlap(shift: int) -> slice:
    return slice(max(0, shift), min(0, shift) or None)


def _centred(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    rows = images.reshape(len(images), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    return rows


def _correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    products, squares, other_squares = (
        np.einsum("ij,ij->i", a, b).astype(np.float64)
        for a, b in ((first, second), (first, first), (second, second))
    )
    scale = np.sqrt(squares * other_squares)
    found = np.zeros(len(first))
    np.divide(products, scale, out=found, where=scale > 0)
    return np.clip(found, -1, 1, out=found)
