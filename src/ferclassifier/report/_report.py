"""Reports: what a classifier scores, or what is wrong with images, as one page.

Each is a single HTML file that needs no network, or the same as Markdown or JSON.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferclassifier._files.writing import replacing
from ferclassifier._utils.document import Document
from ferclassifier._utils.extras import import_extra
from ferclassifier._utils.markdown import to_markdown
from ferclassifier._utils.printable import as_json, printable
from ferclassifier._utils.wording import count
from ferclassifier._version import __version__
from ferclassifier.exceptions import DataError
from ferclassifier.report._html import to_html

if TYPE_CHECKING:
    from os import PathLike

_FOOTER = f"Written by ferclassifier {__version__}."
SUFFIXES = (".html", ".md", ".json")


@dataclass(frozen=True, eq=False)
class Report:
    """A report that can be shown and saved.

    Attributes
    ----------
    title : str
    data : dict
        All of its numbers, in what JSON can hold.

    Methods
    -------
    to_html, to_markdown, to_json
        The report as text.
    save
        Write the report to a file.

    Examples
    --------
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.audit import audit_images
    >>> from ferclassifier.report import audit_report
    >>> X, y = make_faces(50, random_state=0)
    >>> report = audit_report(audit_images(X, y), title="My faces")
    >>> report.to_markdown().splitlines()[0]
    '# My faces'
    """

    title: str
    data: dict[str, Any] = field(repr=False)
    _document: Document = field(repr=False)

    def to_html(self) -> str:
        """Return a page that needs nothing beside it, readable on a phone, in the dark, in print.

        Returns
        -------
        html : str
        """
        return to_html(self._document)

    def to_markdown(self) -> str:
        """Return the words and tables of the page, without its pictures.

        Returns
        -------
        markdown : str
        """
        return to_markdown(self._document)

    def to_json(self) -> str:
        """Return the numbers behind the page.

        Returns
        -------
        json : str
        """
        return as_json(self.data) + "\n"

    def save(self, path: str | PathLike[str]) -> None:
        """Write the report to a file, whole or not at all.

        Parameters
        ----------
        path : str or PathLike
            The ending decides: ".html", ".md" or ".json". A file of that name, or one that a link
            of that name leads to, is replaced, and passes on its mode.

        Raises
        ------
        ValueError
            If the name has another ending.
        OSError
            If nothing can be written there.
        """
        path = Path(path)
        check_report_name(path)
        write = {".html": self.to_html, ".md": self.to_markdown, ".json": self.to_json}
        text = write[path.suffix.lower()]()
        with replacing(path) as file:
            file.write(text.encode())

    def _repr_html_(self) -> str:
        """Show the page inside a notebook, apart from the notebook's own styles."""
        title = html.escape(printable(self.title))
        return (
            f'<iframe srcdoc="{html.escape(self.to_html())}" title="{title}" '
            'style="width: 100%; height: 45rem; border: 0"></iframe>'
        )


def check_requirements() -> None:
    """Raise an error if what draws and writes reports is not installed.

    Raises
    ------
    ImportError
        It says how to install it.
    """
    for module in ("jinja2", "matplotlib"):
        import_extra(module, "report")


def check_report_name(path: Path) -> None:
    """Raise an error if the name of a file does not say what is to be written into it."""
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"Got {str(path)!r} as the name of a report, but expected one that ends in "
            f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}."
        )


@dataclass(frozen=True)
class Head:
    """What stands above and below a report."""

    title: str
    data_name: str | None
    n_images: int
    created: str

    @classmethod
    def now(cls, title: str, data_name: str | None, n_images: int) -> Head:
        return cls(title, data_name, n_images, datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"))

    @property
    def texts(self) -> dict[str, str]:
        parts = [self.data_name, count(self.n_images, "image"), self.created]
        subtitle = ", ".join(part for part in parts if part)
        return {"title": self.title, "subtitle": subtitle, "footer": _FOOTER}

    @property
    def data(self) -> dict[str, Any]:
        return {"title": self.title, "data": self.data_name, "created": self.created}


def names_of_images(names: Iterable[object] | None, n_images: int) -> list[str] | None:
    if names is None:
        return None
    texts = [str(name) for name in names]
    if len(texts) != n_images:
        raise DataError(
            f"Got {len(texts)} image_names, but expected one for each of the "
            f"{count(n_images, 'image')}."
        )
    return texts
