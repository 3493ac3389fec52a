"""Hashes of images that hardly change when the images hardly do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferclassifier.images._arrays import parts_of

WORDS = 8
_BITS = 32 * WORDS
# Above these frequencies, in half waves per side, is what recompression takes away.
_FREQUENCIES = 8
# A side shorter than this is not cut by a pixel at both ends.
_SMALLEST_CUT_SIDE = 8


@dataclass(frozen=True)
class WindowHashes:
    """The hash of every image as seen through windows that are moved by a pixel.

    Attributes
    ----------
    words : ndarray of shape (n, n_windows, 8), uint32
        256 bits for each window.
    shifts : ndarray of shape (n_windows, 2), int
        How far each window lies from the middle, in rows and columns.
    """

    words: NDArray[np.uint32]
    shifts: NDArray[np.intp]

    @property
    def middle(self) -> int:
        """The index of the window that is not moved."""
        return len(self.shifts) // 2


def hash_windows(images: NDArray[np.uint8]) -> WindowHashes:
    """Hash images through 9 windows, so that a shift by a pixel can be undone.

    A bit tells on which side of a random hyperplane the image lies in the space of its low
    frequencies, each weighted by its frequency so that all have about the same say. The mean is
    no part of it and the scale does not change a sign, so neither brightness nor contrast matters.

    Parameters
    ----------
    images : ndarray of shape (n, height, width), uint8

    Returns
    -------
    WindowHashes
        Each window lacks a pixel at every side, or none where the side is below 8 pixels.

    References
    ----------
    Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002.

    Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010.
    """
    rows, columns = (_Cosines.of(side) for side in images.shape[1:])
    n_windows = len(rows.offsets) * len(columns.offsets)
    shifts = np.array([(y, x) for y in rows.offsets for x in columns.offsets], dtype=np.intp)
    planes = _hyperplanes(rows.n_frequencies, columns.n_frequencies)
    words = np.empty((len(images), n_windows, WORDS), np.uint32)
    for part in parts_of(images):
        waves = rows.waves @ images[part].astype(np.float32) @ columns.waves.T
        waves = waves.reshape(-1, len(rows.offsets), rows.n_frequencies, *columns.shape)
        features = waves.transpose(0, 1, 3, 2, 4).reshape(-1, n_windows, len(planes))
        bits = np.packbits(features @ planes > 0, axis=2)
        words[part] = bits.view(">u4")
    return WindowHashes(words, shifts)


@dataclass(frozen=True)
class _Cosines:
    """The cosines of the discrete cosine transform along a side, for each offset of a window."""

    offsets: tuple[int, ...]
    n_frequencies: int
    waves: NDArray[np.float32]

    @classmethod
    def of(cls, side: int) -> _Cosines:
        margin = 1 if side >= _SMALLEST_CUT_SIDE else 0
        offsets = tuple(range(-margin, margin + 1))
        length = side - 2 * margin
        n_frequencies = min(_FREQUENCIES, length)
        at = np.pi * (np.arange(length) + 0.5) / length
        waves = np.zeros((len(offsets), n_frequencies, side), np.float32)
        for k, offset in enumerate(offsets):
            start = margin + offset
            waves[k, :, start : start + length] = np.cos(np.arange(n_frequencies)[:, None] * at)
        return cls(offsets, n_frequencies, waves.reshape(-1, side))

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.offsets), self.n_frequencies


def _hyperplanes(n_rows: int, n_columns: int) -> NDArray[np.float32]:
    """Random directions in the space of cosines, without the mean; always the same ones."""
    frequencies = np.hypot(*np.ogrid[:n_rows, :n_columns]).reshape(-1, 1)
    directions = np.random.default_rng(0).standard_normal((len(frequencies), _BITS))
    return (directions * frequencies).astype(np.float32)
