"""Pairs of images whose hashes are alike, without comparing all with all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ferclassifier.audit._perceptual_hash import WORDS, WindowHashes

# A hash is compared with so many on either side of its place in each of the sorted lists.
_REACH = 8
# So many of the 256 bits may differ.
_MOST_BITS = 40
# A pair is kept if it is among so many closest ones of either image.
_MOST_PARTNERS = 16


@dataclass(frozen=True)
class Candidates:
    """Pairs of images that may be near duplicates.

    Attributes
    ----------
    pairs : ndarray of shape (n_pairs, 2), int
        Each with its smaller index first, in ascending order.
    windows : ndarray of shape (n_pairs,), int
        The window through which the second image looks most like the first in the middle one.
    """

    pairs: NDArray[np.intp]
    windows: NDArray[np.intp]


def candidate_pairs(hashes: WindowHashes) -> Candidates:
    """Find the pairs of images whose hashes differ in few bits.

    The hashes are sorted 8 times, by another word first. That of each window is looked up in each
    order and compared with those around its place, as far as they begin with the same bits: 7 more
    than it takes to number the images, so that few do by chance. The comparisons are at most a
    constant times the images, however alike these are.

    Parameters
    ----------
    hashes : WindowHashes
        Of n images.

    Returns
    -------
    Candidates
        At most 16 n pairs.

    References
    ----------
    Indyk and Motwani, "Approximate nearest neighbors: towards removing the curse of
    dimensionality", STOC 1998.

    Bawa, Condie and Ganesan, "LSH forest: self-tuning indexes for similarity search", WWW 2005.
    """
    n_images, n_windows = hashes.words.shape[:2]
    n_bits = min(64, math.ceil(math.log2(max(2, n_images))) + 7)
    pairs = _Pairs.none()
    for word in range(WORDS):
        keys = _sort_keys(hashes.words, word)
        order = np.argsort(keys[:, hashes.middle], kind="stable")
        for window in range(n_windows):
            neighbours = _neighbours(keys[:, window], keys[:, hashes.middle], order, n_bits)
            alike = [_alike(hashes, window, moved, still) for moved, still in neighbours]
            pairs = _Pairs.merged([pairs, *alike]).closest(n_images)
    return Candidates(np.stack(np.divmod(pairs.code, max(1, n_images)), axis=1), pairs.window)


def _sort_keys(words: NDArray[np.uint32], word: int) -> NDArray[np.uint64]:
    """Return the first 64 bits of each hash if it began with this word."""
    following = words[:, :, (word + 1) % WORDS]
    return (words[:, :, word].astype(np.uint64) << np.uint64(32)) | following


def _neighbours(
    looked_up: NDArray[np.uint64],
    keys: NDArray[np.uint64],
    order: NDArray[np.intp],
    n_bits: int,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Pairs of a key that is looked up and one near its place that begins with the same bits."""
    in_order = keys[order]
    place = np.searchsorted(in_order, looked_up)
    beginning = np.uint64(64 - n_bits)
    for step in range(-_REACH, _REACH):
        near = place + step
        left = np.flatnonzero((near >= 0) & (near < len(keys)))
        left = left[(in_order[near[left]] ^ looked_up[left]) >> beginning == 0]
        right = order[near[left]]
        yield left[left != right], right[left != right]


@dataclass(frozen=True)
class _Pairs:
    """Pairs i < j of n images: i * n + j, how many bits differ, and through which window."""

    code: NDArray[np.intp]
    bits: NDArray[np.intp]
    window: NDArray[np.intp]

    @classmethod
    def none(cls) -> _Pairs:
        empty = np.empty(0, np.intp)
        return cls(empty, empty, empty)

    @classmethod
    def merged(cls, several: Sequence[_Pairs]) -> _Pairs:
        """Those of several that differ, each as it looks most alike."""
        code, bits, window = (
            np.concatenate([getattr(pairs, name) for pairs in several])
            for name in ("code", "bits", "window")
        )
        order = np.lexsort((bits, code))
        first = order[np.diff(code[order], prepend=-1) > 0]
        return cls(code[first], bits[first], window[first])

    def closest(self, n_images: int) -> _Pairs:
        """Those that are among the 16 closest of either image."""
        ends = np.concatenate(np.divmod(self.code, n_images))
        order = np.lexsort((np.tile(self.bits, 2), ends))
        starts = np.flatnonzero(np.diff(ends[order], prepend=-1))
        rank = np.arange(len(ends)) - np.repeat(starts, np.diff(starts, append=len(ends)))
        kept = np.zeros(len(self.code), dtype=bool)
        kept[order[rank < _MOST_PARTNERS] % max(1, len(kept))] = True
        return _Pairs(self.code[kept], self.bits[kept], self.window[kept])


def _alike(
    hashes: WindowHashes, window: int, moved: NDArray[np.intp], still: NDArray[np.intp]
) -> _Pairs:
    """Those pairs of which the first, through this window, looks like the second."""
    n_images, n_windows = hashes.words.shape[:2]
    one = hashes.words[moved, window].view(np.uint64)
    other = hashes.words[still, hashes.middle].view(np.uint64)
    bits = np.bitwise_count(one ^ other).sum(axis=1, dtype=np.intp)
    kept = bits <= _MOST_BITS
    moved, still = moved[kept], still[kept]
    code = np.minimum(moved, still) * n_images + np.maximum(moved, still)
    # Seen from the other image, the window lies on the other side.
    return _Pairs(code, bits[kept], np.where(still < moved, window, n_windows - 1 - window))
