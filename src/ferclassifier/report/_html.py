"""A report as one HTML file that needs nothing beside it: no network, no script, no other file."""

from __future__ import annotations

import base64
import io
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.document import Document
from ferclassifier._utils.extras import import_extra
from ferclassifier._utils.printable import printable


def to_html(document: Document) -> str:
    """Write a report as an HTML page.

    Parameters
    ----------
    document : Document

    Returns
    -------
    html : str
        Text from outside, such as names of classes and files, is escaped, and printable.
    """
    jinja2 = import_extra("jinja2", "report")
    templates = resources.files("ferclassifier.report") / "templates"
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, finalize=_printable
    )
    environment.filters["png"] = _as_png_url
    environment.tests["numeric"] = lambda text: not text[:1].isalpha()
    page = environment.from_string((templates / "report.html").read_text(encoding="utf-8"))
    css = (templates / "report.css").read_text(encoding="utf-8")
    return page.render(document=document, css=css)  # type: ignore[no-any-return]


def _printable(value: Any) -> Any:
    """Escape what does not show itself, but in names only: charts and style are our own."""
    is_name = isinstance(value, str) and not hasattr(value, "__html__")
    return printable(value) if is_name else value


def _as_png_url(image: NDArray[np.uint8]) -> Any:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
