"""The parts of a report become HTML and Markdown, and nothing in them can break out."""

from __future__ import annotations

import base64
import io
import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ferclassifier._utils.document import (
    Chart,
    Definitions,
    Document,
    FaceCard,
    Faces,
    KeyFigures,
    Note,
    Paragraph,
    Section,
    Share,
    Table,
)
from ferclassifier._utils.markdown import to_markdown
from ferclassifier._utils.printable import printable_lines
from ferclassifier.report._charts import draw_svg
from ferclassifier.report._html import to_html

FACE = np.arange(144, dtype=np.uint8).reshape(12, 12)
HOSTILE = "<script>alert('x')</script> & | `code` *star* [link](javascript:0)"
UNPRINTABLE = "a\udcff\x1b[31m\u202e\nb"


def blocks_of(name: str) -> list[Any]:
    """Every kind of block, with a name in every place."""
    return [
        Paragraph(name),
        Note(name),
        KeyFigures([(name, name, name)]),
        Definitions([(name, name)]),
        Table(name, [name, "n"], [[name, name], ["b", Share(0.5, name, "bar", name)]]),
        Faces([[FaceCard([(FACE, name)], [name])]], name),
        Chart("<svg></svg>", name),
    ]


def document(*blocks: object, title: str = "Title") -> Document:
    return Document(title, "Subtitle", [Section("First part", list(blocks))], "Footer")  # type: ignore[arg-type]


class _Tags(HTMLParser):
    """The elements of a page, each closed where it should be."""

    VOID = frozenset({"meta", "img", "use"})

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


BLOCKS = blocks_of(HOSTILE)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.kind)
def test_names_cannot_break_out_of_the_page(block: object) -> None:
    page = _Tags(to_html(document(block, title=HOSTILE)))
    assert "script" not in page.seen
    assert page.text.count("alert('x')") >= 2  # in the title and in the block


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.kind)
def test_names_cannot_break_out_of_markdown(block: object) -> None:
    text = to_markdown(document(block, title=HOSTILE))
    assert not re.search(r"(?<!\\)[<`\[]", text)
    for line in text.splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 3  # two cells


@pytest.mark.parametrize("block", blocks_of(UNPRINTABLE), ids=lambda block: block.kind)
@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_what_does_not_show_itself_is_escaped(write: Any, block: Any) -> None:
    """A name that was no UTF-8 kept a report from being written, and a name could turn a line."""
    text = write(document(block, title=UNPRINTABLE))
    assert printable_lines(text) == text
    written = text.replace("\\\\", "\\").replace("\\[", "[")
    n_written = written.count(r"a\udcff\x1b[31m\u202e\nb")
    assert n_written >= (1 if block.kind == "chart" and write is to_markdown else 2)


def test_every_block_is_written_in_both_forms() -> None:
    blocks = [
        Paragraph("some words"),
        Note("a warning"),
        KeyFigures([("Accuracy", "68.0 %", "66.5 to 69.5")]),
        Definitions([("Recall", "what is found")]),
        Table("A table", ["class", "F1"], [["happy", Share(0.87, "0.870", "bar", "895")]]),
        Faces([[FaceCard([(FACE, "a face")], ["happy 98 %", "label: fear"])]], "Mistakes"),
    ]
    page = _Tags(to_html(document(*blocks))).text
    markdown = to_markdown(document(*blocks))
    for words in [
        *("Title", "Subtitle", "First part", "Footer", "some words", "a warning", "Accuracy"),
        *("68.0 %", "66.5 to 69.5", "Recall", "what is found", "A table", "happy", "0.870"),
        *("895", "happy 98 %", "label: fear", "Mistakes"),
    ]:
        assert words in page
        assert words in markdown
    assert "| happy | 0.870 (895) |" in markdown


def test_groups_of_faces_stay_together_in_markdown() -> None:
    cards = [FaceCard([(FACE, "")], [name]) for name in ("a", "b", "c")]
    text = to_markdown(document(Faces([cards[:2], cards[2:]], "Copies", True)))
    assert "- a; together with b\n- c\n" in text


def test_a_page_asks_for_nothing_outside_itself() -> None:
    page = to_html(document(*BLOCKS[5:]))
    links = re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?([^"\')\s>]+)', page)
    assert links
    assert all(link.startswith(("data:", "#")) for link in links)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("face", [FACE, np.stack([FACE, 255 - FACE, FACE], axis=-1)])
def test_pictures_keep_their_pixels(face: np.ndarray) -> None:  # type: ignore[type-arg]
    page = to_html(document(Faces([[FaceCard([(face, "a face")], [])]], "")))
    png = re.search(r'src="data:image/png;base64,([^"]+)"', page)
    assert png is not None
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(png[1]))))
    np.testing.assert_array_equal(shown, face)


def test_shares_become_bars_and_grounds() -> None:
    row: list[str | Share] = ["a", Share(0.25, "x", "bar"), Share(0.5, "y", "heat")]
    page = to_html(document(Table("", ["", "", ""], [row])))
    assert '<td class="bar" style="--share:0.250">x</td>' in page
    assert '<td class="heat" style="--share:0.500">y</td>' in page


def test_a_folded_table_shows_its_caption_alone() -> None:
    page = to_html(document(Table("In numbers", ["", "n"], [["a", "1"]], is_folded=True)))
    folded = page.partition("<details>")[2].partition("</details>")[0]
    assert folded.startswith('<summary class="caption">In numbers</summary>')
    assert "<table>" in folded


def test_anchors_lead_to_sections() -> None:
    page = to_html(document(Paragraph("words")))
    assert '<a href="#first-part">' in page
    assert '<section id="first-part">' in page


def test_sections_without_words_are_left_out_of_markdown() -> None:
    assert "First part" not in to_markdown(document(Chart("<svg></svg>", "a chart")))


def draw(figure: object) -> None:
    ax = figure.subplots()  # type: ignore[attr-defined]
    ax.plot([1, 2], [3, 4], color="#0072B2", label="accuracy & <loss>")
    ax.grid(True)
    ax.legend()


def test_charts_take_colours_and_font_from_the_page() -> None:
    svg = draw_svg(draw)
    assert not re.findall(r"#(?:0[123]){3}\b", svg)
    for on_page in ("currentColor", "var(--muted)", "var(--line)", "var(--blue)"):
        assert on_page in svg
    assert "DejaVu" not in svg
    assert "accuracy &amp; &lt;loss&gt;" in svg  # words, not outlines of letters


def test_charts_are_elements_of_a_page() -> None:
    svg = draw_svg(draw)
    assert svg.startswith("<svg ")
    assert not re.search(r'<svg [^>]*\b(width|height)="', svg)
    ids = re.findall(r' id="([^"]+)"', svg)
    assert set(ids) == set(re.findall(r'(?:href="|url\()#([^")]+)', svg))  # none that is not needed
    _Tags(svg)


def test_charts_are_the_same_each_time_and_leave_no_trace() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    assert draw_svg(draw) == draw_svg(draw)
    assert dict(mpl.rcParams) == before


def test_charts_are_the_pages_whatever_the_style_and_the_thread() -> None:
    import matplotlib as mpl

    expected = draw_svg(draw)
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "lines.linewidth": 9}):
        before = dict(mpl.rcParams)
        with ThreadPoolExecutor(4) as pool:
            drawn = set(pool.map(draw_svg, [draw] * 12))
        assert dict(mpl.rcParams) == before
    assert drawn == {expected}


def test_colours_in_words_are_words() -> None:
    def named(figure: object) -> None:
        figure.subplots().set_title("#010101")  # type: ignore[attr-defined]

    assert ">#010101</text>" in draw_svg(named)
