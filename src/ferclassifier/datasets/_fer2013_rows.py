"""Rows of FER-2013, from whatever table: what is in them, and what is wrong with them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ferclassifier.datasets._bad_items import ItemError
from ferclassifier.datasets._samples import Part, Samples
from ferclassifier.exceptions import DataError

SIDE = 48
N_PIXELS = SIDE * SIDE

_USAGES = {"training": "train", "publictest": "validation", "privatetest": "test"}
_INTEGER = re.compile(r"[+-]?[0-9]+")


class Row(NamedTuple):
    """What a row says, before it is looked at. `usage` is None without a column of that name."""

    emotion: Any
    pixels: Any
    usage: Any


class Table(NamedTuple):
    """What is known of a table beside its rows.

    Parameters
    ----------
    name : str
        Where it is, for messages.
    usage : str, default="unknown"
        The part that its rows are of, where they do not say it.
    in_both_tests : bool, default=False
        Whether nothing tells whether this is validation or test.
    prefix : str, default=""
        What stands before the number of a row in `filenames`.
    """

    name: str
    usage: str = "unknown"
    in_both_tests: bool = False
    prefix: str = ""


class RowReader:
    """Puts the rows of tables where they belong.

    Parameters
    ----------
    parts : sequence of Part
        Of the rows of others, only Usage is looked at.
    n_classes : int
        Labels reach from 0 to ``n_classes - 1``.
    """

    def __init__(self, parts: Sequence[Part], n_classes: int) -> None:
        self.parts = parts
        self._read = [_Rows() for _ in parts]
        self._labels = {str(code): code for code in range(n_classes)}

    def read(
        self,
        table: Table,
        rows: Iterable[tuple[int | None, Any]],
        split: Callable[[Any], Row],
        parse_pixels: Callable[[Any], bytes],
    ) -> None:
        """Read a table.

        Parameters
        ----------
        table : Table
        rows : iterable of (line, row)
            The number of the line, if there are lines, and what `split` takes.
        split, parse_pixels : callable
            They raise ItemError.
        """
        with warnings.catch_warnings():
            # Before NumPy 2.3 text after the last number is a DeprecationWarning, no ValueError.
            warnings.simplefilter("error", DeprecationWarning)
            self._read_rows(table, rows, split, parse_pixels)

    def _read_rows(
        self,
        table: Table,
        rows: Iterable[tuple[int | None, Any]],
        split: Callable[[Any], Row],
        parse_pixels: Callable[[Any], bytes],
    ) -> None:
        subsets: tuple[str, ...]
        pairs = list(zip(self.parts, self._read, strict=True))
        for number, (line, row) in enumerate(rows, start=1):
            wanting = pairs
            try:
                emotion, pixels, said = split(row)
                usage = table.usage if said is None else _parse_usage(said)
                subsets = ("all", usage)
                if said is None and table.in_both_tests:
                    subsets = ("all", "test", "validation")
                wanting = [pair for pair in pairs if pair[0].subset in subsets]
                if not wanting:
                    continue
                label = self._parse_label(emotion)
                parsed = parse_pixels(pixels)
            except ItemError as fault:
                where = f"row {number}" if line is None else f"row {number} (line {line})"
                error = DataError(f"{table.name}: {where}: {fault}.")
                for part, _ in wanting:
                    part.bad_items.add(table.prefix + where, fault.reason, error)
                continue
            for _, kept in wanting:
                kept.add(parsed, label, f"{table.prefix}row {number}", usage)

    def samples(self) -> list[Samples]:
        """Give what was read, for each part."""
        return [rows.as_samples() for rows in self._read]

    def _parse_label(self, text: str) -> int:
        label = self._labels.get(text)
        if label is None:
            expected = f"expected an integer from 0 to {len(self._labels) - 1}"
            kind = "out of range" if _INTEGER.fullmatch(text) else "not an integer"
            raise ItemError(f"label {kind}", f"the label is {_shorten(text)}, {expected}")
        return label


class _Rows:
    """The rows of a part. One growing buffer becomes the array, so that no row is held twice."""

    def __init__(self) -> None:
        self._pixels = bytearray()
        self._labels: list[int] = []
        self._names: list[str] = []
        self._usages: list[str] = []

    def add(self, pixels: bytes, label: int, name: str, usage: str) -> None:
        self._pixels += pixels
        self._labels.append(label)
        self._names.append(name)
        self._usages.append(usage)

    def as_samples(self) -> Samples:
        return Samples(
            images=np.frombuffer(self._pixels, dtype=np.uint8).reshape(-1, SIDE, SIDE),
            codes=self._labels,
            filenames=self._names,
            usage=self._usages,
        )


def find_columns(names: Sequence[str], where: str, table: Table, subset: str) -> Row:
    """Find the places of the columns among their names, which are taken in any case.

    Parameters
    ----------
    names : sequence of str
    where : str
        What the table is, for messages.
    table : Table
    subset : str
        What is to be read.

    Raises
    ------
    DataError
        If a column is missing that is needed.
    """
    plain = [name.strip().lower() for name in names]
    missing = [column for column in ("emotion", "pixels") if column not in plain]
    if missing:
        found = ", ".join(repr(column[:30]) for column in plain[:10])
        more = ", ..." if len(plain) > 10 else ""
        labels = "; Kaggle's labels of test.csv are in icml_face_data.csv"
        raise DataError(
            f"{table.name}: expected {where} with the columns emotion, pixels and Usage, but found "
            f"no {' and no '.join(missing)} among the columns {found}{more}"
            f"{labels if plain == ['pixels'] else ''}."
        )
    has_usage = "usage" in plain
    if subset != "all" and not has_usage and table.usage == "unknown":
        raise DataError(
            f"{table.name}: without a column Usage the rows of subset={subset!r} cannot be told; "
            "read subset='all'."
        )
    return Row(
        emotion=plain.index("emotion"),
        pixels=plain.index("pixels"),
        usage=plain.index("usage") if has_usage else None,
    )


def parse_numbers(text: str) -> bytes:
    """Parse pixels that stand as numbers between blanks."""
    # Parsed as int64: NumPy wraps what does not fit into uint8 or int32 without a word.
    try:
        values = np.fromstring(text, dtype=np.int64, sep=" ")
    except (ValueError, DeprecationWarning):
        raise _why_bad(text) from None
    if values.size != N_PIXELS or values.min() < 0 or values.max() > 255:
        raise _why_bad(text)
    return values.astype(np.uint8).tobytes()


def missing_value(column: str) -> ItemError:
    """Say that a cell is empty."""
    return ItemError("missing value", f"the value of {column!r} is missing")


def wrong_number_of_pixels(n: int) -> ItemError:
    """Say how many pixels there are."""
    return ItemError(
        "wrong number of pixels", f"got {n} pixels, expected {N_PIXELS} ({SIDE} x {SIDE})"
    )


def bad_pixel(number: int, value: str) -> ItemError:
    """Say which of the pixels, counted from 1, is none."""
    got = f"pixel {number} is {_shorten(value)}, expected integers from 0 to 255"
    if not _INTEGER.fullmatch(value):
        return ItemError("pixel not an integer", got)
    return ItemError("pixel out of range", got)


def _parse_usage(text: str) -> str:
    usage = _USAGES.get(text.lower())
    if usage is None:
        raise ItemError(
            "unknown Usage",
            f"Usage is {_shorten(text)}, expected Training, PublicTest or PrivateTest",
        )
    return usage


def _why_bad(text: str) -> ItemError:
    """Find what is wrong with the pixels of a row."""
    tokens = text.split()
    for number, token in enumerate(tokens, start=1):
        # As a float, because int() refuses a number of more than 4,300 digits.
        if not _INTEGER.fullmatch(token) or not 0 <= float(token) <= 255:
            return bad_pixel(number, token)
    return wrong_number_of_pixels(len(tokens))


def _shorten(text: str) -> str:
    return repr(text if len(text) <= 20 else f"{text[:20]}...")
