"""The figures of the pages, and what the files of results say of them.

A page tells in HTML comments, which no reader sees, where its figures come from. They follow the
paragraph, list item or table that they are about, but for the one that begins with "table:", which
stands before it. docs/development.md ("Figures") has the language.
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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers import REPOSITORY

RESULTS = REPOSITORY / "benchmarks" / "results"
CARDS = REPOSITORY / "src" / "ferclassifier" / "pretrained" / "models"

UNITS: dict[str, tuple[str, float]] = {
    **{name: ("share", 0.01) for name in ("%", "points", "point", "per cent")},
    **{name: ("time", 1e-6) for name in ("µs", "us", "microseconds")},
    **{name: ("time", 1e-3) for name in ("ms", "milliseconds")},
    **{name: ("time", 1.0) for name in ("s", "second", "seconds")},
    **{name: ("time", 60.0) for name in ("minute", "minutes")},
    **{name: ("time", 3600.0) for name in ("hour", "hours")},
    **{name: ("bytes", 1.0) for name in ("bytes", "byte")},
    **{name: ("bytes", 1e3) for name in ("kB", "KB")},
    **{"MB": ("bytes", 1e6), "MiB": ("bytes", 2.0**20)},
    **{"GB": ("bytes", 1e9), "GiB": ("bytes", 2.0**30)},
    **{name: ("number", 1.0) for name in ("times", "images a second", "frames a second")},
    **{"thousand": ("number", 1e3), "million": ("number", 1e6)},
}
NUMBER = r"(?<![\w.])[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:(?<=\d)\.\d+|(?<![\d.])\.\d+|(?<=\d))(?![\w,]*\d)"
_UNIT = "|".join(sorted((re.escape(name) for name in UNITS), key=len, reverse=True))
_FREE = ("bytes", "byte", "thousand", "million")
_QUANTITY = "|".join(re.escape(name) for name in UNITS if name not in _FREE)
# What a page may not say without telling where it is from: a quantity, or a score to three digits.
FIGURE = re.compile(
    rf"(?P<number>{NUMBER})(?:[ -]?(?P<unit>{_QUANTITY})(?![\w/])|(?<=\.\d\d\d)|(?<=\.\d\d\d\d)(?!\d))"
)
_BETWEEN = r"(?:to|and|of|of the|±|[\s,;/()±*<†]|" + f"(?:{_UNIT})(?!\\w))*"
# A cell that holds nothing but figures.
MEASURED = re.compile(rf"{_BETWEEN}(?:{NUMBER}{_BETWEEN})+")


class PageError(ValueError):
    """What a marker says cannot be read, or is not so."""


@dataclass
class Table:
    """A table of a page or of a file, its cells without emphasis, links and code."""

    names: list[str]
    rows: list[list[str]]

    def row_labels(self) -> list[list[str]]:
        """Return the rows with what stands above an empty cell at their beginning."""
        labels: list[list[str]] = []
        for row in self.rows:
            filled = list(row)
            for place, cell in enumerate(row):
                if cell or not labels:
                    break
                filled[place] = labels[-1][place]
            labels.append(filled)
        return labels

    def chosen(self, text: str) -> list[int]:
        """Return the places of the rows in which the texts are cells: `a & b`, or `a + b` for both."""
        wanted = [[plain(part) for part in one.split(" & ")] for one in text.split(" + ")]
        return [
            place
            for place, cells in enumerate(self.row_labels())
            if any(all(self._is_in(part, cells) for part in parts) for parts in wanted)
        ]

    def _is_in(self, part: str, cells: list[str]) -> bool:
        name, equals, value = part.partition("=")
        if equals and name in self.names:
            return _same(value, cells[self.names.index(name)])
        return any(_same(part, cell) for cell in cells)

    def column(self, text: str) -> int | None:
        """Return the place of a column; None if there is none of that name."""
        found = [place for place, name in enumerate(self.names) if _same(plain(text), name)]
        return found[0] if len(found) == 1 else None


@dataclass
class Block:
    """A paragraph, a list item or a table, with the markers that follow it."""

    line: int
    text: str = ""
    table: Table | None = None
    copy_of: str | None = None
    markers: list[str] = field(default_factory=list)


def plain(text: str) -> str:
    """Return a text without links, emphasis, code and doubled blanks."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return " ".join(re.sub(r"\*\*|`", "", text).split())


def _same(wanted: str, cell: str) -> bool:
    if wanted.endswith("..."):
        return cell.startswith(wanted[:-3])
    return cell == wanted


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of a page, without its code."""
    found: list[Block] = []
    before = None
    kind = ""
    lines = list(_without_code(text))
    at = 0
    while at < len(lines):
        number, line = lines[at]
        at += 1
        stripped = line.strip()
        if stripped.startswith("<!--"):
            while "-->" not in stripped and at < len(lines):
                stripped += "\n" + lines[at][1].strip()
                at += 1
            said = [part.strip() for part in stripped[4:].split("-->")[0].split("\n")]
            for marker in filter(None, said):
                if marker.startswith("table:"):
                    before = marker.removeprefix("table:").strip()
                elif found:
                    found[-1].markers.append(marker)
            kind = ""
            continue
        now = (
            "table"
            if stripped.startswith("|")
            else ""
            if not stripped or stripped.startswith(("#", ":::", "```"))
            else "text"
        )
        if now and (now != kind or re.match(r"([-*]|\d+\.) ", stripped)):
            found.append(Block(number, copy_of=before if now == "table" else None))
            before = None if now == "table" else before
        if now:
            found[-1].text += line + "\n"
        kind = now
    for block in found:
        if block.text.lstrip().startswith("|"):
            block.table = table_of(block.text)
    return found


