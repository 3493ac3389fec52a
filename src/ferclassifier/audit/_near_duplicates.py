"""Images that stand more than once, as they are or nearly so."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ferclassifier._utils.wording import quoted
from ferclassifier.audit._hash_neighbours import candidate_pairs
from ferclassifier.audit._image_sets import first_connected, sets_of
from ferclassifier.audit._perceptual_hash import WindowHashes, hash_windows
from ferclassifier.audit._pixel_correlation import correlations
from ferclassifier.exceptions import ImageError
from ferclassifier.images._arrays import parts_of
from ferclassifier.images._digest import image_digest
from ferclassifier.images._displayable import luma

# A standard deviation in gray levels. Below it an image is noise to a correlation.
_LOWEST_CONTRAST = 2.0
# Larger images are made smaller by whole factors, as long as no side falls below this.
_SMALLEST_SIDE = 48
# What the right shift may add to the correlation at that which the hashes suggest.
_SHIFT_GAIN = 0.1
# Of so many images that pairs connect every two are compared, whatever their hashes say.
_MOST_CONNECTED = 64


def exact_duplicates(images: ArrayLike) -> NDArray[np.intp]:
    """Find the images that are equal, pixel for pixel.

    Parameters
    ----------
    images : array-like of shape (n, height, width) or (n, height, width, channels), uint8
        With 1 or 3 channels.

    Returns
    -------
    ndarray of shape (n,), int
        For each image the index of the first that equals it, which is its own index if no earlier
        one does.

    Raises
    ------
    ImageError
        If `images` is no such array.

    Notes
    -----
    Images are taken as equal if 128 bits of their BLAKE2 hashes are.

    Examples
    --------
    >>> import numpy as np
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.audit._near_duplicates import exact_duplicates
    >>> faces, _ = make_faces(3, random_state=0)
    >>> exact_duplicates(np.concatenate([faces, faces[1:]]))
    array([0, 1, 2, 1, 2])
    """
    batch = _checked(images)
    first: dict[bytes, int] = {}
    labels = np.empty(len(batch), dtype=np.intp)
    for part in parts_of(batch):
        for index, image in enumerate(batch[part], part.start):
            labels[index] = first.setdefault(image_digest(image), index)
    return labels


def near_duplicates(
    images: ArrayLike, *, threshold: float = 0.92, copy_of: NDArray[np.intp] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Find the images that are nearly equal: recompressed, brightened or shifted by a pixel.

    Parameters
    ----------
    images : array-like of shape (n, height, width) or (n, height, width, channels), uint8
        With 1 or 3 channels; of colours, the luma is compared.
    threshold : float in (0, 1], default=0.92
        The smallest correlation of the pixels of two near duplicates. Below some 0.9 more and more
        pairs are missed, as their hashes differ, and most are other faces in the same light.
    copy_of : ndarray of shape (n,), int, default=None
        What :func:`exact_duplicates` returned: for `images`, or for those in colour of which
        `images` are the luma. None looks for equal ones among `images`.

    Returns
    -------
    pairs : ndarray of shape (n_pairs, 2), int
        The smaller index first, in ascending order. Of equal images only the first is in a pair.
    similarity : ndarray of shape (n_pairs,), float in [threshold, 1]
        The correlation of the pixels of each pair.

    Raises
    ------
    ImageError
        If `images` is no such array.
    ValueError
        If `threshold` is not in (0, 1].

    See Also
    --------
    exact_duplicates : The equal images that a pair stands for.

    Notes
    -----
    Candidates are images whose perceptual hashes are alike, found in sorted lists of the hashes
    rather than by comparing all with all; then the pixels of each candidate are correlated, which
    neither brightness nor contrast changes. Both are done for shifts of up to a pixel. Images of
    96 pixels and more a side are made smaller before, by a whole factor.

    Each image brings at most its 16 closest candidates. Of up to 64 images that pairs connect,
    every two are compared; of more that are all alike, not every two are a pair. Images whose
    standard deviation is below 2 gray levels are in no pair, and mirror images are different
    images.

    Examples
    --------
    >>> import numpy as np
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.audit._near_duplicates import near_duplicates
    >>> faces, _ = make_faces(100, random_state=0)
    >>> brighter = np.clip(faces[7] * 1.1, 0, 255).astype(np.uint8)
    >>> shifted = np.roll(faces[30], 1, axis=1)
    >>> pairs, similarity = near_duplicates(np.concatenate([faces, [brighter, shifted]]))
    >>> pairs.tolist()
    [[7, 100], [30, 101]]
    """
    batch = _checked(images)
    if not 0 < threshold <= 1:
        raise ValueError(
            f"Got threshold={quoted(threshold)}, but expected a correlation in (0, 1]."
        )
    small = _reduced(batch)
    copy_of = exact_duplicates(batch) if copy_of is None else copy_of
    is_first = copy_of == np.arange(len(batch))
    compared = np.flatnonzero(is_first & (_contrasts(small) >= _LOWEST_CONTRAST))
    hashes = hash_windows(small)
    candidates = candidate_pairs(WindowHashes(hashes.words[compared], hashes.shifts))
    pairs = compared[candidates.pairs]
    similarity = correlations(small, pairs, hashes.shifts[candidates.windows])
    short = np.flatnonzero((similarity < threshold) & (similarity > threshold - _SHIFT_GAIN))
    shifted = _best_correlations(small, pairs[short], hashes.shifts)
    similarity[short] = np.maximum(similarity[short], shifted)
    pairs, similarity = pairs[similarity >= threshold], similarity[similarity >= threshold]
    missing = _missing_among_connected(pairs, len(batch))
    found = _best_correlations(small, missing, hashes.shifts)
    pairs = np.concatenate([pairs, missing[found >= threshold]])
    similarity = np.concatenate([similarity, found[found >= threshold]])
    order = np.lexsort(pairs.T[::-1])
    return pairs[order], similarity[order]


