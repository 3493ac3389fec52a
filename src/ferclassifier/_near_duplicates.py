"""Images that stand more than once, as they are or nearly so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ferclassifier._arrays import parts_of
from ferclassifier._hash_neighbours import candidate_pairs
from ferclassifier._histograms import luma
from ferclassifier._perceptual_hash import hash_windows
from ferclassifier.exceptions import ImageError

# Images of fewer gray levels (standard deviation) are noise to a correlation.
_LOWEST_CONTRAST = 2.0
# Larger images are made smaller by whole factors, down to no less than this.
_SMALLEST_SIDE = 48


def exact_duplicates(images: ArrayLike) -> NDArray[np.intp]:
    """Find the images that are equal, pixel for pixel.

    Parameters
    ----------
    images : array-like of shape (n, height, width) or (n, height, width, 3), uint8

    Returns
    -------
    ndarray of shape (n,), int
        For each image the index of the first that equals it: its own, unless that came before.

    Raises
    ------
    ImageError
        If `images` is no such array.

    Notes
    -----
    Images are compared by 128 bits of a BLAKE2 hash.
    """
    first: dict[bytes, int] = {}
    labels = [
        first.setdefault(hashlib.blake2b(image.tobytes(), digest_size=16).digest(), index)
        for index, image in enumerate(_checked(images))
    ]
    return np.array(labels, dtype=np.intp)


def near_duplicates(
    images: ArrayLike, *, threshold: float = 0.92
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Find the images that are nearly equal: recompressed, brightened, shifted by a pixel.

    Parameters
    ----------
    images : array-like of shape (n, height, width) or (n, height, width, 3), uint8
        Colours are taken as gray.
    threshold : float in (0, 1], default=0.92
        The least correlation of the pixels of two near duplicates.

    Returns
    -------
    pairs : ndarray of shape (n_pairs, 2), int
        Each with its smaller index first, in ascending order, among the images that are distinct:
        of equal ones the first stands for all.
    similarity : ndarray of shape (n_pairs,)
        The correlation of the pixels of each pair, in [threshold, 1].

    Raises
    ------
    ImageError
        If `images` is no such array.
    ValueError
        If `threshold` is not in (0, 1].
    """
    images = _checked(images)
    if not 0 < threshold <= 1:
        raise ValueError(f"Got threshold={threshold!r}, but expected a correlation in (0, 1].")
    distinct = np.flatnonzero(exact_duplicates(images) == np.arange(len(images)))
    small = _reduced(images[distinct] if len(distinct) < len(images) else images)
    visible = np.flatnonzero(_contrasts(small) >= _LOWEST_CONTRAST)
    small = small[visible] if len(visible) < len(small) else small
    hashes = hash_windows(small)
    candidates = candidate_pairs(hashes)
    shifts = hashes.shifts[candidates.windows]
    similarity = _correlations(small, candidates.pairs, shifts)
    is_near = similarity >= threshold
    return distinct[visible[candidates.pairs[is_near]]], similarity[is_near]


def duplicate_groups(n_images: int, pairs: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Join pairs to groups: two images of a group are connected by a chain of pairs.

    Parameters
    ----------
    n_images : int
    pairs : ndarray of shape (n_pairs, 2), int

    Returns
    -------
    list of ndarray of int
        The indices of each group, ascending; the groups in the order of their first image.
    """
    edges = coo_array((np.ones(len(pairs), dtype=bool), tuple(pairs.T)), shape=(n_images, n_images))
    _, labels = connected_components(edges, directed=False)
    order = np.argsort(labels, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    return sorted((group for group in groups if len(group) > 1), key=lambda group: int(group[0]))


def _checked(images: ArrayLike) -> NDArray[np.uint8]:
    batch = np.asarray(images)
    is_batch = batch.ndim == 3 or (batch.ndim == 4 and batch.shape[3] in (1, 3))
    if not is_batch or batch.dtype != np.uint8:
        raise ImageError(
            f"Got {batch.dtype} of shape {batch.shape}, but expected images of bytes, uint8 of "
            "shape (n, height, width) or (n, height, width, 3)."
        )
    return batch


def _reduced(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Gray images of at most twice the smallest side, each pixel the mean of a block."""
    height, width = images.shape[1:3]
    down, across = (max(1, side // _SMALLEST_SIDE) for side in (height, width))
    if images.ndim == 3 and down == across == 1:
        return images
    rows, columns = height // down, width // across
    small = np.empty((len(images), rows, columns), np.uint8)
    for part in parts_of(images):
        gray = _gray(images[part])[:, : rows * down, : columns * across]
        blocks = gray.reshape(-1, rows, down, columns, across)
        small[part] = np.rint(blocks.mean(axis=(2, 4), dtype=np.float32))
    return small


def _gray(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if images.ndim == 3:
        return images
    return luma(images) if images.shape[3] == 3 else images[..., 0]


def _contrasts(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the standard deviation of each image's pixels."""
    deviations = np.empty(len(images))
    for part in parts_of(images):
        deviations[part] = images[part].std(axis=(1, 2))
    return deviations


def _correlations(
    images: NDArray[np.uint8], pairs: NDArray[np.intp], shifts: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Correlate the pixels of pairs where they overlap after a shift of the second image."""
    similarity = np.empty(len(pairs))
    for down, across in np.unique(shifts, axis=0):
        first = images[:, _overlap(-down), _overlap(-across)]
        second = images[:, _overlap(down), _overlap(across)]
        shifted = np.flatnonzero((shifts == (down, across)).all(axis=1))
        for part in _chunks(shifted):
            i, j = pairs[part].T
            similarity[part] = _correlation(_centred(first[i]), _centred(second[j]))
    return similarity


def _overlap(shift: int) -> slice:
    return slice(max(0, shift), min(0, shift) or None)


def _chunks(indices: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Cut into parts whose images stay in a processor's cache."""
    return iter(np.array_split(indices, max(1, len(indices) // 64)))


def _centred(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    rows = images.reshape(len(images), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    return rows


def _correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    dot = np.einsum("ij,ij->i", first, second)
    squares = np.einsum("ij,ij->i", first, first) * np.einsum("ij,ij->i", second, second)
    correlation: NDArray[np.float32] = dot / np.sqrt(np.maximum(squares, 1e-6))
    return correlation
