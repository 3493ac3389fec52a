"""A tar archive as a file tree.

Members are found by a reader of headers of our own: tarfile takes as much memory as a header asks
for, and does not come to an end with the negative sizes of a damaged one, in Pythons of 2025 and
before (CVE-2025-8194).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Self

from ferclassifier.datasets._file_kinds import HEAD_BYTES
from ferclassifier.datasets._file_tree import (
    Refused,
    check_image_size,
    link_or_device,
    unsafe_name,
)
from ferclassifier.datasets._member_names import decode_names, plain_name
from ferclassifier.datasets._streams import cut_out, read_fully
from ferclassifier.exceptions import DataError
from ferclassifier.images._image_files import is_junk, is_named_image

_BLOCK = 512

# By their letters in the header. What is none of these is a file, as the standard wants it.
_FOLDERS = (b"5", b"D")
_NOTES = (b"g", b"K", b"V", b"N")
_LONG_NAME = b"L"
_PAX = (b"x", b"X")
_LINKS_AND_DEVICES = (b"1", b"2", b"3", b"4", b"6")
_SPARSE = (b"S", b"M")

# A long name or the extended attributes of a member; and the members of any data set.
_MAX_NOTE = 1024**2
_MAX_MEMBERS = 1_000_000


class _Entry(NamedTuple):
    name: bytes
    kind: bytes
    start: int
    n_bytes: int


class TarArchive:
    """The members of a tar archive, read in place: nothing is unpacked to the disk.

    Parameters
    ----------
    stream : binary file object
        One that seeks, at the beginning of the archive. It is closed with it. Where it unpacks
        what it reads, going back is slow: read members in the order of their `place`.
    origin : str
        The archive, for messages.

    Raises
    ------
    DataError
        If it is damaged or cut short.
    """

    def __init__(self, stream: BinaryIO, origin: str) -> None:
        self.origin = origin
        self._stream = stream
        self._members: dict[str, _Entry] = {}
        self._heads: dict[str, bytes] = {}
        self.refused: list[Refused] = []
        # Of a damaged compressed archive: zlib.error, EOFError, OSError, LZMAError, ...
        try:
            self._list_members()
        except DataError:
            stream.close()
            raise
        except Exception as error:
            stream.close()
            raise DataError(f"{origin}: the tar archive cannot be read: {error}") from error
        self.names = sorted(self._members)

    def _list_members(self) -> None:
        entries: list[_Entry] = []
        heads: list[bytes] = []
        for entry in _entries(self._stream):
            if len(entries) == _MAX_MEMBERS:
                raise ValueError(f"it has more than {_MAX_MEMBERS:,} members")
            # Taken in passing, because coming back for them means to unpack all again.
            is_asked_for = entry.kind not in _FOLDERS and not is_named_image(
                entry.name.decode("latin-1")
            )
            heads.append(self._read_head(entry) if is_asked_for else b"")
            entries.append(entry)
            self._check_end(entry)
        names = decode_names([entry.name for entry in entries])
        for stored, entry, head in zip(names, entries, heads, strict=True):
            name = plain_name(stored)
            if name is None:
                self.refused.append(unsafe_name(stored))
            elif not name or any(map(is_junk, name.split("/"))) or entry.kind in _FOLDERS:
                continue
            elif entry.kind in _LINKS_AND_DEVICES:
                self.refused.append(link_or_device(name))
            elif entry.kind in _SPARSE:
                self.refused.append(
                    Refused(name, "sparse file", "is stored with holes; pack it again without")
                )
            else:
                self._members[name] = entry
                self._heads[name] = head

    def _read_head(self, entry: _Entry) -> bytes:
        self._stream.seek(entry.start)
        return read_fully(self._stream, min(HEAD_BYTES, entry.n_bytes))

    def _check_end(self, entry: _Entry) -> None:
        """Make sure that a member is there to its end: seeking goes beyond that of a file."""
        if entry.n_bytes:
            self._stream.seek(entry.start + entry.n_bytes - 1)
            if not self._stream.read(1):
                raise EOFError("it is cut short")

    def location(self, name: str) -> str:
        """Give the name of a member."""
        return name

    def place(self, name: str) -> int:
        """Say where a member begins."""
        return self._members[name].start

    def head(self, name: str) -> bytes:
        """Give the first bytes of a member whose name does not say that it is an image."""
        return self._heads[name]

    def open(self, name: str) -> BinaryIO:
        """Open a member for reading."""
        entry = self._members[name]
        return cut_out(self._stream, entry.start, entry.n_bytes, name)

    def open_image(self, name: str) -> BinaryIO:
        """Open a member, unless it is of a size that no image has."""
        check_image_size(self.origin, name, self._members[name].n_bytes)
        return self.open(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def is_tar_header(block: bytes) -> bool:
    """Tell the header of a tar archive, also of one older than its mark, by its sum."""
    try:
        return len(block) >= _BLOCK and block[0] != 0 and _has_its_sum(block[:_BLOCK])
    except ValueError:
        return False


def _entries(stream: BinaryIO) -> Iterator[_Entry]:
    """Yield the members, reading forward only. Raise ValueError or EOFError if it is damaged."""
    at = stream.tell()
    long_name: bytes | None = None
    pax: dict[bytes, bytes] = {}
    while True:
        stream.seek(at)
        block = read_fully(stream, _BLOCK)
        if not block or block.count(0) == _BLOCK:
            return
        if len(block) < _BLOCK:
            raise EOFError("it is cut short")
        if not _has_its_sum(block):
            raise ValueError("a header does not have the sum that it names")
        kind, n_bytes = block[156:157], _number(block[124:136])
        start = at + _BLOCK
        if kind in _NOTES or kind == _LONG_NAME or kind in _PAX:
            at = start + _padded(n_bytes)
            if kind == _LONG_NAME:
                long_name = _read_note(stream, n_bytes).partition(b"\0")[0]
            elif kind in _PAX:
                pax = _records(_read_note(stream, n_bytes))
            continue
        if b"size" in pax:
            n_bytes = _whole(pax[b"size"], base=10)
        if any(key.startswith(b"GNU.sparse.") for key in pax):
            kind = b"S"
        # Of a link, the size is that of the file it leads to.
        at = start + (0 if kind in _LINKS_AND_DEVICES else _padded(n_bytes))
        name = pax.get(b"path") or long_name or _short_name(block)
        is_folder = kind in _FOLDERS or (kind not in _LINKS_AND_DEVICES and name.endswith(b"/"))
        has_data = not is_folder and kind not in _LINKS_AND_DEVICES
        yield _Entry(name, b"5" if is_folder else kind, start, n_bytes if has_data else 0)
        long_name, pax = None, {}


def _read_note(stream: BinaryIO, n_bytes: int) -> bytes:
    if n_bytes > _MAX_NOTE:
        raise ValueError(f"a header of {n_bytes:,} bytes is not plausible")
    note = read_fully(stream, n_bytes)
    if len(note) < n_bytes:
        raise EOFError("it is cut short")
    return note


def _records(note: bytes) -> dict[bytes, bytes]:
    """Read an extended header: each line is its own length, a key and a value."""
    records = {}
    at = 0
    while at < len(note) and note[at]:
        length, blank, _ = note[at : at + 10].partition(b" ")
        end = at + _whole(length, base=10)
        key, equals, value = note[at + len(length) + 1 : end - 1].partition(b"=")
        if not blank or not equals or end > len(note) or note[end - 1 : end] != b"\n":
            raise ValueError("an extended header is damaged")
        records[key] = value
        at = end
    return records


def _short_name(block: bytes) -> bytes:
    name = block[:100].partition(b"\0")[0]
    # GNU tar has other things in the place of the prefix, and another mark.
    prefix = block[345:500].partition(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _has_its_sum(block: bytes) -> bool:
    rest = block[:148] + b" " * 8 + block[156:]
    # Some old programs took bytes for signed.
    return _number(block[148:156]) in (sum(rest), sum(b - 256 if b > 127 else b for b in rest))


def _number(field: bytes) -> int:
    if field[0] & 0x80:
        if field[0] != 0x80:
            raise ValueError("a header names a negative or an enormous number")
        return int.from_bytes(field[1:], "big")
    return _whole(field.partition(b"\0")[0].strip() or b"0", base=8)


def _whole(digits: bytes, base: int) -> int:
    if not digits.isdigit() or len(digits) > 20:
        raise ValueError("a header names no number where one belongs")
    return int(digits, base)


def _padded(n_bytes: int) -> int:
    return -(-n_bytes // _BLOCK) * _BLOCK
