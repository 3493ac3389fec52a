"""FER-2013 as CSV files with the columns emotion, pixels and Usage."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, TextIO, cast

from ferclassifier.datasets._bad_items import ItemError
from ferclassifier.datasets._csv_lines import fields_of, lines_of
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
    header = next(lines_of(text, name), "").removeprefix("\ufeff")
    if not header.strip():
        raise DataError(f"{name}: the file is empty; expected a header: emotion,pixels,Usage.")
    if container_kind(header.encode("latin-1", "replace")):
        raise DataError(f"{name}: this is packed, but opened as a text; open it in binary mode.")
    try:
        return fields_of(header)
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
    for line_number, line in enumerate(lines_of(text, name), start=2):
        if not line.isspace():
            yield line_number, line


def _split(line: str, columns: Row, n_columns: int) -> Row:
    fields = [text.strip() for text in fields_of(line)]
    if len(fields) != n_columns:
        raise ItemError("wrong number of fields", f"got {len(fields)} fields, expected {n_columns}")
    usage = None if columns.usage is None else fields[columns.usage]
    row = Row(fields[columns.emotion], fields[columns.pixels], usage)
    if "" in row:
        raise missing_value(Row._fields[row.index("")])
    return row