def _without_code(text: str) -> Iterator[tuple[int, str]]:
    fence = False
    indented = False
    empty = True
    for number, line in enumerate(text.split("\n"), start=1):
        if line.lstrip().startswith("```"):
            fence = not fence
            yield number, ""
            continue
        indented = line.startswith("    ") and (empty or indented)
        empty = not line.strip()
        yield number, "" if fence or indented else line


def table_of(text: str) -> Table:
    """Return a table of Markdown."""
    rows = []
    for line in text.strip().split("\n"):
        cells = re.split(r"(?<!\\)\|", line.strip().strip("|") + " ")
        rows.append([plain(cell) for cell in cells])
    return Table(rows[0], rows[2:])


@functools.cache
def tables_in(name: str) -> tuple[Table, ...]:
    """Return the tables of a file of results."""
    path = RESULTS / name
    if not path.is_file():
        raise PageError(f"there is no benchmarks/results/{name}")
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            names, *rows = csv.reader(file)
        cells = [[plain(cell) for cell in row] for row in rows]
        return (Table([plain(name) for name in names], cells),)
    return tuple(block.table for block in blocks_of(path.read_text()) if block.table is not None)


# --- what a marker says


def values_of(source: str) -> list[tuple[float, str | None]]:
    """Return the numbers that a source stands for, and their units."""
    found = []
    for part in source.split(" ; "):
        terms = re.split(r"\s(over|minus|plus)\s(?=(?:[\w.]+\.(?:csv|md|json)|code\s|\d))", part)
        values = [_term(term) for term in terms[::2]]
        if len(values) > 1 and any(len(value) != 1 for value in values):
            raise PageError(f"{part!r} computes with more than one number at a time")
        result = values[0]
        for word, value in zip(terms[1::2], values[1:], strict=True):
            result = [_computed(word, result[0], value[0])]
        found += result
    return found


def _computed(
    word: str, one: tuple[float, str | None], other: tuple[float, str | None]
) -> tuple[float, str | None]:
    scales = [UNITS[unit][1] if unit else 1.0 for _, unit in (one, other)]
    if word == "over":
        return one[0] * scales[0] / (other[0] * scales[1]), None
    compute = operator.sub if word == "minus" else operator.add
    if one[1] is None or other[1] is None:
        return compute(one[0] * scales[0], other[0] * scales[1]), None
    return compute(one[0], other[0] * scales[1] / scales[0]), one[1]


_WHOLES: dict[str, Callable[[list[float]], float]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "min": min,
    "max": max,
    "sum": sum,
    "deviation": statistics.stdev,
    "count": len,
}


def _term(term: str) -> list[tuple[float, str | None]]:
    parts = [part.strip() for part in term.split(" | ")]
    unit = None
    if match := re.search(rf"\s+in ({_UNIT})$", parts[-1]):
        unit = match[1]
        parts[-1] = parts[-1][: match.start()]
    if re.fullmatch(NUMBER, term):
        return [(float(term), None)]
    if parts[0].startswith("code "):
        return [(float(_constant(parts[0].removeprefix("code "))), unit)]
    if parts[0].endswith(".json"):
        return [(float(value), unit) for value in _of_card(*parts)]
    if len(parts) < 2:
        raise PageError(f"{term!r} is no FILE | ROW | COLUMN")
    name, row, *rest = parts
    whole = rest.pop() if rest and rest[-1] in _WHOLES else None
    columns = rest[0].split(" and ") if rest else [None]
    return [_cell(name, row, column, whole, unit) for column in columns]


