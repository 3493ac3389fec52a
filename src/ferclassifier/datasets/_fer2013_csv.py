"""FER-2013 as CSV files with the columns emotion, pixels and Usage."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, TextIO, cast

from ferclassifier.datasets._bad_items import ItemError
from ferclassifier.datasets._fer2013_rows import (
    Row,
    RowReader,
    Table,
    find_columns,
    missing_value,
    parse_numbers,
)
from ferclassifier.datasets._file_kinds import container_kind
from ferclassifier.datasets._splits import shared_test_set
from ferclassifier.exceptions import DataError

# A row of 2,304 pixels has at most 9,216 characters. The rest of a longer line is dropped, so
# that a file without line ends (or a zip bomb) is not read into memory as one row.
_MAX_LINE = 65_536


def read_csv(stream: BinaryIO | TextIO, table: Table, reader: RowReader) -> None:
    """Read the rows of a file.

    Parameters
    ----------
    stream : file object
        One of bytes is closed, one of text left open.
    table : Table
    reader : RowReader
        Takes the rows. The columns that the file has must do for the first of its parts.

    Raises
    ------
    DataError
        If the file has no header, lacks a column, or cannot be read to its end.
    """
    if isinstance(stream.read(0), str):
        _read_lines(cast(TextIO, stream), table, reader)
    else:
        # What is no UTF-8 becomes U+FFFD, which is refused in the row where it stands.
        stream = cast(BinaryIO, stream)
        with io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="") as text:
            _read_lines(text, table, reader)


def _read_header(text: TextIO, name: str) -> list[str]:
    header = next(_lines(text, name), "").removeprefix("\ufeff")
    if not header.strip():
        raise DataError(f"{name}: the file is empty; expected a header: emotion,pixels,Usage.")
    if container_kind(header.encode("latin-1", "replace")):
        raise DataError(f"{name}: this is packed, but opened as a text; open it in binary mode.")
    try:
        return _fields(header)
    except ItemError as fault:
        raise DataError(f"{name}: the header cannot be read: {fault}") from None


def _read_lines(text: TextIO, table: Table, reader: RowReader) -> None:
    names = _read_header(text, table.name)
    first = reader.parts[0]
    columns = find_columns(names, "a CSV file", table, first.subset)
    if columns.usage is None and table.in_both_tests and first.subset in ("validation", "test"):
        first.bad_items.notices.append(shared_test_set(table.name, first.subset))
    split = partial(_split, columns=columns, n_columns=len(names))
    reader.read(table, _rows(text, table.name), split, parse_numbers)


def _rows(text: TextIO, name: str) -> Iterator[tuple[int, str]]:
    for line_number, line in enumerate(_lines(text, name), start=2):
        if not line.isspace():
            yield line_number, line


def _lines(text: TextIO, name: str) -> Iterator[str]:
    while True:
        # A damaged member of a zip raises BadZipFile, zlib.error, EOFError, RuntimeError, ...
        try:
            line = text.readline(_MAX_LINE)
            rest = line
            while len(rest) == _MAX_LINE and not rest.endswith(("\n", "\r")):
                rest = text.readline(_MAX_LINE)
        except DataError:
            raise
        except Exception as error:
            advice = "; open it in binary mode" if isinstance(error, UnicodeError) else ""
            raise DataError(f"{name}: cannot be read to its end: {error}{advice}") from error
        if not line:
            return
        yield line


def _fields(line: str) -> list[str]:
    # Pixels are not quoted as a rule, and splitting costs a sixth of the csv module. A row is one
    # line in either case, so that a quote left open spoils only its own row.
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line.strip()]))
    except csv.Error as error:
        raise ItemError("malformed row", f"the row is no CSV: {error}") from None


def _split(line: str, columns: Row, n_columns: int) -> Row:
    fields = [text.strip() for text in _fields(line)]
    if len(fields) != n_columns:
        raise ItemError("wrong number of fields", f"got {len(fields)} fields, expected {n_columns}")
    usage = None if columns.usage is None else fields[columns.usage]
    row = Row(fields[columns.emotion], fields[columns.pixels], usage)
    if "" in row:
        raise missing_value(Row._fields[row.index("")])
    return row
