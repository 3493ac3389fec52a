"""What a user names - photos, folders, patterns, addresses - as a stream of single photos."""

from __future__ import annotations

import os
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatch
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from ferclassifier._utils.wording import shortened
from ferclassifier.exceptions import IgnoredFilesWarning, ImageError
from ferclassifier.images._image_files import (
    is_image_head,
    is_junk,
    is_named_image,
    kind_of,
    lies_beside_images,
    say_left_out,
)

STDIN = "-"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_MAGIC = re.compile(r"[*?[]")
_HEAD_BYTES = 512
_NO_FILE = 'this is a pipe or a device, but expected a file; pipe the photo in, and give "-"'
# More than this is counted, but not named.
_MOST_KINDS, _MOST_FOLDERS = 50, 6


class Photo(NamedTuple):
    """A photo that is to be read, or what is wrong with what was named instead.

    Attributes
    ----------
    name : str
        What it is called: the path as it was given, or found below what was given.
    place : str or bytes
        Where it is, an absolute path or an address; or its content, where that came by itself.
    inside : str
        What a file made of it is to be called, below a folder of such files; with forward slashes.
    fault : str
        Why there is no such photo.
    """

    name: str
    place: str | bytes = ""
    inside: str = ""
    fault: str = ""


def is_address(name: str) -> bool:
    """Tell an address, such as https://example.org/face.jpg, from a path."""
    return _ADDRESS.match(name) is not None and not os.path.lexists(name)


def _is_pattern(name: str) -> bool:
    return bool(_MAGIC.search(name)) and not os.path.lexists(name) and not is_address(name)


def list_photos(asked: Sequence[str]) -> Iterator[Photo]:
    """Yield the photos that are named, one after the other.

    Parameters
    ----------
    asked : sequence of str
        Paths of files, folders, patterns such as ``photos/**/*.jpg``, http and https addresses,
        and "-" for a photo on standard input.

    Yields
    ------
    photo : Photo
        Those of a folder sorted, and its subfolders in their places. What is not there, and a
        folder or a pattern without images, has a `fault`.

    Warns
    -----
    IgnoredFilesWarning
        At the end of a folder, if there are files in it that are no images.
    """
    for name, inside in zip(asked, _places(asked), strict=True):
        if name == STDIN:
            yield _of_stdin(inside)
        elif is_address(name):
            yield Photo(name, name, inside)
        elif os.path.isdir(name):
            yield from _of_folder(name, inside)
        elif _is_pattern(name):
            yield from _of_pattern(name, inside)
        elif os.path.exists(name) and not os.path.isfile(name):
            yield Photo(name, fault=f"{name}: {_NO_FILE}")
        else:
            yield Photo(str(Path(name)), os.path.abspath(name), inside)


def count_photos(asked: Sequence[str]) -> int:
    """Count the photos that are named, by their names alone.

    Files that are images by their content only are not counted, as that would take long.
    """
    n = 0
    for name in asked:
        if name != STDIN and not is_address(name) and os.path.isdir(name):
            n += sum(map(is_named_image, _files_below(name)))
        elif _is_pattern(name):
            folder, parts = _split_pattern(name)
            n += sum(map(is_named_image, _files_matching(folder, [tuple(parts)])))
        else:
            n += 1
    return n


def _places(asked: Sequence[str]) -> list[str]:
    """Say how the files made of each argument are called: the last parts, made different."""
    if len(asked) == 1 and (os.path.isdir(asked[0]) or _is_pattern(asked[0])):
        return [""]
    taken: set[str] = set()
    places = []
    for name in asked:
        last = _last_part(name)
        stem, suffix = os.path.splitext(last)
        names = chain([last], (f"{stem}-{i}{suffix}" for i in count(2)))
        places.append(next(one for one in names if one not in taken))
        taken.add(places[-1])
    return places


def _last_part(name: str) -> str:
    if name == STDIN:
        return "stdin"
    if is_address(name):
        from urllib.parse import urlsplit

        address = urlsplit(name)
        last = address.path.rstrip("/").rpartition("/")[2] or address.netloc
        return re.sub(r"[^\w.-]", "_", last).lstrip(".")[:100] or "photo"
    if _is_pattern(name):
        name = _split_pattern(name)[0]
    return os.path.basename(os.path.abspath(name)) or "photos"


def _of_stdin(inside: str) -> Photo:
    from ferclassifier.photos._fetching import read_stdin

    try:
        return Photo(STDIN, read_stdin(), inside)
    except ImageError as error:
        return Photo(STDIN, fault=str(error))


def _of_folder(folder: str, inside: str) -> Iterator[Photo]:
    try:
        with os.scandir(folder):
            pass
    except OSError as error:
        yield Photo(folder, fault=f"{folder}: cannot be read: {error.strerror}")
        return
    yield from _images_among(folder, folder, inside, _files_below(folder), "in this folder")


def _of_pattern(pattern: str, inside: str) -> Iterator[Photo]:
    folder, parts = _split_pattern(pattern)
    files = _files_matching(folder, [tuple(parts)])
    yield from _images_among(pattern, folder, inside, files, "of this pattern")


