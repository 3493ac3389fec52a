"""FER-2013 in whichever form it is handed over."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from ferclassifier._utils.wording import in_words
from ferclassifier.datasets._containers import (
    TREES,
    Tree,
    inner_archive,
    open_data,
    open_inner,
    open_path,
)
from ferclassifier.datasets._fer2013_csv import read_csv
from ferclassifier.datasets._fer2013_frame import is_frame, read_frame
from ferclassifier.datasets._fer2013_rows import RowReader, Table
from ferclassifier.datasets._fer2013_tree import read_tree
from ferclassifier.datasets._file_kinds import (
    PACKED,
    container_kind,
    is_table_head,
    table_stem,
)
from ferclassifier.datasets._file_tree import Folder, refuse_members
from ferclassifier.datasets._image_files import find_images
from ferclassifier.datasets._samples import Part, Samples
from ferclassifier.datasets._splits import split_of
from ferclassifier.datasets._streams import borrow, look_into
from ferclassifier.exceptions import DataError, IgnoredFilesWarning

FER2013_DESCR = """\
FER-2013, facial expressions in the wild
----------------------------------------
Gray images of 48 x 48 pixels, found by an image search for words of emotion, with the face in
the middle, and labelled by hand with one of 7 emotions.

==============  ======  =====  =======  =====  =====  =====  ========  =======
Usage                n  angry  disgust   fear  happy    sad  surprise  neutral
==============  ======  =====  =======  =====  =====  =====  ========  =======
Training        28,709  3,995      436  4,097  7,215  4,830     3,171    4,965
PublicTest       3,589    467       56    496    895    653       415      607
PrivateTest      3,589    491       55    528    879    594       416      626
==============  ======  =====  =======  =====  =====  =====  ========  =======

The labels are noisy: people agree with them for about 65 % of the images. Some 1,850 images are
exact duplicates of another one, and several hundred test images stand in Training, too.

