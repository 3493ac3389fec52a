"""Streams of bytes: looked into, borrowed, unpacked and cut out of others."""

from __future__ import annotations

import bz2
import gzip
import io
import os
from typing import Any, BinaryIO, cast

from ferclassifier.datasets._file_kinds import HEAD_BYTES
from ferclassifier.datasets._xz import XzReader
from ferclassifier.exceptions import DataError

# A packed file may grow by as much: some hundred bytes could otherwise hold any number of them.
_UNPACKED_BYTES = 1024**3
_UNPACKED_RATIO = 20

_OPENERS: dict[str, Any] = {
    "gzip": gzip.open,
    "bzip2": bz2.open,
    "xz": lambda packed, _: XzReader(packed),
}


def max_unpacked(n_packed: int) -> int:
    """Say how many bytes may come out of so many packed ones."""
    return max(_UNPACKED_BYTES, _UNPACKED_RATIO * n_packed)


def look_into(stream: BinaryIO, name: str) -> tuple[bytes, BinaryIO]:
    """Give the first bytes of a stream, and a stream that begins with them.

    Raises
    ------
    DataError
        If they cannot be read. The name says of what.
    """
    # Of what is damaged: BadZipFile, zlib.error, EOFError, OSError, LZMAError, ...
    try:
        return _look_into(stream)
    except DataError:
        raise
    except Exception as error:
        raise DataError(f"{name}: cannot be read: {error}") from error


def _look_into(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    if stream.seekable():
        start = stream.tell()
        head = read_fully(stream, HEAD_BYTES)
        stream.seek(start)
        return head, stream
    head = read_fully(stream, HEAD_BYTES)
    return head, cast(BinaryIO, io.BufferedReader(_PushedBack(head, stream), 2**16))


def read_fully(stream: BinaryIO, n_bytes: int) -> bytes:
    """Read so many bytes, or up to the end, of a stream that may give fewer at a time."""
    parts = []
    while n_bytes > 0 and (part := stream.read(n_bytes)):
        parts.append(part)
        n_bytes -= len(part)
    return b"".join(parts)


def borrow(file: Any) -> BinaryIO:
    """Make a stream of anything with a method read; closing it leaves that open."""
    return cast(BinaryIO, io.BufferedReader(_Borrowed(file), 2**16))


def unpack(stream: BinaryIO, kind: str, name: str) -> BinaryIO:
    """Unpack a compressed stream while it is read.

    Parameters
    ----------
    stream : binary file object
        It is closed with what is returned.
    kind : {"gzip", "bzip2", "xz"}
    name : str
        The file, for messages.

    Raises
    ------
    DataError
        In reading, if more comes out than a data set would have.
    """
    n_packed = 0
    if stream.seekable():
        start = stream.tell()
        n_packed = stream.seek(0, os.SEEK_END) - start
        stream.seek(start)
    return cast(
        BinaryIO, io.BufferedReader(_Unpacked(stream, kind, max_unpacked(n_packed), name), 2**16)
    )


def cut_out(stream: BinaryIO, start: int, n_bytes: int, name: str) -> BinaryIO:
    """Give a part of a stream as one of its own, which has a name and leaves the whole open."""
    return cast(BinaryIO, io.BufferedReader(_Section(stream, start, n_bytes, name), 2**16))


class _Stream(io.RawIOBase):
    """What all have in common: they are read only."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._next(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def _next(self, n_bytes: int) -> bytes:
        """Give some bytes, at most so many, and none at the end."""
        raise NotImplementedError


class _PushedBack(_Stream):
    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def _next(self, n_bytes: int) -> bytes:
        if self._head:
            part, self._head = self._head[:n_bytes], self._head[n_bytes:]
            return part
        return self._rest.read(n_bytes)

    def close(self) -> None:
        self._rest.close()
        super().close()


class _Borrowed(_Stream):
    def __init__(self, file: Any) -> None:
        self._file = file

    def _next(self, n_bytes: int) -> bytes:
        part: bytes = self._file.read(n_bytes)
        return part

    def seekable(self) -> bool:
        return bool(getattr(self._file, "seekable", lambda: False)())

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        position: int = self._file.seek(offset, whence)
        return position

    def tell(self) -> int:
        position: int = self._file.tell()
        return position


class _Unpacked(_Stream):
    def __init__(self, packed: BinaryIO, kind: str, limit: int, name: str) -> None:
        self._packed = packed
        self._unpacked = _OPENERS[kind](packed, "rb")
        self._limit = limit
        self._name = name

    def _next(self, n_bytes: int) -> bytes:
        part: bytes = self._unpacked.read1(n_bytes)
        self._check(self.tell())
        return part

    def seekable(self) -> bool:
        return self._packed.seekable()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        if whence == os.SEEK_CUR:
            offset += self.tell()
        elif whence != os.SEEK_SET:
            raise io.UnsupportedOperation("the end is not known before it is reached")
        self._check(offset)
        position: int = self._unpacked.seek(offset)
        return position

    def tell(self) -> int:
        position: int = self._unpacked.tell()
        return position

    def close(self) -> None:
        self._unpacked.close()
        self._packed.close()
        super().close()

    def _check(self, position: int) -> None:
        if position > self._limit:
            raise DataError(
                f"{self._name}: more than {self._limit:,} bytes come out of it, which is not "
                "plausible; unpack it yourself if you trust it."
            )


class _Section(_Stream):
    def __init__(self, whole: BinaryIO, start: int, n_bytes: int, name: str) -> None:
        self.name = name
        self._whole = whole
        self._start = start
        self._n_bytes = n_bytes
        self._position = 0

    def _next(self, n_bytes: int) -> bytes:
        wanted = min(n_bytes, self._n_bytes - self._position)
        if wanted <= 0:
            return b""
        # Others read from the same stream.
        self._whole.seek(self._start + self._position)
        part = self._whole.read(wanted)
        if not part:
            raise EOFError("the archive is cut short")
        self._position += len(part)
        return part

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._n_bytes}[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        return self._position