def _constant(path: str) -> Any:
    module, _, names = path.partition(":")
    return _along(names, importlib.import_module(module))


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


def _of_card(name: str, path: str = "", columns: str = "") -> list[Any]:
    card = json.loads((CARDS / name).read_text())
    try:
        value = _along(path, card)
        return [_along(column, value) for column in columns.split(" and ")]
    except (KeyError, IndexError, AttributeError) as error:
        raise PageError(f"{name} has no {path} {columns}") from error


def _cell(
    name: str, row: str, column: str | None, whole: str | None, unit: str | None
) -> tuple[float, str | None]:
    pick = None
    if column is not None and (match := re.search(r"\s*#(\d+)$", column)):
        pick = int(match[1])
        column = column[: match.start()] or None
    found: list[tuple[str, str]] = []
    for table in tables_in(name):
        if column is not None:
            place = table.column(column)
        else:
            place = 1 if len(table.names) == 2 else None
        if place is not None:
            found += [(table.rows[at][place], table.names[place]) for at in table.chosen(row)]
    found = [(cell, header) for cell, header in found if cell]
    where = f"{name} | {row} | {column}"
    if not found:
        raise PageError(f"{where}: there is no such cell")
    if len(found) > 1 and whole is None:
        raise PageError(f"{where}: {len(found)} cells; say more of the row, or mean, min, max")
    numbers = [_number(cell, pick, where) for cell, _ in found]
    value = numbers[0] if whole is None else float(_WHOLES[whole](numbers))
    if whole in ("count", "deviation"):
        return value, unit
    return value, unit or unit_of(found[0][0], found[0][1])


def _number(cell: str, pick: int | None, where: str) -> float:
    numbers = re.findall(NUMBER, cell)
    if not numbers or (pick is None and len(numbers) > 1):
        raise PageError(f"{where}: {cell!r} holds {len(numbers)} numbers; #1 is the first")
    try:
        return as_float(numbers[(pick or 1) - 1])
    except IndexError as error:
        raise PageError(f"{where}: {cell!r} has no number #{pick}") from error


def as_float(text: str) -> float:
    """Return a number as it is written."""
    return float(text.replace(",", ""))


def unit_of(cell: str, header: str = "") -> str | None:
    """Return the unit of a cell: its own, or the one that the name of the column ends with."""
    own = re.search(rf"\d\s?({_UNIT})(?![\w/])", cell)
    if own:
        return own[1]
    named = re.findall(rf"(?<!\d\s)(?:^|(?<=[\s,(_]))({_UNIT})(?=$|[\s,)])", header)
    per_second = re.search(r"(a|per) (processor )?second|/s|speed", header)
    return None if per_second or not named else str(named[-1])


def agrees(number: str, unit: str | None, value: float, of: str | None, about: bool) -> bool:
    """Return whether a number as it is written is a value, rounded to its digits."""
    scale = _scale(of) / _scale(unit) if of or unit else 1.0
    if of and unit and UNITS[of][0] != UNITS[unit][0]:
        raise PageError(f"{number} {unit} cannot be told from a figure in {of}")
    if unit and not of and UNITS[unit][0] in ("time", "bytes"):
        raise PageError(f"{number} {unit}: the source has no unit; say so by 'in {unit}'")
    _, _, decimals = number.partition(".")
    step = 10.0 ** -len(decimals)
    if about and not decimals:
        step = 10.0 ** (len(number) - len(number.rstrip("0")))
    return abs(value * scale - as_float(number)) <= step / 2 * (1 + 1e-6) + 1e-12


def _scale(unit: str | None) -> float:
    return 1.0 if unit is None else UNITS[unit][1]


_BOUNDS: dict[str, Callable[[float, float], bool]] = {
    **{word: operator.le for word in ("at most", "up to", "under", "below", "less than")},
    **{word: operator.ge for word in ("at least", "over", "above", "more than")},
}
_ABOUT = ("some ", "about ", "nearly ", "almost ")


