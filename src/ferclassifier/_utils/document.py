"""What a report consists of, whatever it is written as: sections of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Share:
    """A number in [0, 1] in a table, which a page may draw as well as write.

    Parameters
    ----------
    value : float
    text : str
    drawn_as : {"bar", "heat"}
        A bar as long as the share, or a ground as dark.
    note : str, default=""
        What a page shows small below the text.
    """

    value: float
    text: str
    drawn_as: str
    note: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Some sentences."""

    kind: ClassVar[str] = "paragraph"
    text: str


@dataclass(frozen=True)
class Note:
    """Sentences that warn."""

    kind: ClassVar[str] = "note"
    text: str


@dataclass(frozen=True)
class KeyFigures:
    """The numbers to read first: name, value and what qualifies it."""

    kind: ClassVar[str] = "key-figures"
    figures: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Table:
    """Rows under a header; the first cell of each names the row.

    Parameters
    ----------
    caption : str
    header : sequence of str
    rows : sequence of sequence of str or Share
    is_wide : bool, default=False
        Whether it has a column for each class, and is set smaller.
    is_folded : bool, default=False
        Whether a page shows its caption alone until it is asked for the rest.
    """

    kind: ClassVar[str] = "table"
    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str | Share]]
    is_wide: bool = False
    is_folded: bool = False


@dataclass(frozen=True)
class Definitions:
    """Terms, and what is to be said of them."""

    kind: ClassVar[str] = "definitions"
    entries: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Chart:
    """A picture made of lines and words.

    Parameters
    ----------
    svg : str
        Coloured by the page that it stands in.
    caption : str
        What it shows, and what it says to somebody who cannot see it.
    """

    kind: ClassVar[str] = "chart"
    svg: str
    caption: str


@dataclass(frozen=True)
class FaceCard:
    """A face, or several views of it, with lines of text below.

    Parameters
    ----------
    views : sequence of (ndarray of shape (height, width) or (height, width, 3), str)
        Pictures in uint8, and what each is.
    lines : sequence of str
    """

    views: Sequence[tuple[NDArray[np.uint8], str]]
    lines: Sequence[str]


@dataclass(frozen=True)
class Faces:
    """Faces side by side.

    Parameters
    ----------
    groups : sequence of sequence of FaceCard
    caption : str
    belong_together : bool, default=False
        Whether the faces of a group belong together, such as copies of one image.
    """

    kind: ClassVar[str] = "faces"
    groups: Sequence[Sequence[FaceCard]]
    caption: str
    belong_together: bool = False


Block = Paragraph | Note | KeyFigures | Table | Definitions | Chart | Faces


@dataclass(frozen=True)
class Section:
    """Blocks under a heading.

    Parameters
    ----------
    title : str
    blocks : sequence of Block
    fills_width : bool, default=False
        Whether it takes all of a wide page, rather than one of two columns.
    """

    title: str
    blocks: Sequence[Block]
    fills_width: bool = False

    @property
    def anchor(self) -> str:
        """The heading as the target of a link."""
        return "".join(c if c.isalnum() else "-" for c in self.title.lower())


@dataclass(frozen=True)
class Document:
    """A report: what it is about, and its sections, of which empty ones are left out."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    footer: str = ""
    summary: Sequence[Block] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        filled = [section for section in self.sections if section.blocks]
        object.__setattr__(self, "sections", filled)
