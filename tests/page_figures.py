"""What is wrong with the figures of a page.

A page tells in HTML comments, which no reader sees, where its figures come from:
docs/development.md ("Figures") says how.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from page_blocks import Block, Table, blocks_of, cells_of, plain
from page_quantities import (
    FIGURE,
    MEASURED,
    UNITS,
    PageError,
    Value,
    Written,
    agrees,
    as_float,
    check,
    figures_in,
    unit_of,
)
from page_sources import is_reason, printed_by, tables_in, values_of

_HOW = 'docs/development.md, "Figures"'


def faults_of(page: str, text: str) -> list[str]:
    """Return what is wrong with the figures of a page, each with its line."""
    return [
        f"{page}:{block.line}: {fault}"
        for block in blocks_of(text)
        for fault in (_in_table if block.table is not None else _in_text)(block)
    ]


def _in_text(block: Block) -> Iterator[str]:
    if block.copy_of is not None:
        yield f"'table: {block.copy_of}' stands before no table"
    known: set[Written] = set()
    for marker in block.markers:
        figures, _, source = marker.partition(": ")
        known.update(figures_in(figures))
        yield from _wrong(block, figures, source)
    yield from _without_source(block.text, known)


def _in_table(block: Block) -> Iterator[str]:
    table = block.table
    assert table is not None
    if block.copy_of is not None:
        yield from _not_a_copy(table, block.copy_of)
        return
    known: set[Written] = set()
    held: set[int] = set()
    for marker in block.markers:
        figures, _, source = marker.partition(": ")
        if figures.startswith("row "):
            rows = table.chosen(figures.removeprefix("row "))
            held.update(rows)
            yield from _wrong_row(table, rows, figures, source)
        else:
            known.update(figures_in(figures))
            yield from _wrong(block, figures, source)
    written = cells_of(block.text)[2:]
    for at, row in enumerate(table.rows):
        if at not in held and (figure := next(iter(_of_row(table, at)), None)):
            yield (
                f"the row {row[0]!r} has figures without a source, such as {figure}; say 'table: "
                f"FILE' in a comment before the table, or 'row ...' in one after it ({_HOW})"
            )
        for cell in written[at]:
            if not _is_measured(plain(cell)):
                yield from _without_source(cell, known)


def _wrong(block: Block, figures: str, source: str) -> Iterator[str]:
    if not source:
        yield f"{figures!r} is no FIGURE: SOURCE ({_HOW})"
    elif plain(figures) not in plain(_without_code(block.text)):
        yield f"{figures!r} has a source, but is not written there"
    elif not is_reason(source):
        try:
            check(figures_in(figures), values_of(source), figures, source)
        except (PageError, ImportError, AttributeError) as error:
            yield str(error)


def _without_source(text: str, known: set[Written]) -> Iterator[str]:
    for match in FIGURE.finditer(_without_code(text)):
        if (match["number"], match["unit"]) not in known:
            yield f"{match[0]!r} has no source; say it in a comment below it ({_HOW})"


def _without_code(text: str) -> str:
    """Return a text without code and the targets of its links, in one line."""
    text = re.sub(r"\]\([^)]*\)", "]", " ".join(text.split()))
    return plain(re.sub(r"`[^`]*`", "_", text).replace("[", "").replace("]", ""))


def _wrong_row(table: Table, rows: list[int], label: str, source: str) -> Iterator[str]:
    if len(rows) != 1:
        yield f"{label!r}: the table has {len(rows)} of them"
    elif not is_reason(source):
        try:
            check(_of_row(table, rows[0]), values_of(source), label, source)
        except (PageError, ImportError, AttributeError) as error:
            yield f"{label}: {error}"


def _of_row(table: Table, at: int) -> list[Written]:
    """Return the figures in a row, those in its first cell left out."""
    label, *cells = table.rows[at]
    _, comma, end = label.rpartition(", ")
    found = []
    for name, cell in zip(table.names[1:], cells, strict=True):
        if _is_measured(cell):
            unit = unit_of(cell, name) or unit_of("", end if comma else "")
            found += [Written(one.number, one.unit or unit) for one in figures_in(_bare(cell))]
    return found


def _is_measured(cell: str) -> bool:
    return MEASURED.fullmatch(_bare(cell)) is not None


def _bare(cell: str) -> str:
    """Return a cell without names in brackets, as in "73.7 (best)"."""
    return re.sub(r"\([a-z_]+\)", "", cell)


def _not_a_copy(table: Table, source: str) -> Iterator[str]:
    if is_reason(source):
        return
    name, *renamed = source.split(" | ")
    try:
        if printed := re.fullmatch(r"\S+\.csv by (\S+)", name):
            _check_equal(table, [printed_by(printed[1])], name)
        elif name.endswith(".csv"):
            _check_rounded(table, tables_in(name)[0], renamed, name)
        else:
            _check_equal(table, list(tables_in(name)), name)
    except PageError as error:
        yield str(error)


def _check_equal(table: Table, others: list[Table], name: str) -> None:
    others = [other for other in others if other.names == table.names]
    if not others:
        raise PageError(f"{name} has no table with the columns {', '.join(table.names)}")
    if table in others:
        return
    nearest = max(others, key=lambda other: sum(row in other.rows for row in table.rows))
    wrong = [row for row in table.rows if row not in nearest.rows]
    missing = [row for row in nearest.rows if row not in table.rows]
    if not wrong:
        raise PageError(f"{name} has other rows, or in another order: {missing[:1] or ''}")
    raise PageError(f"{name} has no row {' | '.join(wrong[0])}; it has {missing[:1]}")


def _check_rounded(table: Table, source: Table, renamed: list[str], name: str) -> None:
    """Look for each row in a file of more columns, rows and digits."""
    theirs = dict(pair.split(" = ") for pair in renamed)
    columns = {}
    for at, ours in enumerate(table.names):
        if theirs.get(ours) != "-":
            place = source.column(theirs.get(ours, ours))
            if place is None:
                raise PageError(f"{name} has no column {ours!r}; say '{ours} = ITS NAME THERE'")
            columns[at] = place
    for row in table.rows:
        if not any(
            all(
                _is_rounded(row[at], table.names[at], there[place], source.names[place])
                for at, place in columns.items()
            )
            for there in source.rows
        ):
            raise PageError(f"{name} has no row {' | '.join(row)}")


def _is_rounded(cell: str, name: str, other: str, other_name: str) -> bool:
    if not MEASURED.fullmatch(cell):
        return cell == other
    written, there = figures_in(cell), figures_in(other)
    unit, its = unit_of(cell, name), unit_of(other, other_name)
    if its is None and unit and UNITS[unit][0] in ("time", "bytes"):
        its = unit  # it stands within a longer name
    return len(written) == len(there) and all(
        agrees(Written(one.number, one.unit or unit), Value(as_float(of.number), of.unit or its))
        for one, of in zip(written, there, strict=True)
    )