def _best_correlations(
    images: NDArray[np.uint8], pairs: NDArray[np.intp], shifts: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Correlate pairs at each of the shifts, and return the highest of each pair."""
    best = np.full(len(pairs), -1.0)
    for shift in shifts:
        at_shift = correlations(images, pairs, np.tile(shift, (len(pairs), 1)))
        np.maximum(best, at_shift, out=best)
    return best


def _missing_among_connected(pairs: NDArray[np.intp], n_images: int) -> NDArray[np.intp]:
    """Return the pairs that are not there, of images that pairs connect.

    A hash that differs in a few bits more, or 16 closer candidates, may have hidden them.
    """
    connected = [
        np.stack([images[i] for i in np.triu_indices(len(images), 1)], axis=1)
        for images in sets_of(first_connected(n_images, pairs))
        if 2 < len(images) <= _MOST_CONNECTED
    ]
    every_two = np.concatenate([pairs[:0], *connected])
    is_there = np.isin(every_two @ [n_images, 1], pairs @ [n_images, 1])
    return every_two[~is_there]


def _checked(images: ArrayLike) -> NDArray[np.uint8]:
    batch = np.asarray(images)
    is_batch = batch.ndim == 3 or (batch.ndim == 4 and batch.shape[3] in (1, 3))
    if not is_batch or batch.dtype != np.uint8 or 0 in batch.shape[1:]:
        raise ImageError(
            f"Got an array of {batch.dtype} and shape {batch.shape}, but expected images of bytes: "
            "uint8 of shape (n, height, width), or with a last axis of 1 or 3 channels."
        )
    return batch


def _reduced(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return gray images, smaller where they are large; a view where nothing changes."""
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    height, width = images.shape[1:3]
    down, across = (max(1, side // _SMALLEST_SIDE) for side in (height, width))
    if images.ndim == 3 and down == across == 1:
        return images
    rows, columns = height // down, width // across
    small = np.empty((len(images), rows, columns), np.uint8)
    for part in parts_of(images):
        gray = luma(images[part]) if images.ndim == 4 else images[part]
        blocks = gray[:, : rows * down, : columns * across].reshape(-1, rows, down, columns, across)
        small[part] = np.rint(blocks.mean(axis=(2, 4), dtype=np.float32))
    return small


def _contrasts(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the standard deviation of each image's pixels."""
    deviations = np.empty(len(images))
    for part in parts_of(images):
        deviations[part] = images[part].std(axis=(1, 2))
    return deviations
