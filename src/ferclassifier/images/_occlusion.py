"""What a classifier makes of images of which a patch is hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Forests give exact zeros, of which there is no logarithm.
_SMALLEST_PROBABILITY = 1e-12
_PATCHES_PER_SIDE = 5


def occlusion_map(
    image: NDArray[Any],
    code: int,
    predict_proba: Callable[[NDArray[Any]], NDArray[Any]],
    *,
    patch_size: int | None,
    batch_size: int,
) -> NDArray[np.float32]:
    """Return how far the log-odds of a class fall where the image is hidden.

    Parameters
    ----------
    image : ndarray of shape (height, width, channels)
    code : int
        The class.
    predict_proba : callable
        Takes images of shape (n, height, width, channels) and returns (n, n_classes).
    patch_size : int or None
        Side of the patches; None takes a fifth of the image's longer side.
    batch_size : int
        Images to be predicted at once.

    Returns
    -------
    drops : ndarray of shape (height, width), float32
        The mean over the patches that cover a pixel, weighted by how near it is to their middles.
    """
    size = patch_size or max(1, round(max(image.shape[:2]) / _PATCHES_PER_SIDE))
    corners = _corners(image.shape[:2], size)
    window = _window(size)
    before = _log_odds(predict_proba(image[np.newaxis]), code)
    # Patches reach over the edges by less than their size.
    height, width = image.shape[:2]
    drops, weights = np.zeros((2, height + 2 * size, width + 2 * size))
    for start in range(0, len(corners), batch_size):
        batch = corners[start : start + batch_size]
        after = _log_odds(predict_proba(_hidden(image, batch, size)), code)
        for (top, left), drop in zip(batch, before - after, strict=True):
            place = slice(top + size, top + 2 * size), slice(left + size, left + 2 * size)
            drops[place] += drop * window
            weights[place] += window
    inside = slice(size, size + height), slice(size, size + width)
    mean: NDArray[np.float32] = (drops[inside] / weights[inside]).astype(np.float32)
    return mean


def _corners(shape: tuple[int, ...], size: int) -> list[tuple[int, int]]:
    """Cover an image with squares, each half over the next, and over the edges as well."""
    step = max(1, size // 2)
    rows, columns = (range(step - size, side, step) for side in shape)
    return [(row, column) for row in rows for column in columns]


def _window(size: int) -> NDArray[np.float64]:
    """Return a pyramid, so that overlapping patches are interpolated linearly."""
    tent = np.minimum(np.arange(1, size + 1), np.arange(size, 0, -1))
    return np.outer(tent, tent)


def _hidden(image: NDArray[Any], corners: list[tuple[int, int]], size: int) -> NDArray[Any]:
    """Fill one patch of each copy with the image's mean."""
    mean = image.mean(axis=(0, 1))
    fill = np.rint(mean) if image.dtype.kind in "iu" else mean
    copies = np.repeat(image[np.newaxis], len(corners), axis=0)
    for copy, (top, left) in zip(copies, corners, strict=True):
        copy[max(0, top) : top + size, max(0, left) : left + size] = fill
    return copies


def _log_odds(proba: NDArray[Any], code: int) -> NDArray[np.float64]:
    others = np.delete(proba, code, axis=1).sum(axis=1, dtype=np.float64)
    its_own = proba[:, code].astype(np.float64)
    odds: NDArray[np.float64] = np.log(np.maximum(its_own, _SMALLEST_PROBABILITY)) - np.log(
        np.maximum(others, _SMALLEST_PROBABILITY)
    )
    return odds
