"""The tables in which the votes of FER+ come: fer2013new.csv, and label.csv beside images."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import in_words, quoted
from ferclassifier.datasets._bad_items import ItemError
from ferclassifier.datasets._containers import TREES, open_data, open_inner, open_path
from ferclassifier.datasets._csv_lines import fields_of, lines_of
from ferclassifier.datasets._fer2013_forms import source_name
from ferclassifier.datasets._fer2013_frame import is_frame
from ferclassifier.datasets._splits import split_of
from ferclassifier.datasets._streams import borrow
from ferclassifier.datasets._votes import MOST_VOTES, VOTE_COLUMNS
from ferclassifier.exceptions import DataError

TABLE_NAME = "fer2013new.csv"
# The columns of label.csv, which has no header: name, box, and the votes in this order.
_LABEL_ORDER = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
_USAGE, _IMAGE = "Usage", "Image name"
_NUMBERED = re.compile(r"fer(\d{7})\.png")


class VotesTable(NamedTuple):
    """The rows of a table.

    Attributes
    ----------
    origin : str
        Where it is, for messages.
    names : list of str
        Of the images; empty where nobody was asked.
    usages : list of str
        "train", "validation" or "test".
    counts : ndarray of shape (n, 10), int64
        In the order of `VOTE_NAMES`; zeros where nobody was asked.
    """

    origin: str
    names: list[str]
    usages: list[str]
    counts: NDArray[np.int64]


def read_votes(source: Any) -> VotesTable:
    """Read fer2013new.csv.

    Parameters
    ----------
    source : path, file object or DataFrame
        Packed too, or a folder or an archive that holds it.

    Raises
    ------
    DataError
        If there is none, a column is missing, or a row is none.
    TypeError
        If `source` is none of the above.
    """
    origin = source_name(source)
    if is_frame(source):
        cells = source.astype(object).where(source.notna(), "").to_numpy().tolist()
        return _table(origin, [str(name) for name in source.columns], enumerate(cells, start=1))
    header, rows = _lines_of(source, origin)
    return _table(origin, header, rows)


def _lines_of(source: Any, origin: str) -> tuple[list[str], Iterable[tuple[int, list[str]]]]:
    if isinstance(source, str | os.PathLike):
        data = open_path(Path(source))
    elif not hasattr(source, "read"):
        raise TypeError(
            f"Got votes of type {type(source).__name__}, but expected the path of {TABLE_NAME}, an "
            "open file or a pandas DataFrame."
        )
    elif isinstance(source.read(0), str):
        return _with_header(source, origin)
    else:
        data = open_data(borrow(source), origin)
    with data:
        if isinstance(data, TREES):
            found = [name for name in data.names if is_votes_table(name)]
            if len(found) != 1:
                what = in_words(found) if found else "none"
                raise DataError(f"{origin}: expected one {TABLE_NAME} in it, but found {what}.")
            stream = open_inner(data, found[0])
            if isinstance(stream, TREES):
                raise DataError(
                    f"{origin}: {found[0]}: expected a CSV file, but this is an archive."
                )
        else:
            stream = data
        with stream, _as_text(stream) as text:
            header, rows = _with_header(text, origin)
            return header, list(rows)


def is_votes_table(name: str) -> bool:
    """Tell whether a file is called like the table of all votes."""
    return PurePosixPath(name).name.lower() == TABLE_NAME


def read_labels(stream: BinaryIO, origin: str, folder: str) -> VotesTable:
    """Read label.csv, which Microsoft's script puts beside the images of one part.

    Parameters
    ----------
    stream : binary file object
    origin : str
        The file, for messages.
    folder : str
        In which it lies, such as FER2013Train.

    Raises
    ------
    DataError
        If the folder is of no part, or a row is none.
    """
    usage = split_of(folder)
    if usage is None:
        raise DataError(
            f"{origin}: it lies in {quoted(folder)}, but expected FER2013Train, FER2013Valid or "
            "FER2013Test."
        )
    header = [_IMAGE, "box", *_LABEL_ORDER]
    with stream, _as_text(stream) as text:
        rows = [(number, [*row, usage]) for number, row in enumerate(_rows(text, origin), start=1)]
    return _table(origin, [*header, _USAGE], rows)


def check_order(table: VotesTable) -> None:
    """Refuse a table whose rows are in another order than they were published in.

    Raises
    ------
    DataError
        If the numbers in the names of the images do not rise.
    """
    before = -1
    for row, name in enumerate(table.names, start=1):
        found = _NUMBERED.fullmatch(name)
        if found is None:
            continue
        if int(found[1]) <= before:
            raise DataError(
                f"{table.origin}: row {row} is of {name}, behind fer{before:07d}.png: the rows are "
                "not in the order of fer2013.csv, by which the votes are joined. Give the table as "
                "it was published, and the data in their order."
            )
        before = int(found[1])


def _as_text(stream: BinaryIO) -> io.TextIOWrapper:
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")


def _rows(text: TextIO, origin: str) -> Iterator[list[str]]:
    for number, line in enumerate(lines_of(text, origin), start=1):
        try:
            if line.strip():
                yield [field.strip() for field in fields_of(line)]
        except ItemError as fault:
            raise DataError(f"{origin}: line {number}: {fault}.") from None


def _with_header(text: TextIO, origin: str) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    rows = _rows(text, origin)
    header = next(rows, None)
    if header is None:
        raise DataError(f"{origin}: the file is empty, but expected the header of {TABLE_NAME}.")
    return header, enumerate(rows, start=1)


def _table(origin: str, header: Sequence[str], rows: Iterable[tuple[int, list[Any]]]) -> VotesTable:
    places = {name.strip().lower(): place for place, name in enumerate(header)}
    wanted = [_USAGE, _IMAGE, *VOTE_COLUMNS]
    missing = [name for name in wanted if name.lower() not in places]
    if missing:
        raise DataError(
            f"{origin}: the columns {in_words(missing)} are missing, but expected those of "
            f"{TABLE_NAME}: {', '.join(wanted)}."
        )
    usage, image, *votes = (places[name.lower()] for name in wanted)
    names, usages, counts = [], [], []
    for number, row in rows:
        where = f"{origin}: row {number}"
        if len(row) != len(header):
            raise DataError(f"{where}: got {len(row)} fields, but expected {len(header)}.")
        part = split_of(str(row[usage]))
        if part is None:
            raise DataError(
                f"{where}: Usage is {quoted(row[usage])}, but expected Training, PublicTest or "
                "PrivateTest."
            )
        name = str(row[image]).strip()
        names.append(name)
        usages.append(part)
        counts.append([_count(row[place], where) if name else 0 for place in votes])
    if not names:
        raise DataError(f"{origin}: there are no rows below the header.")
    return VotesTable(origin, names, usages, np.array(counts, dtype=np.int64))


def _count(value: Any, where: str) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= MOST_VOTES or number != int(number):
        raise DataError(
            f"{where}: {quoted(value)} is no number of votes; expected 0 to {MOST_VOTES:,}."
        )
    return int(number)
