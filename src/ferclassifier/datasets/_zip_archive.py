"""A zip archive as a file tree."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from typing import BinaryIO, Self, cast

from ferclassifier.datasets._file_tree import (
    Refused,
    check_image_size,
    head_of,
    link_or_device,
    unsafe_name,
)
from ferclassifier.datasets._member_names import decode_names, plain_name
from ferclassifier.datasets._streams import max_unpacked, read_fully
from ferclassifier.exceptions import DataError
from ferclassifier.images._image_files import is_junk

_IS_UTF8 = 0x800
# That of a million members; for each of them zipfile takes a kilobyte.
_MAX_DIRECTORY = 2**26
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
_END_BYTES, _END_64_BYTES, _LOCATOR_BYTES, _MAX_COMMENT = 22, 56, 20, 2**16


class ZipArchive:
    """The members of a zip archive, read in place: nothing is unpacked to the disk.

    Parameters
    ----------
    stream : binary file object
        One that seeks. It is closed with the archive.
    origin : str
        The archive, for messages.

    Raises
    ------
    DataError
        If its directory cannot be read.
    """

    def __init__(self, stream: BinaryIO, origin: str) -> None:
        self.origin = origin
        self._stream = stream
        # For a damaged archive zipfile raises BadZipFile, but also struct.error, OSError,
        # NotImplementedError, UnicodeDecodeError, ...
        try:
            _check_directory(stream)
            self._zip = zipfile.ZipFile(stream)
        except Exception as error:
            stream.close()
            raise DataError(f"{origin}: the zip archive cannot be read: {error}") from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        self.refused: list[Refused] = []
        infos = self._zip.infolist()
        for info, stored in zip(infos, _names(infos), strict=True):
            name = plain_name(stored)
            if name is None:
                self.refused.append(unsafe_name(stored))
            elif not name or any(map(is_junk, name.split("/"))) or stored.endswith(("/", "\\")):
                continue
            elif stat.S_IFMT(info.external_attr >> 16) in (0, stat.S_IFREG):
                self._members[name] = info
            elif not stat.S_ISDIR(info.external_attr >> 16):
                self.refused.append(link_or_device(name))
        self.names = sorted(self._members)

    def location(self, name: str) -> str:
        """Give the name of a member."""
        return name

    def place(self, name: str) -> int:
        """Say nothing: members are read in any order."""
        return 0

    def head(self, name: str) -> bytes:
        """Give the first bytes of a member, or none if it cannot be read."""
        return head_of(self, name)

    def open(self, name: str) -> BinaryIO:
        """Open a member for reading, unless it unpacks to more than is plausible."""
        info = self._members[name]
        if info.file_size > max_unpacked(info.compress_size):
            raise DataError(
                f"{self.origin}: {name}: {info.file_size:,} bytes out of {info.compress_size:,} "
                "are not plausible; unpack it yourself if you trust it."
            )
        if info.compress_type == zipfile.ZIP_LZMA:  # which takes what memory the file asks for
            raise DataError(f"{self.origin}: {name}: is packed by LZMA; pack it by Deflate.")
        # Encrypted, compressed in an unknown way, or with a damaged header.
        try:
            return cast(BinaryIO, self._zip.open(info))
        except Exception as error:
            raise DataError(f"{self.origin}: {name}: cannot be opened: {error}") from error

    def open_image(self, name: str) -> BinaryIO:
        """Open a member, unless it is of a size that no image has."""
        check_image_size(self.origin, name, self._members[name].file_size)
        return self.open(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._stream.close()


def _check_directory(stream: BinaryIO) -> None:
    """Refuse an archive of more members than a data set, before zipfile reads of them.

    Where there is no directory, zipfile says so.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _END_64_BYTES - _LOCATOR_BYTES - _END_BYTES - _MAX_COMMENT))
    tail = read_fully(stream, size)
    stream.seek(0)
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + _END_BYTES:
        return
    (n_bytes,) = struct.unpack_from("<L", tail, end + 12)
    end_64 = end - _LOCATOR_BYTES - _END_64_BYTES
    if end_64 >= 0 and tail.startswith(_END_64, end_64):
        (n_bytes,) = struct.unpack_from("<Q", tail, end_64 + 40)
    if n_bytes > _MAX_DIRECTORY:
        raise ValueError(
            f"it lists its members in {n_bytes:,} bytes, but at most {_MAX_DIRECTORY:,} are read, "
            "those of a million members; unpack it"
        )


def _names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Decode the names of which the archive does not say that they are UTF-8.

    zipfile takes them for code page 437, which gives every byte back.
    """
    names = [info.filename for info in infos]
    unsaid = [i for i, info in enumerate(infos) if not info.flag_bits & _IS_UTF8]
    for i, name in zip(
        unsaid, decode_names([names[i].encode("cp437") for i in unsaid]), strict=True
    ):
        names[i] = name
    return names
