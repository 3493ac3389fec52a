"""Which photos stand in a table already, in some bytes for each."""

from __future__ import annotations

from array import array
from hashlib import blake2b

import numpy as np


class Finished:
    """A set of names to which none is added once it has been asked.

    Of each there are 8 bytes: a million photos take 8 MB, and the chance that one of a million
    others is mistaken for one of them is 1 in 20 million.
    """

    def __init__(self) -> None:
        self._digests = array("Q")
        self._sorted: np.ndarray[tuple[int], np.dtype[np.uint64]] | None = None

    def __len__(self) -> int:
        return len(self._digests)

    def add(self, name: str) -> None:
        """Take a name in."""
        self._digests.append(_digest(name))

    def __contains__(self, name: str) -> bool:
        if self._sorted is None:
            self._sorted = np.sort(np.frombuffer(self._digests, dtype=np.uint64))
        if not len(self._sorted):
            return False
        digest = np.uint64(_digest(name))
        place = int(self._sorted.searchsorted(digest))
        return place < len(self._sorted) and bool(self._sorted[place] == digest)


def _digest(name: str) -> int:
    return int.from_bytes(
        blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )
