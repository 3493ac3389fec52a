"""What makes each form of output harmless, whatever name stands in it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

from markdown_it import MarkdownIt

from ferclassifier._utils.printable import printable, printable_lines

_SIGNS = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
_SVG = "{http://www.w3.org/2000/svg}"
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


class Page(HTMLParser):
    """The elements of a page with the names of their attributes, and its words.

    Charts have other elements for longer names, so that only their kinds are kept.
    """

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, ...]] = []
        self.in_charts: set[tuple[str, ...]] = set()
        self._is_in_chart = False
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        # What begins with a letter is set as words, and the rest as numbers: by a class.
        element = (tag, *sorted(name for name, _ in attrs if name != "class"))
        if self._is_in_chart:
            self.in_charts.add(element)
        else:
            self.elements.append(element)
        self._is_in_chart |= tag == "svg"

    def handle_endtag(self, tag: str) -> None:
        self._is_in_chart &= tag != "svg"

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.elements.append(("comment",))


def squeezed(text: str) -> str:
    """Leave out what line breaks and tables put between the letters of a name."""
    return re.sub(r"\s+", "", text)


def assert_html(text: str, harmless: str, name: str) -> None:
    """It has the elements that it has with a harmless name, and tells the name."""
    assert printable_lines(text) == text
    page, expected = Page(text), Page(harmless)
    assert page.elements == expected.elements
    assert page.in_charts <= expected.in_charts
    assert squeezed(printable(name)) in squeezed(page.text)


def assert_markdown(text: str, harmless: str, name: str) -> None:
    """It has the marks that it has with a harmless name, and tells the name."""
    assert printable_lines(text) == text
    assert not re.search(r"(?i)(https?|ftp)://|www\.", text)  # GitHub's links
    assert _marks(text) == _marks(harmless)
    assert squeezed(printable(name)) in squeezed(Page(_MARKDOWN.render(text)).text)


def _marks(text: str) -> list[str]:
    tokens = [one for token in _MARKDOWN.parse(text) for one in (token.children or [token])]
    return [token.type for token in tokens if token.type != "text"]


def assert_terminal(text: str, harmless: str, name: str) -> None:
    """It has as many lines, none of which does anything, and tells the name."""
    assert printable_lines(text) == text
    assert text.count("\n") == harmless.count("\n")
    assert squeezed(printable(name)) in squeezed(text)


def assert_json(text: str, harmless: str, name: str) -> None:
    """It can be shown, and gives the name back."""
    assert printable_lines(text) == text
    assert name in _strings(json.loads(text))


def _strings(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(map(_strings, [*value, *value.values()]))
    return "\n".join(map(_strings, value)) if isinstance(value, list) else str(value)


def assert_csv(text: str, harmless: str, name: str) -> None:
    """No cell is a formula, where commas separate cells, nor where semicolons do."""
    assert printable_lines(text) == text
    for delimiter in ",;":
        for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=False):
            for cell in row:
                assert not cell.lstrip().startswith(_SIGNS) or _is_number(cell), cell
    rows = list(csv.reader(io.StringIO(text)))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == len(list(csv.reader(io.StringIO(harmless))))
    told = {cell.replace("'", "") for row in rows for cell in row}
    assert any(squeezed(printable(name)).replace("'", "") in squeezed(cell) for cell in told)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def assert_svg(text: str, harmless: str, name: str) -> None:
    """It has no elements but those of charts, and the beginning of the name as words."""
    root = ElementTree.fromstring(text)
    kinds = {element.tag for element in root.iter()}
    assert kinds <= {element.tag for element in ElementTree.fromstring(harmless).iter()}
    for element in root.iter():
        assert not [key for key in element.attrib if key.lower().startswith("on")]
    words = squeezed("".join("".join(text.itertext()) for text in root.iter(f"{_SVG}text")))
    assert squeezed(printable(name))[:6] in words


def assert_subtitles(text: str, harmless: str, name: str) -> None:
    """A block is a number, a time and a line without a player's marks."""
    assert printable_lines(text) == text
    blocks = text.split("\n\n")
    assert len(blocks) == len(harmless.split("\n\n"))
    for block in blocks:
        number, time, line, *rest = block.split("\n")
        assert number.isdigit()
        assert re.fullmatch(r"\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}", time)
        assert not re.search(r"[<{]|-->", line)
        assert rest in ([], [""])


CHECKS: dict[str, Callable[[str, str, str], None]] = {
    "html": assert_html,
    "markdown": assert_markdown,
    "terminal": assert_terminal,
    "json": assert_json,
    "csv": assert_csv,
    "svg": assert_svg,
    "subtitles": assert_subtitles,
}
