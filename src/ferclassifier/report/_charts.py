"""Charts as SVG that takes its colours and its font from the page around it."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from typing import Any

from ferclassifier._utils.extras import import_extra

# Colours that Matplotlib draws with, and those of the page that are put in their place.
_COLORS = {
    "#010101": "currentColor",
    "#020202": "var(--muted)",
    "#030303": "var(--line)",
    "#0072b2": "var(--blue)",
    "#d55e00": "var(--orange)",
    "#009e73": "var(--green)",
}
_INK, _MUTED, _LINE, *_SERIES = _COLORS
_STYLE = {
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.titlecolor": _INK,
    "axes.edgecolor": _MUTED,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "grid.color": _LINE,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 10.0,
    # Words stay words: they can be read aloud, selected, and set in the font of the page.
    "svg.fonttype": "none",
    "svg.hashsalt": "ferclassifier",
}

_lock = threading.Lock()


def draw_svg(draw: Callable[[Any], object], *, width: float = 5.4, height: float = 3.4) -> str:
    """Draw on a figure, and return it as an SVG element.

    Parameters
    ----------
    draw : callable
        Takes a ``matplotlib.figure.Figure``.
    width, height : float
        Inches, at 72 of the page's pixels each.

    Returns
    -------
    svg : str
        Without a size of its own: it fills the width that it is given.
    """
    style = import_extra("matplotlib.style", "report")
    figure_module = import_extra("matplotlib.figure", "report")
    # The style is the process's own, and the user's is not for this page.
    with _lock, style.context(["default", _STYLE]):
        figure = figure_module.Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None}, transparent=True)
    return _for_page(file.getvalue())


def _for_page(svg: str) -> str:
    """Leave out what belongs to a file of its own, and hand colours and font to the page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style .*?</style>", "", svg, flags=re.S)
    svg = re.sub(r' (height|width)="[\d.]+pt"', "", svg, count=2)
    svg = re.sub(r' id="[\w.]+_\d+"', "", svg)  # nothing refers to them, and pages have many
    svg = re.sub(r"font-family: [^;\"]*", "font-family: inherit", svg)
    return re.sub(r'="[^"]*"', _in_colors_of_page, svg)  # attributes, not words


def _in_colors_of_page(attribute: re.Match[str]) -> str:
    text = attribute[0]
    for color, on_page in _COLORS.items():
        text = text.replace(color, on_page)
    return text