Goodfellow, I. J., et al. (2013). Challenges in Representation Learning: A report on three machine
learning contests. arXiv:1307.0414.
"""


# Kaggle's archive holds the data set under the second name, and other tables beside it.
_KNOWN_TABLES = ("fer2013", "icml_face_data")

_ORDER = ("train", "validation", "test")


def read_fer2013(source: Any, parts: Sequence[Part], *, codes: Mapping[str, int]) -> list[Samples]:
    """Tell the form of the data set and read some parts of it, each file once.

    Parameters
    ----------
    source : path, DataFrame or file object
    parts : sequence of Part
        The first is what it is all about: what is wrong with the whole is its error.
    codes : mapping of str to int
        The class of each name that an emotion's folder may have, in lower case.

    Returns
    -------
    samples : list of Samples
        One for each part.

    Raises
    ------
    DataError
        If there is nothing at the path, or it is in no form that is known.
    TypeError
        If `source` is none of the above.
    """
    reader = RowReader(parts, n_classes=len(set(codes.values())))
    if is_frame(source):
        read_frame(source, reader)
        return reader.samples()
    if isinstance(source, str | os.PathLike):
        return _read_data(open_path(Path(source)), str(source), reader, codes)
    if not hasattr(source, "read"):
        raise TypeError(
            "Got an object of type "
            f"{type(source).__name__}, but expected a path, a pandas DataFrame or an open file; "
            "other tables have a method such as to_pandas."
        )
    origin = source_name(source)
    try:
        is_text = isinstance(source.read(0), str)
    except (OSError, ValueError) as error:  # closed, or open for writing
        raise DataError(f"{origin}: cannot be read: {error}.") from error
    if is_text:
        read_csv(source, Table(origin), reader)
        return reader.samples()
    return _read_data(open_data(borrow(source), origin), origin, reader, codes)


def source_name(source: Any) -> str:
    """Say what data are read from, in a message."""
    if isinstance(source, str | os.PathLike):
        return str(source)
    if is_frame(source):
        return "DataFrame"
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "file object"


def _read_data(
    data: Tree | BinaryIO, origin: str, reader: RowReader, codes: Mapping[str, int]
) -> list[Samples]:
    """Read what was opened, and close it."""
    with ExitStack() as stack:
        n_archives = 0
        while True:
            stack.enter_context(data)
            if not isinstance(data, TREES):
                read_csv(data, _table(origin, table_stem(origin)), reader)
                return reader.samples()
            n_archives += not isinstance(data, Folder)
            refuse_members(data, reader.parts[0].bad_items)
            files = find_images(data)
            if files.images:
                files.tell_of_left_out(data, reader.parts[0].bad_items)
                return read_tree(data, files.images, reader.parts, codes=codes)
            if tables := _find_tables(data):
                _read_tables(data, tables, reader)
                return reader.samples()
            inner = inner_archive(data)
            if inner is not None and n_archives > 1:
                raise DataError(
                    f"{data.origin}: {inner} is an archive in an archive in an archive; unpack it "
                    "first."
                )
            if inner is None:
                raise _nothing_found(data, f"neither; {files}" if files.left_out else "neither")
            origin = f"{data.origin}: {inner}"
            data = open_inner(data, inner)


def _find_tables(tree: Tree) -> list[str]:
    """Name the CSV files to read: FER-2013, the only one, or one for each part."""
    stems = {name: stem for name in tree.names if (stem := _stem(tree, name)) is not None}
    for known in _KNOWN_TABLES:
        for name, stem in stems.items():
            if stem.lower() == known:
                return [name]
    inner = [name for name in tree.names if name not in stems and container_kind(tree.head(name))]
    if any(PurePosixPath(name).name.lower().startswith("fer2013.") for name in inner):
        return []
    # Of a packed file, the header is not known yet.
    fitting = [
        name
        for name in stems
        if is_table_head(head := tree.head(name)) or container_kind(head) in PACKED
    ]
    splits = [split for name in stems if (split := split_of(stems[name]))]
    if splits and len(splits) == len(set(splits)):
        return sorted(
            (name for name in stems if split_of(stems[name])),
            key=lambda name: _ORDER.index(split_of(stems[name]) or ""),
        )
    if len(fitting) == 1 or (not fitting and inner):
        return fitting
    if len(stems) > 1:
        raise _nothing_found(tree, f"several CSV files: {', '.join(list(stems)[:10])}")
    return list(stems)


def _stem(tree: Tree, name: str) -> str | None:
    """Give the name of a CSV file, also of one that is not called so."""
    if (stem := table_stem(name)) is not None:
        return stem
    return PurePosixPath(name).stem if is_table_head(tree.head(name)) else None


def _read_tables(tree: Tree, names: Sequence[str], reader: RowReader) -> None:
    """Read CSV files. One that has no labels is left out beside others."""
    has_validation = any(split_of(_stem(tree, name) or "") == "validation" for name in names)
    first = reader.parts[0]
    unlabelled = []
    for name in names:
        table = _table(f"{tree.origin}: {name}", _stem(tree, name), has_validation)
        if len(names) > 1:
            table = table._replace(prefix=f"{name}: ")
        stream = open_inner(tree, name)
        if isinstance(stream, TREES):
            stream.__exit__(None, None, None)
            raise DataError(f"{table.name}: expected a CSV file, but this is an archive.")
        head, stream = look_into(stream, table.name)
        if len(names) > 1 and not is_table_head(head):
            stream.close()
            if first.subset in ("all", table.usage):
                unlabelled.append(name)
            continue
        with stream:
            read_csv(stream, table, reader)
    if unlabelled:
        missed = (
            f"{tree.origin}: {in_words(unlabelled)} has no columns emotion and pixels, so that "
            "nothing says what its images show"
        )
        if first.subset != "all":
            raise DataError(f"{missed}; Kaggle's labels of test.csv are in icml_face_data.csv.")
        first.bad_items.notices.append(IgnoredFilesWarning(f"{missed}, and it is left out."))


def _table(origin: str, stem: str | None, has_validation: bool = False) -> Table:
    usage = split_of(stem or "") or "unknown"
    return Table(origin, usage, in_both_tests=usage == "test" and not has_validation)


def _nothing_found(tree: Tree, found: str = "neither") -> DataError:
    return DataError(
        f"{tree.origin}: expected images in folders or one CSV file, but found {found}; "
        "give the path of the CSV file or of the folder around train and test."
    )
