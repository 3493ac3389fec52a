"""A folder or a zip archive as a list of file names that can be opened."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Protocol, Self, cast

from ferclassifier.datasets._bad_items import BadItems
from ferclassifier.exceptions import DataError, ImageError

IMAGE_SUFFIXES = frozenset(
    f".{suffix}"
    for suffix in (
        *("jpg", "jpeg", "png", "bmp", "gif", "pgm", "ppm"),
        *("webp", "tif", "tiff", "avif", "jp2", "heic", "heif"),
    )
)

# More than any picture of a face has, and all that a zip bomb can cost.
_MAX_IMAGE_BYTES = 16 * 1024**2

# Deeper than any layout that is read, so that a link to a folder above it comes to an end.
_MAX_DEPTH = 5


class FileTree(Protocol):
    """Files below one root, by their relative names with forward slashes, sorted."""

    path: Path
    names: list[str]
    unsafe_names: list[str]

    def location(self, name: str) -> str:
        """Say where a file is: a path, or the name of a member of the archive."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading in binary mode."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


def open_tree(path: Path) -> FileTree:
    """Open a folder or a zip archive.

    Raises
    ------
    DataError
        If the path does not exist, or is neither.
    """
    if path.is_dir():
        return Folder(path)
    if is_zip(path):
        return Archive(path)
    if path.exists():
        raise DataError(f"{path}: expected a folder or a zip archive, but this is another file.")
    raise DataError(f"{path}: there is no such file or folder.")


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading in binary mode.

    Raises
    ------
    DataError
        If the system does not allow it.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise DataError(f"{path}: cannot be opened: {error.strerror}") from error


def is_zip(path: Path) -> bool:
    """Tell a zip archive, also a broken one, by its content or its name."""
    return path.is_file() and (path.suffix.lower() == ".zip" or zipfile.is_zipfile(path))


def is_image(name: str) -> bool:
    """Tell an image by the end of its name."""
    return PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES


class Folder:
    """The files below a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names = sorted(self._walk())
        self.unsafe_names: list[str] = []

    def _walk(self) -> Iterator[str]:
        for folder, subfolders, files in os.walk(self.path, followlinks=True, onerror=_refuse):
            inside = Path(folder).relative_to(self.path)
            too_deep = len(inside.parts) >= _MAX_DEPTH
            subfolders[:] = [] if too_deep else [name for name in subfolders if not _is_junk(name)]
            yield from ((inside / name).as_posix() for name in files if not _is_junk(name))

    def location(self, name: str) -> str:
        """Give the path of a file."""
        return str(self.path / name)

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading in binary mode."""
        return open_file(self.path / name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Archive:
    """The members of a zip archive, read in place.

    Nothing is unpacked to the disk. Names that would lead out of the folder they are unpacked to
    are kept apart in `unsafe_names`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # For a damaged archive zipfile raises BadZipFile, but also struct.error, OSError,
        # NotImplementedError, UnicodeDecodeError, ...
        try:
            self._zip = zipfile.ZipFile(path)
        except Exception as error:
            raise DataError(f"{path}: the zip archive cannot be read: {error}") from error
        names = [info.filename for info in self._zip.infolist()]
        self.unsafe_names = [name for name in names if _is_unsafe(name)]
        self.names = sorted(
            name
            for name in set(names).difference(self.unsafe_names)
            if not name.endswith("/") and not any(map(_is_junk, name.split("/")))
        )

    def location(self, name: str) -> str:
        """Give the name of a member."""
        return name

    def open(self, name: str) -> BinaryIO:
        """Open a member for reading, unless it is an image of a size that no image has."""
        n_bytes = self._zip.getinfo(name).file_size
        if is_image(name) and n_bytes > _MAX_IMAGE_BYTES:
            raise ImageError(
                f"{self.path}: {name}: an image of {n_bytes} bytes is not plausible; "
                f"expected at most {_MAX_IMAGE_BYTES}."
            )
        # Encrypted, compressed in an unknown way, or with a damaged header.
        try:
            return cast(BinaryIO, self._zip.open(name))
        except Exception as error:
            raise DataError(f"{self.path}: {name}: cannot be opened: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()


def refuse_unsafe_names(tree: FileTree, bad_items: BadItems) -> None:
    """Treat names that lead out of the tree as bad items."""
    for name in tree.unsafe_names:
        error = DataError(
            f"{tree.path}: the archive names a member {name!r}, which may leave the folder that "
            "it is unpacked to; pack it again with plain relative names."
        )
        bad_items.add(name, "unsafe name", error)


def folders_of(
    names: list[str], means_something: Callable[[str], bool] = lambda folder: False
) -> dict[str, list[str]]:
    """Give the folders of each name from the outside in, less one that is around everything.

    A folder that means something (a split, a class) is kept even where it is around everything.
    """
    folders = {name: name.split("/")[:-1] for name in names}
    tops = {parts[0] if len(parts) > 1 else "" for parts in folders.values()}
    if len(tops) == 1 and (top := tops.pop()) and not means_something(top):
        return {name: parts[1:] for name, parts in folders.items()}
    return folders


def _is_junk(name: str) -> bool:
    """Tell what file managers leave behind; Thumbs.db and the like are no images anyway."""
    return name.startswith(".") or name == "__MACOSX"


def _is_unsafe(name: str) -> bool:
    has_drive = name[1:2] == ":"
    return "\\" in name or name.startswith("/") or has_drive or ".." in name.split("/")


def _refuse(error: OSError) -> None:
    raise DataError(f"{error.filename}: the folder cannot be read: {error.strerror}") from error
