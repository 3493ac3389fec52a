"""A report as Markdown: what the page says, in words and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ferclassifier._utils.document import (
    Block,
    Chart,
    Definitions,
    Document,
    FaceCard,
    Faces,
    KeyFigures,
    Note,
    Paragraph,
    Share,
    Table,
)
from ferclassifier._utils.printable import printable


def to_markdown(document: Document) -> str:
    """Write a report as Markdown with the tables of GitHub.

    Parameters
    ----------
    document : Document

    Returns
    -------
    markdown : str
        Faces are named by their captions, and charts left out: what they show stands in the JSON.
    """
    parts = [f"# {_escape(document.title)}", _escape(document.subtitle)]
    parts += _blocks(document.summary)
    for section in document.sections:
        blocks = list(_blocks(section.blocks))
        if blocks:
            parts += [f"## {_escape(section.title)}", *blocks]
    if document.footer:
        parts += ["---", _escape(document.footer)]
    return "\n\n".join(parts) + "\n"


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield _escape(block.text)
        elif isinstance(block, Note):
            yield f"> {_escape(block.text)}"
        elif isinstance(block, KeyFigures):
            entries = [
                (name, f"{value} ({note})" if note else value)
                for name, value, note in block.figures
            ]
            yield _list_of(entries)
        elif isinstance(block, Definitions):
            yield _list_of(block.entries)
        elif isinstance(block, Table):
            yield _table(block)
        elif isinstance(block, Faces):
            yield _faces(block)
        elif not isinstance(block, Chart):
            raise TypeError(f"Got a block of type {type(block).__name__}, which has no Markdown.")


def _list_of(entries: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- **{_escape(term)}**: {_escape(text)}" for term, text in entries)


def _table(table: Table) -> str:
    lines = [
        _row(table.header),
        "|---|" + "---:|" * (len(table.header) - 1),
        *(_row([_cell(cell) for cell in row]) for row in table.rows),
    ]
    return f"{_escape(table.caption)}\n\n" + "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_escape(cell) for cell in cells) + " |"


def _cell(cell: str | Share) -> str:
    if isinstance(cell, str):
        return cell
    return f"{cell.text} ({cell.note})" if cell.note else cell.text


def _faces(faces: Faces) -> str:
    groups = [[_card(card) for card in group] for group in faces.groups]
    lines = ["; together with ".join(group) for group in groups]
    if not faces.belong_together:
        lines = [card for group in groups for card in group]
    return f"{_escape(faces.caption)}\n\n" + "\n".join(f"- {_escape(line)}" for line in lines)


def _card(card: FaceCard) -> str:
    return ", ".join(card.lines)


def _escape(text: str) -> str:
    """Keep the names of classes and files from being read as Markdown or HTML."""
    text = re.sub(r"([\\`*_|<>\[\]#&~$@])", r"\\\1", printable(text))
    # GitHub makes links of bare addresses.
    text = re.sub(r":(?=//)|(?<=www)\.", r"\\\g<0>", text, flags=re.IGNORECASE)
    return re.sub(r"\s+", " ", text)
