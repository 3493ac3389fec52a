"""What the files of results, the cards of the models and the code say of a figure.

A source is ``FILE | ROW | COLUMN``; docs/development.md ("Figures") has all of the language.
"""

from __future__ import annotations

import csv
import functools
import importlib
import importlib.util
import json
import operator
import re
import statistics
import sys
from collections.abc import Callable
from typing import Any

from helpers import REPOSITORY
from page_blocks import Table, blocks_of, plain
from page_quantities import NUMBER, UNIT, PageError, Value, as_float, scale_of, unit_of

RESULTS = REPOSITORY / "benchmarks" / "results"
CARDS = REPOSITORY / "src" / "ferclassifier" / "pretrained" / "models"

_OPERATOR = re.compile(rf"\s(over|minus|plus|times)\s(?=[\w.]+\.(?:csv|md|json)|code\s|{NUMBER})")
_WHOLES: dict[str, Callable[[list[float]], float]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "min": min,
    "max": max,
    "sum": sum,
    "deviation": statistics.stdev,
}


def is_reason(source: str) -> bool:
    """Return whether a source is no file, but says why there is none."""
    return re.match(r"(cited|given),? \S", source) is not None


def values_of(source: str) -> list[Value]:
    """Return the numbers that a source stands for.

    Raises
    ------
    PageError
        If it cannot be read, or there is no such file, row or column.
    """
    return [value for part in source.split(" ; ") for value in _values(part)]


def _values(part: str) -> list[Value]:
    """Return the cells that one part names, or one number computed from left to right."""
    unit = None
    if match := re.search(rf"\sin ({UNIT})$", part):
        unit = match[1]
        part = part[: match.start()]
    first, *rest = _OPERATOR.split(part)
    values = _of_term(first)
    for word, term in zip(rest[::2], rest[1::2], strict=True):
        others = _of_term(term)
        if len(values) != 1 or len(others) != 1:
            raise PageError(f"{part!r} computes with more than one number at a time")
        values = [_computed(word, values[0], others[0])]
    return [Value(value.number, unit or value.unit) for value in values]


def _computed(word: str, one: Value, other: Value) -> Value:
    if word == "times":
        return Value(one.plain * other.plain, None)
    if word == "over":
        return Value(one.plain / other.plain, None)
    compute = operator.sub if word == "minus" else operator.add
    if one.unit is None or other.unit is None:
        return Value(compute(one.plain, other.plain), None)
    return Value(compute(one.plain, other.plain) / scale_of(one.unit), one.unit)


def _of_term(term: str) -> list[Value]:
    if re.fullmatch(NUMBER, term):
        return [Value(as_float(term), None)]
    if term.startswith("code "):
        module, _, names = term.removeprefix("code ").partition(":")
        return [Value(float(_along(names, importlib.import_module(module))), None)]
    name, *rest = [part.strip() for part in term.split(" | ")]
    if not rest:
        raise PageError(f"{term!r} is no FILE | ROW | COLUMN")
    if name.endswith(".json"):
        return _of_card(name, *rest)
    row, *rest = rest
    whole = rest.pop() if rest and rest[-1] in _WHOLES else None
    columns = rest[0].split(" and ") if rest else [None]
    return [_of_cells(name, row, column, whole) for column in columns]


def _of_card(name: str, path: str, columns: str = "") -> list[Value]:
    try:
        place = _along(path, json.loads((CARDS / name).read_text(encoding="utf-8")))
        return [Value(float(_along(key, place)), None) for key in columns.split(" and ")]
    except (OSError, LookupError, AttributeError, TypeError) as error:
        raise PageError(f"{name} has no {path} {columns}".strip()) from error


def _along(path: str, value: Any) -> Any:
    """Follow names, keys and places, with dots between them."""
    for key in filter(None, path.split(".")):
        if isinstance(value, dict):
            value = value[key]
        elif isinstance(value, list):
            value = value[int(key)]
        else:
            value = getattr(value, key)
    return value


def _of_cells(name: str, row: str, column: str | None, whole: str | None) -> Value:
    """Return the number in a cell, or the mean or the like of those in several."""
    place = 1
    picked = re.fullmatch(r"(.*?)\s*#(\d+)", column or "")
    if picked:
        column, place = picked[1] or None, int(picked[2])
    where = f"{name} | {row}" + (f" | {column}" if column else "")
    cells = [cell for table in tables_in(name) for cell in _cells(table, row, column) if cell[0]]
    if not cells:
        raise PageError(f"{where}: there is no such cell")
    if len(cells) > 1 and whole is None:
        raise PageError(f"{where}: {len(cells)} cells; say more of the row, or mean, min, max")
    numbers = [re.findall(NUMBER, cell) for cell, _ in cells]
    if any(len(found) < place or (len(found) > 1 and not picked) for found in numbers):
        n_found = [len(found) for found in numbers]
        raise PageError(f"{where}: the cell has {n_found[0]} numbers; #1 is the first of them")
    values = [as_float(found[place - 1]) for found in numbers]
    if whole == "deviation":
        return Value(statistics.stdev(values), None)
    return Value(_WHOLES[whole](values) if whole else values[0], unit_of(*cells[0]))


def _cells(table: Table, row: str, column: str | None) -> list[tuple[str, str]]:
    """Return the cells that are meant, each with the name of its column."""
    at = table.column(column) if column is not None else 1 if len(table.names) == 2 else None
    return [] if at is None else [(table.rows[i][at], table.names[at]) for i in table.chosen(row)]


@functools.cache
def tables_in(name: str) -> tuple[Table, ...]:
    """Return the tables of a file of results."""
    path = RESULTS / name
    if not path.is_file():
        raise PageError(f"there is no benchmarks/results/{name}")
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            names, *rows = [[plain(cell) for cell in row] for row in csv.reader(file)]
        return (Table(names, rows),)
    blocks = blocks_of(path.read_text(encoding="utf-8"))
    return tuple(block.table for block in blocks if block.table is not None)


def printed_by(script: str) -> Table:
    """Return the table that a benchmark makes of what it keeps: its ``published_table``."""
    path = REPOSITORY / "benchmarks" / script
    spec = importlib.util.spec_from_file_location(f"_prints_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    try:
        spec.loader.exec_module(module)
        return Table.read(module.published_table())
    finally:
        sys.path[:] = before