@dataclass
class Marker:
    """What one line of a comment says: figures, or a row, and where they are from."""

    figures: str
    source: str

    @classmethod
    def read(cls, text: str) -> Marker:
        """Take a line apart at its first colon."""
        figures, colon, source = text.partition(": ")
        if not colon or not source.strip():
            raise PageError(f"{text!r} is no FIGURE: SOURCE")
        return cls(figures.strip(), source.strip())

    @property
    def reason(self) -> bool:
        """Whether the source is no file but a reason."""
        return bool(re.match(r"(cited|given),? \S", self.source))

    def tokens(self) -> set[tuple[str, str | None]]:
        """Return the numbers that the marker is of, each with the unit that follows it."""
        return {(number, unit) for number, unit in figures_in(self.figures)}

    def check(self) -> None:
        """Raise a PageError if the figures are not those of the source."""
        if self.reason:
            return
        written = figures_in(self.figures)
        compare([*written], values_of(self.source), self.figures, self.source)


def figures_in(text: str) -> list[tuple[str, str | None]]:
    """Return the numbers of a text; those of a list or a range have the unit after its last."""
    found: list[tuple[str, str | None]] = []
    matches = list(re.finditer(rf"({NUMBER})(?:[ -]?({_UNIT})(?![\w/]))?", text))
    unit = None
    for match in reversed(matches):
        unit = match[2] or unit
        found.append((match[1], unit))
    return found[::-1]


def compare(
    written: list[tuple[str, str | None]],
    values: list[tuple[float, str | None]],
    words: str,
    source: str,
) -> None:
    """Raise a PageError if numbers as they are written are not the values."""
    if len(written) != len(values):
        raise PageError(f"{words!r} are {len(written)} numbers, {source!r} is {len(values)}")
    bound = next((_BOUNDS[word] for word in _BOUNDS if words.startswith(f"{word} ")), None)
    for (number, unit), (value, of) in zip(written, values, strict=True):
        if bound is not None:
            scale = _scale(of) / _scale(unit) if of or unit else 1.0
            fits = bound(value * scale, as_float(number))
        else:
            fits = agrees(number, unit, value, of, words.startswith(_ABOUT))
        if not fits:
            is_written = f"{number} {unit or ''}".strip()
            scale = _scale(of) / _scale(unit) if of or unit else 1.0
            told = f"{value * scale:.5g} {unit or ''}".strip()
            raise PageError(f"{is_written!r} is written, {told} is what {source} says")


# --- what is held


def faults_of(page: str, text: str) -> list[str]:
    """Return what is wrong with the figures of a page, each with its line."""
    found = []
    for block in blocks_of(text):
        for fault in _faults_of_block(block):
            found.append(f"{page}:{block.line}: {fault}")
    return found


def _faults_of_block(block: Block) -> Iterator[str]:
    markers = []
    for text in block.markers:
        try:
            marker = Marker.read(text)
            markers.append(marker)
            if block.table is not None and marker.figures.startswith("row "):
                _check_row(block.table, marker)
            else:
                marker.check()
                yield from _absent(block, marker)
        except (PageError, AttributeError, ImportError) as error:
            yield str(error)
    if block.table is not None:
        yield from _faults_of_table(block, block.table, markers)
    else:
        yield from _unmarked(block.text, markers)


def _absent(block: Block, marker: Marker) -> Iterator[str]:
    words = plain(_without_spans(block.text))
    if plain(marker.figures) not in words:
        yield f"{marker.figures!r} has a source, but is not written there"


def _without_spans(text: str) -> str:
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return re.sub(r"`[^`]*`", "``", " ".join(text.split()))


def _unmarked(text: str, markers: list[Marker]) -> Iterator[str]:
    known = set().union(*(marker.tokens() for marker in markers)) if markers else set()
    for match in FIGURE.finditer(_without_spans(text)):
        if (match["number"], match["unit"]) not in known:
            yield (
                f"{match[0]!r} stands there without a source; say it in a comment after the "
                f'paragraph (docs/development.md, "Figures")'
            )


def _check_row(table: Table, marker: Marker) -> None:
    label = marker.figures.removeprefix("row ")
    chosen = table.chosen(label)
    if len(chosen) != 1:
        raise PageError(f"row {label!r}: the table has {len(chosen)} of them")
    if not marker.reason:
        written = row_figures(table, chosen[0])
        compare(written, values_of(marker.source), f"row {label}", marker.source)


def row_figures(table: Table, place: int) -> list[tuple[str, str | None]]:
    """Return the numbers of a row's measured cells, with their units."""
    row = table.rows[place]
    label = row[0].rpartition(", ")[2] if ", " in row[0] else ""
    found: list[tuple[str, str | None]] = []
    for name, cell in list(zip(table.names, row, strict=True))[1:]:
        if MEASURED.fullmatch(_bare(cell)):
            unit = unit_of(cell, name) or unit_of("", label)
            found += [(number, of or unit) for number, of in figures_in(_bare(cell))]
    return found


