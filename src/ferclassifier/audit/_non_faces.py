"""Images that probably show no face, as far as that can be told without a face detector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import count
from ferclassifier.audit._audited import Audited
from ferclassifier.audit._finding import Finding
from ferclassifier.audit._robust import median_and_spread
from ferclassifier.images._arrays import parts_of

# Of fewer images a mean and the spread around it say little.
_MIN_IMAGES = 100
_MIN_SIDE = 8

# Edges are counted on an image of this side at most, in so many cells and directions.
_SIDE = 24
_CELLS = 6
_DIRECTIONS = 12

# How many robust standard deviations a non-face is away from the median: beyond 6 are 48 images
# of FER-2013, of which 43 show no face, and farther in faces soon outnumber the others.
_FAR = 6.0
# Equal images may differ by this in 32 bits.
_ROUNDING = 1e-3


def why_not_checked(audited: Audited, is_visible: NDArray[np.bool_]) -> str | None:
    """Return why one cannot learn from these images what a face looks like, or None."""
    n_seen = int(is_visible.sum())
    if n_seen < _MIN_IMAGES:
        images = count(n_seen, "image is", "images are")
        return f"only {images} not blank, of {_MIN_IMAGES} that are needed to learn from"
    if min(audited.gray.shape[1:]) < _MIN_SIDE:
        height, width = audited.gray.shape[1:]
        return f"images of {height} x {width} pixels are too small"
    return None


def find_non_faces(audited: Audited, is_visible: NDArray[np.bool_]) -> Finding:
    """Find images whose edges differ in place and direction from those of most images."""
    seen = np.flatnonzero(is_visible)
    distance = _distances_from_mean(_edge_histograms(audited.gray), seen)
    median, spread = median_and_spread(distance)
    far = median + max(_FAR * spread, _ROUNDING)
    order = np.argsort(-distance, kind="stable")
    strange = order[distance[order] > far]
    return Finding(
        kind="non-faces",
        title="Images that perhaps show no face",
        explanation=(
            f"{count(len(strange), 'image')} whose edges differ in place and direction from those "
            f"of most of the {len(seen):,} images, such as text, symbols and objects, and some "
            "faces in profile or half in the dark. Look at them, and leave out of training those "
            "that show no face."
        ),
        indices=seen[strange],
        scores=distance[strange],
        score_name="distance from the mean face",
    )


def _edge_histograms(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Describe each image by the shares of its edges in each cell and direction, as square roots.

    The square roots of shares are of length 1, and the angle between two such vectors measures how
    far two distributions are apart (Hellinger). Brightness and contrast cancel out.
    """
    histograms = np.empty((len(gray), _CELLS * _CELLS * _DIRECTIONS), dtype=np.float32)
    for part in parts_of(gray):
        down, across = _gradients(_shrunk(gray[part]))
        edges = np.hypot(down, across)
        shares = _histograms(edges, np.arctan2(down, across))
        histograms[part] = np.sqrt(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-6))
    return histograms


def _shrunk(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Average the pixels of larger images."""
    small = images.astype(np.float32)
    for axis in (1, 2):
        side = small.shape[axis]
        if side > _SIDE:
            starts = np.arange(_SIDE) * side // _SIDE
            sums = np.add.reduceat(small, starts, axis=axis)
            sizes = np.diff(starts, append=side).astype(np.float32)
            small = sums / (sizes[:, np.newaxis] if axis == 1 else sizes)
    return small


def _gradients(images: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    down = images[:, 2:, 1:-1] - images[:, :-2, 1:-1]
    across = images[:, 1:-1, 2:] - images[:, 1:-1, :-2]
    return down, across


def _histograms(edges: NDArray[np.float32], angles: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum up the edges in each cell by direction, each shared between the two nearest."""
    n_images, height, width = edges.shape
    row, column = np.arange(height) * _CELLS // height, np.arange(width) * _CELLS // width
    cell = (np.arange(n_images)[:, None, None] * _CELLS + row[:, None]) * _CELLS + column
    # Black on white runs as white on black does: half a turn is all there is.
    turns = angles * (_DIRECTIONS / np.pi) + _DIRECTIONS
    before = turns.astype(np.intp)
    share = turns - before
    size = n_images * _CELLS * _CELLS * _DIRECTIONS
    counts = np.zeros(size)
    for step, weight in enumerate((1 - share, share)):
        bins = cell * _DIRECTIONS + (before + step) % _DIRECTIONS
        counts += np.bincount(bins.ravel(), (edges * weight).ravel(), size)
    return counts.reshape(n_images, -1)


def _distances_from_mean(
    histograms: NDArray[np.float32], seen: NDArray[np.intp]
) -> NDArray[np.float64]:
    """One minus the cosine of the angle to the mean of all that show something."""
    weights = np.zeros(len(histograms), dtype=np.float32)
    weights[seen] = 1
    mean = weights @ histograms
    cosine = histograms @ (mean / np.maximum(np.linalg.norm(mean), 1e-6))
    distances: NDArray[np.float64] = 1.0 - cosine[seen].astype(np.float64)
    return distances
