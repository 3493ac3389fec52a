"""What a page of Markdown is made of: paragraphs, list items, tables, and comments after them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Table:
    """A table, its cells without emphasis, links and code."""

    names: list[str]
    rows: list[list[str]]

    @classmethod
    def read(cls, text: str) -> Table:
        """Take a table of Markdown apart."""
        rows = [[plain(cell) for cell in row] for row in cells_of(text)]
        return cls(rows[0], rows[2:])

    def chosen(self, text: str) -> list[int]:
        """Return where the rows are in which all texts between `&` are cells.

        `column=text` looks in one column, `text...` for a cell that begins so, and `+` adds the
        rows of another choice. An empty cell at the beginning of a row is the one above it.
        """
        choices = [[plain(part) for part in choice.split(" & ")] for choice in text.split(" + ")]
        return [
            at
            for at, cells in enumerate(self._filled())
            if any(all(self._is_in(part, cells) for part in parts) for parts in choices)
        ]

    def column(self, text: str) -> int | None:
        """Return where a column is; None if not one has that name."""
        found = [at for at, name in enumerate(self.names) if _is_called(name, plain(text))]
        return found[0] if len(found) == 1 else None

    def _filled(self) -> list[list[str]]:
        filled: list[list[str]] = []
        for row in self.rows:
            n_empty = next((at for at, cell in enumerate(row) if cell), 0) if filled else 0
            filled.append([*filled[-1][:n_empty], *row[n_empty:]] if n_empty else row)
        return filled

    def _is_in(self, part: str, cells: list[str]) -> bool:
        name, equals, value = part.partition("=")
        if equals and name in self.names:
            return _is_called(cells[self.names.index(name)], value)
        return any(_is_called(cell, part) for cell in cells)


def cells_of(text: str) -> list[list[str]]:
    """Return the cells of a table of Markdown as they are written, the lines of its head first."""
    lines = [line.strip().removeprefix("|").removesuffix("|") for line in text.split("\n")]
    return [re.split(r"(?<!\\)\|", line) for line in lines if line]


def _is_called(cell: str, wanted: str) -> bool:
    return cell.startswith(wanted[:-3]) if wanted.endswith("...") else cell == wanted


@dataclass
class Block:
    """A paragraph, a list item, a table or code, with the lines of the comments after it."""

    line: int
    text: str = ""
    copy_of: str | None = None  # of a table: what "table:" before it says
    markers: list[str] = field(default_factory=list)

    @property
    def table(self) -> Table | None:
        """The table, if it is one."""
        return Table.read(self.text) if self.text.lstrip().startswith("|") else None


def plain(text: str) -> str:
    """Return a text without links, emphasis, code and doubled blanks."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return " ".join(re.sub(r"\*\*|`", "", text).split())


def blocks_of(page: str) -> list[Block]:
    """Return the blocks of a page; of code what stands behind a # alone, and no headings."""
    found: list[Block] = []
    before: str | None = None
    last = ""
    for number, kind, line in _lines(page):
        if kind == "comment":
            for marker in line.removeprefix("<!--").removesuffix("-->").split("\n"):
                if marker.strip().startswith("table: "):
                    before = marker.strip().removeprefix("table: ")
                elif marker.strip() and not marker.strip().startswith("not run: "):
                    # A comment without a block is one of an empty block, whose figures are missed.
                    found = found or [Block(number)]
                    found[-1].markers.append(marker.strip())
        elif kind:
            is_item = kind == "text" and re.match(r"([-*]|\d+\.) ", line.lstrip())
            if kind != last or is_item:
                found.append(Block(number, copy_of=before))
                before = None
            found[-1].text += line + "\n"
        last = kind
    if before is not None:
        found.append(Block(number, copy_of=before))
    return found


def _lines(page: str) -> Iterator[tuple[int, str, str]]:
    """Return number, kind and text of each line, comments in one piece."""
    fence = indented = False
    empty = True
    comment = ""
    begun = 0
    for number, line in enumerate(page.split("\n"), start=1):
        stripped = line.strip()
        if comment or (stripped.startswith("<!--") and not fence):
            begun = begun or number
            comment += stripped + "\n"
            if "-->" in stripped:
                yield begun, "comment", comment.strip()
                comment, begun = "", 0
            continue
        is_fence = stripped.startswith("```")
        indented = line.startswith("    ") and (empty or indented)
        if fence or is_fence or indented:
            yield number, "code", " ".join(re.findall(r"(?:^|\s)# (.*)", line))
        elif not stripped or stripped.startswith(("#", ":::")):
            yield number, "", ""
        else:
            yield number, "table" if stripped.startswith("|") else "text", line
        fence = fence != is_fence
        empty = not stripped