def _images_among(
    asked: str, folder: str, inside: str, files: Iterable[str], where: str
) -> Iterator[Photo]:
    """Yield those of some files that are images, and tell of the others."""
    tally = _Tally()
    for file in files:
        path = os.path.join(folder, file) if folder else file
        if is_named_image(file) or is_image_head(_head(path)):
            tally.add_image(file)
            relative = file.replace(os.sep, "/")
            yield Photo(
                str(Path(path)),
                os.path.abspath(path),
                f"{inside}/{relative}" if inside else relative,
            )
        elif not lies_beside_images(file):
            tally.leave_out(file)
    left_out = say_left_out(tally.kinds, tally.empty_folders()) if tally.kinds else ""
    if not tally.n_images:
        rest = f"; {left_out}" if left_out else ""
        yield Photo(asked, fault=f"{asked}: there are no images {where}{rest}.")
    elif left_out:
        warnings.warn(IgnoredFilesWarning(f"{asked}: {left_out}."), stacklevel=2)


class _Tally:
    """Counts what is left out, by kind and by folder, in little memory."""

    def __init__(self) -> None:
        self.n_images = 0
        self.kinds: Counter[str] = Counter()
        self._empty: list[str] = []
        # The folders that the walk is in, and whether there are images in them.
        self._entered: list[tuple[str, bool]] = []

    def add_image(self, file: str) -> None:
        self.n_images += 1
        self._enter(os.path.dirname(file), True)

    def leave_out(self, file: str) -> None:
        kind = kind_of(file)
        self.kinds[kind if kind in self.kinds or len(self.kinds) < _MOST_KINDS else "other"] += 1
        self._enter(os.path.dirname(file), False)

    def empty_folders(self) -> list[str]:
        """Return the subfolders, the first ones, that hold nothing but what is left out."""
        self._leave_to(None)
        return self._empty

    def _enter(self, folder: str, with_image: bool) -> None:
        self._leave_to(folder)
        had_images = False
        if self._entered and self._entered[-1][0] == folder:
            _, had_images = self._entered.pop()
        self._entered.append((folder, had_images or with_image))

    def _leave_to(self, folder: str | None) -> None:
        while self._entered:
            last, has_images = self._entered[-1]
            is_inside = not last or f"{folder}{os.sep}".startswith(f"{last}{os.sep}")
            if folder is not None and is_inside:
                return
            self._entered.pop()
            if last and not has_images and len(self._empty) < _MOST_FOLDERS:
                self._empty.append(last.replace(os.sep, "/"))


def _head(path: str) -> bytes:
    """Return the first bytes of a file; none if it cannot be read, or may make us wait."""
    try:
        if not os.path.isfile(path):
            return b""
        with open(path, "rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""


def _files_below(folder: str, inside: str = "", above: tuple[object, ...] = ()) -> Iterator[str]:
    """Yield the files below a folder, by their relative paths; links to what is above end."""
    here = os.path.join(folder, inside) if inside else folder
    identity = _identity(here)
    if identity in above:
        return
    for name, is_folder in _entries(here):
        path = os.path.join(inside, name) if inside else name
        if is_folder:
            yield from _files_below(folder, path, (*above, identity))
        else:
            yield path


def _files_matching(
    folder: str,
    patterns: Iterable[tuple[str, ...]],
    inside: str = "",
    above: tuple[object, ...] = (),
) -> Iterator[str]:
    """Yield the files below a folder that match, and all those in folders that match.

    Parameters
    ----------
    folder, inside : str
        Where to look: `inside` below `folder`.
    patterns : iterable of tuple of str
        What is still to match, part by part, in one way or the other; "**" is any number of
        folders.
    above : tuple
        The folders that this one is in.
    """
    here = os.path.join(folder, inside) if inside else folder or os.curdir
    identity = _identity(here)
    if identity in above:
        return
    for name, is_folder in _entries(here):
        path = os.path.join(inside, name) if inside else name
        rest = {left for parts in patterns for left in _after(parts, name)}
        if () in rest and not is_folder:
            yield path
        elif () in rest:
            yield from _files_below(folder or os.curdir, path, (*above, identity))
        elif rest and is_folder:
            yield from _files_matching(folder, rest, path, (*above, identity))


def _after(parts: tuple[str, ...], name: str) -> Iterator[tuple[str, ...]]:
    """Yield what is left of a pattern once a name has matched its first part."""
    if parts and parts[0] == "**":
        yield parts
        yield from _after(parts[1:], name)
    elif parts and fnmatch(name, parts[0]):
        yield parts[1:]


def _split_pattern(pattern: str) -> tuple[str, list[str]]:
    """Split a pattern into the folder that it starts from, and its parts from there."""
    parts = list(Path(pattern).parts)
    first = next(i for i, part in enumerate(parts) if _MAGIC.search(part))
    rest = parts[first:]
    if rest[-1] == "**":
        rest.append("*")
    return str(Path(*parts[:first])) if first else "", rest


def _entries(folder: str) -> Iterator[tuple[str, bool]]:
    """Yield what is in a folder, but for what file managers leave there."""
    from ferclassifier.photos._sorted_folder import sorted_entries

    try:
        for name, is_folder in sorted_entries(folder):
            if not is_junk(name):
                yield name, is_folder
    except OSError as error:
        warnings.warn(
            IgnoredFilesWarning(
                f"{shortened(folder, 255)}: this folder cannot be read, and is left out: "
                f"{error.strerror}."
            ),
            stacklevel=2,
        )


def _identity(folder: str) -> object:
    try:
        found = os.stat(folder)
    except OSError:
        return folder
    # Windows' file systems without numbers of files have zeros here.
    return (found.st_dev, found.st_ino) if found.st_ino else os.path.realpath(folder)
