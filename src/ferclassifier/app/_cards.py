"""The card of a released model in JSON: its sections and their blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ferclassifier._utils.document import (
    Block,
    Definitions,
    Document,
    KeyFigures,
    Note,
    Paragraph,
    Share,
    Table,
)


def card_in_json(document: Document) -> dict[str, Any]:
    """Return a card for JSON.

    Parameters
    ----------
    document : Document
        Of paragraphs, notes, figures, definitions and tables.

    Returns
    -------
    card : dict
        With "title", "subtitle", "summary", "sections" and "footer". Each block has its "kind".
    """
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "summary": _blocks(document.summary),
        "sections": [
            {"title": section.title, "blocks": _blocks(section.blocks)}
            for section in document.sections
        ],
        "footer": document.footer,
    }


def _blocks(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    return [{"kind": block.kind, **_content(block)} for block in blocks]


def _content(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph() | Note():
            return {"text": block.text}
        case KeyFigures():
            return {"figures": [list(figure) for figure in block.figures]}
        case Definitions():
            return {"entries": [list(entry) for entry in block.entries]}
        case Table():
            rows = [[_text(cell) for cell in row] for row in block.rows]
            return {"caption": block.caption, "header": list(block.header), "rows": rows}
    raise TypeError(f"Got a {type(block).__name__}, but cards have none.")


def _text(cell: str | Share) -> str:
    return cell.text if isinstance(cell, Share) else cell
