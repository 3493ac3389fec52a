"""A folder, or anything else that holds files, as a list of names that can be opened."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Protocol, Self

from ferclassifier.datasets._bad_items import BadItems
from ferclassifier.datasets._file_kinds import HEAD_BYTES
from ferclassifier.datasets._streams import read_fully
from ferclassifier.exceptions import DataError, ImageError
from ferclassifier.images._image_files import is_junk

# More than any picture of a face has, and all that a zip bomb can cost.
_MAX_IMAGE_BYTES = 16 * 1024**2

# Deeper than any layout that is read, so that a link to a folder above it comes to an end.
_MAX_DEPTH = 5


class Refused(NamedTuple):
    """A member of an archive that is not opened: why, in a few words and in full."""

    name: str
    reason: str
    explanation: str


class FileTree(Protocol):
    """Files below one root, by their relative names with forward slashes, sorted."""

    origin: str
    names: list[str]
    refused: list[Refused]

    def location(self, name: str) -> str:
        """Say where a file is: a path, or the name of a member of the archive."""
        ...

    def place(self, name: str) -> int:
        """Say where in the archive a file begins, if reading in that order is faster."""
        ...

    def head(self, name: str) -> bytes:
        """Give the first bytes of a file, or none if it cannot be read."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading in binary mode."""
        ...

    def open_image(self, name: str) -> BinaryIO:
        """Open a file, unless it is of a size that no image has."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading in binary mode.

    Raises
    ------
    DataError
        If the system does not allow it, or it is a pipe or a device.
    """
    try:
        if not path.is_file() and path.exists():
            raise DataError(f"{path}: this is no file, but a pipe, a device or a folder.")
        return path.open("rb")
    except OSError as error:
        raise DataError(f"{path}: cannot be opened: {error.strerror}") from error


class Folder:
    """The files below a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.origin = str(path)
        self.names = sorted(self._walk())
        self.refused: list[Refused] = []

    def _walk(self) -> Iterator[str]:
        for folder, subfolders, files in os.walk(self.path, followlinks=True, onerror=_refuse):
            inside = Path(folder).relative_to(self.path)
            too_deep = len(inside.parts) >= _MAX_DEPTH
            subfolders[:] = [] if too_deep else [name for name in subfolders if not is_junk(name)]
            yield from ((inside / name).as_posix() for name in files if not is_junk(name))

    def location(self, name: str) -> str:
        """Give the path of a file."""
        return str(self.path / name)

    def place(self, name: str) -> int:
        """Say nothing: files are read in any order."""
        return 0

    def head(self, name: str) -> bytes:
        """Give the first bytes of a file, or none if it cannot be read."""
        return head_of(self, name)

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading in binary mode."""
        return open_file(self.path / name)

    def open_image(self, name: str) -> BinaryIO:
        """Open a file, whatever its size: it lies there unpacked."""
        return self.open(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def head_of(tree: FileTree, name: str) -> bytes:
    """Open a file for its first bytes alone."""
    # What a damaged member raises: BadZipFile, zlib.error, EOFError, NotImplementedError, ...
    try:
        with tree.open(name) as stream:
            return read_fully(stream, HEAD_BYTES)
    except Exception:
        return b""


def check_image_size(origin: str, name: str, n_bytes: int) -> None:
    """Refuse a member that is to be an image, and unpacks to more than any image has."""
    if n_bytes > _MAX_IMAGE_BYTES:
        raise ImageError(
            f"{origin}: {name}: an image of {n_bytes} bytes is not plausible; "
            f"expected at most {_MAX_IMAGE_BYTES}."
        )


def unsafe_name(name: str) -> Refused:
    """Refuse a name that would lead out of the folder that it is unpacked to."""
    return Refused(
        name,
        "unsafe name",
        "may leave the folder that it is unpacked to; pack it again with plain relative names",
    )


def link_or_device(name: str) -> Refused:
    """Refuse what holds no data, but leads to them elsewhere."""
    return Refused(
        name, "link or device", "is a link or a device; pack the files themselves (tar -h, zip)"
    )


def refuse_members(tree: FileTree, bad_items: BadItems) -> None:
    """Treat members that must not be opened as bad items."""
    for name, reason, explanation in tree.refused:
        error = DataError(
            f"{tree.origin}: the archive names a member {name!r}, which {explanation}."
        )
        bad_items.add(name, reason, error)


def folders_of(
    names: Sequence[str], means_something: Callable[[str], bool] = lambda folder: False
) -> dict[str, list[str]]:
    """Give the folders of each name from the outside in, less one that is around everything.

    A folder that means something (a split, a class) is kept even where it is around everything.
    """
    folders = {name: name.split("/")[:-1] for name in names}
    tops = {parts[0] if len(parts) > 1 else "" for parts in folders.values()}
    if len(tops) == 1 and (top := tops.pop()) and not means_something(top):
        return {name: parts[1:] for name, parts in folders.items()}
    return folders


def _refuse(error: OSError) -> None:
    raise DataError(f"{error.filename}: the folder cannot be read: {error.strerror}") from error
