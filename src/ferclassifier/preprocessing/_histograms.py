"""Histogram equalisation of many images at once, over the whole image or tile by tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = 256


def equalise(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Spread the gray levels of each image over [0, 255], as evenly as a mapping can.

    Parameters
    ----------
    levels : ndarray of shape (n, height, width), uint8

    Returns
    -------
    ndarray of shape (n, height, width), uint8
        The darkest level becomes 0, the brightest 255; images of one level stay as they are.
    """
    n_pixels = levels[0].size
    below = np.cumsum(_histograms(levels, np.zeros(levels.shape[1:], np.intp))[:, 0], axis=1)
    darkest = np.where(below > 0, below, n_pixels).min(axis=1, keepdims=True)
    is_constant = darkest == n_pixels
    share = (below - darkest) / np.where(is_constant, 1, n_pixels - darkest)
    mapping = np.rint(np.maximum(share, 0) * (LEVELS - 1))
    mapping = np.where(is_constant, np.arange(LEVELS), mapping).astype(np.uint8)
    flat = levels.reshape(len(levels), -1)
    return np.take_along_axis(mapping, flat, axis=1).reshape(levels.shape)


def equalise_adaptively(
    levels: NDArray[np.uint8], clip_limit: float, tile_grid: tuple[int, int]
) -> NDArray[np.uint8]:
    """Equalise each image tile by tile, with limited contrast.

    Parameters
    ----------
    levels : ndarray of shape (n, height, width), uint8
    clip_limit : float
        The bins of a tile's histogram are cut at this multiple of their mean; what is cut off is
        spread over all of them.
    tile_grid : tuple of (rows, columns)
        Number of tiles; at most one for each row and column of pixels.

    Returns
    -------
    ndarray of shape (n, height, width), uint8
        Each pixel is mapped by the four nearest tiles, weighted bilinearly. Images of one level
        stay as they are.
    """
    rows, columns = (
        Tiling.of(size, n) for size, n in zip(levels.shape[1:], tile_grid, strict=True)
    )
    counts = _histograms(levels, rows.tile[:, None] * columns.n_tiles + columns.tile)
    area = counts.sum(axis=2, keepdims=True)
    limit = clip_limit * area / LEVELS
    excess = np.maximum(counts - limit, 0).sum(axis=2, keepdims=True)
    counts = np.minimum(counts, limit) + excess / LEVELS
    mappings = np.cumsum(counts, axis=2) * ((LEVELS - 1) / area)
    mapped = _interpolate(mappings.astype(np.float32), levels, rows, columns)
    is_constant = levels.min(axis=(1, 2), keepdims=True) == levels.max(axis=(1, 2), keepdims=True)
    return np.where(is_constant, levels, np.rint(mapped).astype(np.uint8))


@dataclass(frozen=True)
class Tiling:
    """How the pixels along one axis are cut into tiles, and what lies between their centres.

    Attributes
    ----------
    n_tiles : int
    tile : ndarray of shape (size,), int
        The tile that a pixel lies in. Tiles differ by a pixel where they do not divide the axis.
    before, after : ndarray of shape (size,), int
        The tiles whose centres are next to a pixel; the same one at the ends of the axis.
    share_of_after : ndarray of shape (size,), float32 in [0, 1)
        How near the pixel is to the latter.
    """

    n_tiles: int
    tile: NDArray[np.intp]
    before: NDArray[np.intp]
    after: NDArray[np.intp]
    share_of_after: NDArray[np.float32]

    @classmethod
    def of(cls, size: int, n_tiles: int) -> Tiling:
        """Cut an axis of so many pixels into tiles, at most one for each."""
        n_tiles = min(n_tiles, size)
        pixels = np.arange(size)
        tile = pixels * n_tiles // size
        centres = np.bincount(tile, weights=pixels) / np.bincount(tile)
        position = np.interp(pixels, centres, np.arange(n_tiles))
        before = np.floor(position).astype(np.intp)
        after = np.minimum(before + 1, n_tiles - 1)
        return cls(n_tiles, tile, before, after, (position - before).astype(np.float32))


def _histograms(levels: NDArray[np.uint8], tile: NDArray[np.intp]) -> NDArray[np.intp]:
    """Count the levels in each tile of each image: shape (n, n_tiles, 256)."""
    n_tiles = int(tile.max()) + 1
    first_bin = np.arange(len(levels))[:, None, None] * (n_tiles * LEVELS)
    bins = first_bin + tile * LEVELS + levels
    counts = np.bincount(bins.ravel(), minlength=len(levels) * n_tiles * LEVELS)
    return counts.reshape(len(levels), n_tiles, LEVELS)


def _interpolate(
    mappings: NDArray[np.float32], levels: NDArray[np.uint8], rows: Tiling, columns: Tiling
) -> NDArray[np.float32]:
    """Map each pixel by the four tiles around it."""

    def mapped_by(row: NDArray[np.intp], column: NDArray[np.intp]) -> Any:
        tile = row[:, None] * columns.n_tiles + column
        first_entry = np.arange(len(levels))[:, None, None] * mappings[0].size
        return mappings.ravel()[first_entry + tile * LEVELS + levels]

    right = columns.share_of_after
    down = rows.share_of_after[:, None]
    above, below = (
        (1 - right) * mapped_by(row, columns.before) + right * mapped_by(row, columns.after)
        for row in (rows.before, rows.after)
    )
    return (1 - down) * above + down * below  # type: ignore[no-any-return]