def _bare(cell: str) -> str:
    # Names in brackets, such as "73.7 (best)".
    return re.sub(r"\([a-z_]+\)", "", cell)


def _faults_of_table(block: Block, table: Table, markers: list[Marker]) -> Iterator[str]:
    try:
        if block.copy_of is not None:
            check_copy(table, block.copy_of)
            if re.match(r"(cited|given),? ", block.copy_of):
                return
    except PageError as error:
        yield str(error)
    if block.copy_of is not None:
        return
    rows = [marker for marker in markers if marker.figures.startswith("row ")]
    held = {place for marker in rows for place in table.chosen(marker.figures[4:])}
    known = set().union(*(marker.tokens() for marker in markers if marker not in rows))
    for place in range(len(table.rows)):
        if place not in held:
            open_ones = [n for n, u in row_figures(table, place) if not {(n, u), (n, None)} & known]
            if open_ones:
                yield (
                    f"the row {table.rows[place][0]!r} has figures without a source "
                    f"({open_ones[0]}); say 'table: FILE' before the table, or 'row ...' after it"
                )
    yield from _unmarked_in_cells(table, markers)


def _unmarked_in_cells(table: Table, markers: list[Marker]) -> Iterator[str]:
    for row in table.rows:
        for cell in row:
            if not MEASURED.fullmatch(_bare(cell)):
                yield from _unmarked(cell, markers)


def check_copy(table: Table, source: str) -> None:
    """Raise a PageError if a table is not the one in a file, or not made of it."""
    if re.match(r"(cited|given),? ", source):
        return
    name, *renamed = [part.strip() for part in source.split(" | ")]
    if match := re.fullmatch(r"(\S+) by (\S+)", name):
        _check_equal(table, [table_of(_printed(match[2]))], name)
    elif name.endswith(".csv"):
        columns = dict(part.split(" = ") for part in renamed)
        _check_rows_of(table, tables_in(name)[0], columns, name)
    else:
        _check_equal(table, list(tables_in(name)), name)


def _printed(script: str) -> str:
    folder = REPOSITORY / "benchmarks"
    path = folder / script
    spec = importlib.util.spec_from_file_location(f"_printed_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    try:
        spec.loader.exec_module(module)
        return str(module.published_table())
    finally:
        sys.path[:] = before


def _check_equal(table: Table, others: list[Table], name: str) -> None:
    candidates = [other for other in others if other.names == table.names]
    if not candidates:
        raise PageError(f"{name} has no table with the columns {', '.join(table.names)}")
    for other in candidates:
        if other.rows == table.rows:
            return
    other = max(candidates, key=lambda one: sum(a == b for a, b in zip(one.rows, table.rows)))  # noqa: B905
    if len(other.rows) != len(table.rows):
        raise PageError(f"{name} has {len(other.rows)} rows, the page {len(table.rows)}")
    here, there = next(
        (a, b)
        for mine, its in zip(table.rows, other.rows, strict=True)
        for a, b in zip(mine, its, strict=True)
        if a != b
    )
    raise PageError(f"{here!r} is written, {name} has {there!r}")


def _check_rows_of(table: Table, source: Table, renamed: dict[str, str], name: str) -> None:
    places = {}
    for at, column in enumerate(table.names):
        wanted = renamed.get(column, column)
        if wanted == "-":
            continue
        place = source.column(wanted)
        if place is None:
            raise PageError(f"{name} has no column {wanted!r}; say 'COLUMN = ITS NAME THERE'")
        places[at] = place
    for row in table.rows:
        if not any(_is_rounded(row, its, places, table, source) for its in source.rows):
            raise PageError(f"no row of {name} has {', '.join(row)}")


def _is_rounded(
    row: list[str], its: list[str], places: dict[int, int], table: Table, source: Table
) -> bool:
    for at, place in places.items():
        written, there = figures_in(row[at]), figures_in(its[place])
        if not MEASURED.fullmatch(row[at]):
            if row[at] != its[place]:
                return False
            continue
        if len(written) != len(there):
            return False
        for (number, unit), (other, of) in zip(written, there, strict=True):
            ours = unit or unit_of("", table.names[at])
            theirs = of or unit_of("", source.names[place])
            if theirs is None and ours and UNITS[ours][0] in ("time", "bytes"):
                theirs = ours  # the file has the unit in a longer name
            if not agrees(number, ours, as_float(other), theirs, about=False):
                return False
    return True
