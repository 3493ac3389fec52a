"""FER-2013 as one CSV file with the columns emotion, pixels and Usage."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from ferclassifier.datasets._bad_items import ItemError
from ferclassifier.datasets._samples import Part, Samples
from ferclassifier.exceptions import DataError

SIDE = 48
N_PIXELS = SIDE * SIDE

USAGES = {"training": "train", "publictest": "validation", "privatetest": "test"}

# A row of 2,304 pixels has at most 9,216 characters. The rest of a longer line is dropped, so
# that a file without line ends (or a zip bomb) is not read into memory as one row.
_MAX_LINE = 65_536

_INTEGER = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True)
class _Columns:
    names: list[str]
    emotion: int
    pixels: int
    usage: int | None


def read_csv(
    stream: BinaryIO, name: str, parts: Sequence[Part], *, n_classes: int
) -> list[Samples]:
    """Read the rows of some parts, in one pass.

    Parameters
    ----------
    stream : binary file object
        It is closed.
    name : str
        The file, for messages.
    parts : sequence of Part
        Of the rows of others, only Usage is looked at. The columns that the file has must do for
        the first.
    n_classes : int
        Labels reach from 0 to ``n_classes - 1``.

    Returns
    -------
    samples : list of Samples
        One for each part.

    Raises
    ------
    DataError
        If the file has no header, lacks a column, or cannot be read to its end.
    """
    # What is no UTF-8 becomes U+FFFD, which is refused in the row where it stands.
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
    with text, warnings.catch_warnings():
        # Before NumPy 2.3 text after the last number is a DeprecationWarning, not a ValueError.
        warnings.simplefilter("error", DeprecationWarning)
        return _read_rows(_lines(text, name), name, parts, n_classes)


def _read_rows(
    lines: Iterator[str], name: str, parts: Sequence[Part], n_classes: int
) -> list[Samples]:
    columns = _find_columns(next(lines, ""), name, parts[0].subset)
    labels = {str(code): code for code in range(n_classes)}
    read = [_Rows() for _ in parts]
    number = 0
    for line_number, line in enumerate(lines, start=2):
        if line.isspace():
            continue
        number += 1
        wanting = list(zip(parts, read, strict=True))
        try:
            fields = _split(line, columns)
            usage = _parse_usage(fields, columns)
            wanting = [(part, rows) for part, rows in wanting if part.subset in ("all", usage)]
            if not wanting:
                continue
            label = _parse_label(fields[columns.emotion], labels)
            pixels = _parse_pixels(fields[columns.pixels])
        except ItemError as fault:
            where = f"row {number} (line {line_number})"
            for part, _ in wanting:
                part.bad_items.add(where, fault.reason, DataError(f"{name}: {where}: {fault}."))
            continue
        for _, rows in wanting:
            rows.add(pixels, label, number, usage)
    return [rows.as_samples() for rows in read]


class _Rows:
    """The rows of a part. One growing buffer becomes the array, so that no row is held twice."""

    def __init__(self) -> None:
        self._pixels = bytearray()
        self._labels: list[int] = []
        self._numbers: list[int] = []
        self._usages: list[str] = []

    def add(self, pixels: bytes, label: int, number: int, usage: str) -> None:
        self._pixels += pixels
        self._labels.append(label)
        self._numbers.append(number)
        self._usages.append(usage)

    def as_samples(self) -> Samples:
        return Samples(
            images=np.frombuffer(self._pixels, dtype=np.uint8).reshape(-1, SIDE, SIDE),
            codes=self._labels,
            filenames=[f"row {number}" for number in self._numbers],
            usage=self._usages,
        )


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    while True:
        # A damaged member of a zip raises BadZipFile, zlib.error, EOFError, RuntimeError, ...
        try:
            line = text.readline(_MAX_LINE)
            rest = line
            while len(rest) == _MAX_LINE and not rest.endswith(("\n", "\r")):
                rest = text.readline(_MAX_LINE)
        except Exception as error:
            raise DataError(f"{name}: cannot be read to its end: {error}") from error
        if not line:
            return
        yield line


def _find_columns(header: str, name: str, subset: str) -> _Columns:
    if not header.strip():
        raise DataError(f"{name}: the file is empty; expected a header: emotion,pixels,Usage.")
    try:
        names = [column.strip().lower() for column in _fields(header)]
    except ItemError as fault:
        raise DataError(f"{name}: the header cannot be read: {fault}") from None
    missing = [column for column in ("emotion", "pixels") if column not in names]
    if missing:
        found = ", ".join(repr(column[:30]) for column in names[:10])
        raise DataError(
            f"{name}: expected a CSV file with the columns emotion, pixels and Usage, but found no "
            f"{' and no '.join(missing)} among the columns {found}."
        )
    has_usage = "usage" in names
    if subset != "all" and not has_usage:
        raise DataError(
            f"{name}: without a column Usage the rows of subset={subset!r} cannot be told; "
            "read subset='all'."
        )
    return _Columns(
        names=names,
        emotion=names.index("emotion"),
        pixels=names.index("pixels"),
        usage=names.index("usage") if has_usage else None,
    )


def _fields(line: str) -> list[str]:
    # Pixels are not quoted as a rule, and splitting costs a sixth of the csv module. A row is one
    # line in either case, so that a quote left open spoils only its own row.
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line.strip()]))
    except csv.Error as error:
        raise ItemError("malformed row", f"the row is no CSV: {error}") from None


def _split(line: str, columns: _Columns) -> list[str]:
    fields = [text.strip() for text in _fields(line)]
    if len(fields) != len(columns.names):
        raise ItemError(
            "wrong number of fields", f"got {len(fields)} fields, expected {len(columns.names)}"
        )
    for index in (columns.emotion, columns.pixels, columns.usage):
        if index is not None and not fields[index]:
            raise ItemError("missing value", f"the value of {columns.names[index]!r} is missing")
    return fields


def _parse_usage(fields: list[str], columns: _Columns) -> str:
    if columns.usage is None:
        return "unknown"
    usage = USAGES.get(fields[columns.usage].lower())
    if usage is None:
        raise ItemError(
            "unknown Usage",
            f"Usage is {_shorten(fields[columns.usage])}, "
            "expected Training, PublicTest or PrivateTest",
        )
    return usage


def _parse_label(text: str, labels: dict[str, int]) -> int:
    label = labels.get(text)
    if label is None:
        expected = f"expected an integer from 0 to {len(labels) - 1}"
        kind = "out of range" if _INTEGER.fullmatch(text) else "not an integer"
        raise ItemError(f"label {kind}", f"the label is {_shorten(text)}, {expected}")
    return label


def _parse_pixels(text: str) -> bytes:
    # Parsed as int64: NumPy wraps what does not fit into uint8 or int32 without a word.
    try:
        values = np.fromstring(text, dtype=np.int64, sep=" ")
    except (ValueError, DeprecationWarning):
        raise _why_bad(text) from None
    if values.size != N_PIXELS or values.min() < 0 or values.max() > 255:
        raise _why_bad(text)
    return values.astype(np.uint8).tobytes()


def _why_bad(text: str) -> ItemError:
    """Find what is wrong with the pixels of a row."""
    expected = "expected integers from 0 to 255"
    tokens = text.split()
    for number, token in enumerate(tokens, start=1):
        got = f"pixel {number} is {_shorten(token)}"
        if not _INTEGER.fullmatch(token):
            return ItemError("pixel not an integer", f"{got}, {expected}")
        # As a float, because int() refuses a number of more than 4,300 digits.
        if not 0 <= float(token) <= 255:
            return ItemError("pixel out of range", f"{got}, {expected}")
    return ItemError(
        "wrong number of pixels", f"got {len(tokens)} pixels, expected {N_PIXELS} ({SIDE} x {SIDE})"
    )


def _shorten(text: str) -> str:
    return repr(text if len(text) <= 20 else f"{text[:20]}...")
