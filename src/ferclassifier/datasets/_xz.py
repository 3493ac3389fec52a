"""Files packed by xz, unpacked in bounded memory.

`lzma.open` takes as much as the file asks for, which may be 4 GiB for a file of some hundred bytes.
"""

from __future__ import annotations

import lzma
from typing import BinaryIO

# What xz -9, the most that its levels ask for, needs is 65 MiB.
_MOST_MEMORY = 100 * 1024**2
_PACKED_BYTES = 2**16


class XzReader:
    """What a packed file holds, with as much of the interface of a file as is asked for.

    Parameters
    ----------
    packed : binary file object
        It is left open.
    """

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._start = packed.tell() if packed.seekable() else 0
        self._begin()

    def _begin(self) -> None:
        self._stream, self._waiting, self._position = _decompressor(), b"", 0

    def read1(self, n_bytes: int) -> bytes:
        """Read some bytes, at most so many, and none at the end."""
        while not self._stream.eof or self._has_another_stream():
            packed = b""
            if self._stream.needs_input:
                packed = self._waiting or self._packed.read(_PACKED_BYTES)
                self._waiting = b""
                if not packed:
                    raise EOFError("it is cut short")
            if part := self._stream.decompress(packed, n_bytes):
                self._position += len(part)
                return part
        return b""

    def _has_another_stream(self) -> bool:
        """Begin the next of the streams of which a file may be made, behind padding of zeros."""
        rest = self._stream.unused_data
        while not (rest := rest.lstrip(b"\0")):
            rest = self._packed.read(_PACKED_BYTES)
            if not rest:
                return False
        self._stream, self._waiting = _decompressor(), rest
        return True

    def tell(self) -> int:
        """Return the place in what was packed."""
        return self._position

    def seek(self, place: int) -> int:
        """Go to a place; to one before means to unpack all again."""
        if place < self._position:
            self._packed.seek(self._start)
            self._begin()
        while self._position < place and self.read1(min(place - self._position, 2**20)):
            pass
        return self._position

    def close(self) -> None:
        """Do nothing: whoever opened the file closes it."""


def _decompressor() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)
