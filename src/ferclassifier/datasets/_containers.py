"""Folders, archives and packed files, opened for what is in them."""

from __future__ import annotations

import io
import zipfile
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TypeAlias

from ferclassifier._utils.wording import in_words
from ferclassifier.datasets._file_kinds import (
    PACKED,
    claimed_archive,
    container_kind,
    describe_other,
    is_table_head,
)
from ferclassifier.datasets._file_tree import Folder, open_file
from ferclassifier.datasets._streams import look_into, read_fully, unpack
from ferclassifier.datasets._tar_archive import TarArchive, is_tar_header
from ferclassifier.datasets._zip_archive import ZipArchive
from ferclassifier.exceptions import DataError

Tree: TypeAlias = Folder | ZipArchive | TarArchive
TREES = (Folder, ZipArchive, TarArchive)

# A zip within an archive is read into memory: its directory stands at its end.
_MAX_INNER_ZIP = 1024**3


def open_path(path: Path) -> Tree | BinaryIO:
    """Open a folder or an archive as a tree, or another file as a stream, unpacked.

    Raises
    ------
    DataError
        If there is nothing at the path, it cannot be opened, or it is of a kind that holds no
        images and no table.
    """
    # What is no path at all, such as the content of a file, may be too long for the system.
    try:
        if path.is_dir():
            return Folder(path)
        exists = path.exists()
    except OSError as error:
        raise DataError(f"{str(path)[:80]!r}: cannot be a path: {error.strerror}.") from error
    if not exists:
        raise DataError(f"{path}: there is no such file or folder.")
    return open_data(open_file(path), str(path))


def open_tree(path: Path) -> Tree:
    """Open a folder or an archive.

    Raises
    ------
    DataError
        If the path does not exist, or is neither.
    """
    return _as_tree(open_path(path), str(path))


def open_data(stream: BinaryIO, origin: str, *, is_member: bool = False) -> Tree | BinaryIO:
    """Open what a stream holds: an archive as a tree, anything else as a stream, unpacked.

    The content decides. The end of the name does where the content says nothing.

    Parameters
    ----------
    stream : binary file object
        It is closed with what is returned, or if an error is raised.
    origin : str
        The file, for messages.
    is_member : bool, default=False
        Whether it is a member of an archive.

    Raises
    ------
    DataError
        If it is of a kind that holds no images and no table, or an archive that is damaged.
    """
    with ExitStack() as stack:
        stack.callback(stream.close)
        data = _open_data(stream, origin, is_member)
        stack.pop_all()
        return data


def inner_archive(tree: Tree) -> str | None:
    """Name the member that holds all the rest: the only packed one, or else FER-2013 by its name.

    Raises
    ------
    DataError
        If there are several, and none has that name.
    """
    inner = [name for name in tree.names if container_kind(tree.head(name))]
    if len(inner) < 2:
        return inner[0] if inner else None
    known = [name for name in inner if PurePosixPath(name).name.lower().startswith("fer2013.")]
    if len(known) == 1:
        return known[0]
    raise DataError(
        f"{tree.origin}: expected one archive in it, but found {in_words(inner, 5)}; "
        "unpack it, and give the path of one of them."
    )


def open_inner(tree: Tree, name: str) -> Tree | BinaryIO:
    """Open a packed member."""
    return open_data(
        tree.open(name), f"{tree.origin}: {name}", is_member=not isinstance(tree, Folder)
    )


def open_inner_tree(tree: Tree, name: str) -> Tree:
    """Open a packed member that is an archive, and raise DataError if it is none."""
    return _as_tree(open_inner(tree, name), f"{tree.origin}: {name}")


def _as_tree(data: Tree | BinaryIO, origin: str) -> Tree:
    if isinstance(data, TREES):
        return data
    data.close()
    raise DataError(
        f"{origin}: expected a folder or an archive (zip or tar), but this is another file."
    )


def _open_data(stream: BinaryIO, origin: str, is_member: bool) -> Tree | BinaryIO:
    head, stream = look_into(stream, origin)
    kind = container_kind(head)
    is_packed = kind in PACKED
    if kind in PACKED:
        stream = unpack(stream, kind, origin)
        head, stream = look_into(stream, origin)
        kind = container_kind(head)
        if kind in PACKED:
            raise DataError(f"{origin}: this is packed twice; unpack it first.")
    if kind is None and not is_table_head(head):
        kind = _kind_of_rest(head, stream, origin, may_be_zip=not is_packed and not is_member)
    if kind is None:
        return stream
    if kind == "zip" and (is_packed or is_member):
        stream = _in_memory(stream, origin)
    if not stream.seekable():
        raise DataError(
            f"{origin}: a {kind} archive cannot be read from a stream that does not seek; save "
            "it to a file, and give its path."
        )
    return _open_archive(kind, stream, origin)


def _kind_of_rest(head: bytes, stream: BinaryIO, origin: str, may_be_zip: bool) -> str | None:
    """Tell archives that do not begin like one, and refuse what is known to be no data set."""
    if is_tar_header(head):
        return "tar"
    if other := describe_other(head):
        raise DataError(f"{origin}: {other}.")
    if claimed := claimed_archive(origin):
        return claimed
    if may_be_zip and stream.seekable():
        start = stream.tell()
        is_zip = zipfile.is_zipfile(stream)  # behind a program that unpacks it
        stream.seek(start)
        return "zip" if is_zip else None
    return None


def _open_archive(kind: str, stream: BinaryIO, origin: str) -> Tree:
    if kind == "tar":
        return TarArchive(stream, origin)
    archive = ZipArchive(stream, origin)
    for is_kind, what in (
        ("[Content_Types].xml" in archive.names, "an Office document; save the table as CSV"),
        (
            bool(archive.names) and all(name.endswith(".npy") for name in archive.names),
            "arrays of NumPy; read them by numpy.load: arrays need no loader",
        ),
    ):
        if is_kind:
            archive.__exit__(None, None, None)
            raise DataError(f"{origin}: this is {what}.")
    return archive


def _in_memory(stream: BinaryIO, origin: str) -> BinaryIO:
    """Read an archive whose directory stands at its end, which cannot be had without the rest."""
    with stream:
        try:
            content = read_fully(stream, _MAX_INNER_ZIP + 1)
        except Exception as error:
            raise DataError(f"{origin}: cannot be read to its end: {error}") from error
    if len(content) > _MAX_INNER_ZIP:
        raise DataError(f"{origin}: more than {_MAX_INNER_ZIP:,} bytes; unpack it first.")
    return io.BytesIO(content)
