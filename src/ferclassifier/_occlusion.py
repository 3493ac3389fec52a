"""What a classifier makes of images of which a patch is hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Forests give exact zeros, of which there is no logarithm.
_SMALLEST_PROBABILITY = 1e-12
_PATCHES_PER_SIDE = 6


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
        Side of the patches; None takes a sixth of the image's longer side.
    batch_size : int
        Images to be predicted at once.

    Returns
    -------
    drops : ndarray of shape (height, width), float32
        The mean over the patches that cover a pixel.
    """
    size = patch_size or max(1, round(max(image.shape[:2]) / _PATCHES_PER_SIDE))
    patches = _patches(image.shape[:2], size)
    before = _log_odds(predict_proba(image[np.newaxis]), code)
    drops = np.zeros(image.shape[:2])
    n_covering = np.zeros(image.shape[:2])
    for start in range(0, len(patches), batch_size):
        batch = patches[start : start + batch_size]
        after = _log_odds(predict_proba(_hidden(image, batch)), code)
        for patch, drop in zip(batch, before - after, strict=True):
            drops[patch] += drop
            n_covering[patch] += 1
    return (drops / n_covering).astype(np.float32)


def _patches(shape: tuple[int, ...], size: int) -> list[tuple[slice, slice]]:
    """Cover an image with squares, each half over the next, and over the edges as well."""
    step = max(1, size // 2)
    rows, columns = (
        [slice(max(0, start), min(side, start + size)) for start in range(step - size, side, step)]
        for side in shape
    )
    return [(row, column) for row in rows for column in columns]


def _hidden(image: NDArray[Any], patches: list[tuple[slice, slice]]) -> NDArray[Any]:
    """Fill one patch of each copy with the image's mean."""
    mean = image.mean(axis=(0, 1))
    fill = np.rint(mean) if image.dtype.kind in "iu" else mean
    copies = np.repeat(image[np.newaxis], len(patches), axis=0)
    for copy, patch in zip(copies, patches, strict=True):
        copy[patch] = fill
    return copies


def _log_odds(proba: NDArray[Any], code: int) -> NDArray[np.float64]:
    others = np.delete(proba, code, axis=1).sum(axis=1, dtype=np.float64)
    its_own = proba[:, code].astype(np.float64)
    odds: NDArray[np.float64] = np.log(np.maximum(its_own, _SMALLEST_PROBABILITY)) - np.log(
        np.maximum(others, _SMALLEST_PROBABILITY)
    )
    return odds
