"""What the displays share: figures, colours, and words that fit."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils import wording
from ferclassifier._utils.extras import import_extra
from ferclassifier._utils.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, which people of any colour vision tell apart. The first three also stand
# out on light and on dark grounds alike, as thin lines must.
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
COLORS = (BLUE, VERMILLION, GREEN, "#E69F00", "#CC79A7", "#56B4E9", "#F0E442")

SMALLEST_FONT = 5.5  # points: what can still be read
# Characters of a name, on one line or on two.
_LONGEST_NAME = 28
_LONGEST_LINE = 20


def new_axes(figsize: tuple[float, float]) -> Axes:
    """Make a figure of pyplot's with one set of axes, for those who brought none."""
    pyplot = import_extra("matplotlib.pyplot", "plot")
    _, ax = pyplot.subplots(figsize=figsize, layout="constrained")
    return ax  # type: ignore[no-any-return]


def panels(
    ax: Axes | Sequence[Axes] | None, heights: Sequence[float], figsize: tuple[float, float]
) -> NDArray[Any]:
    """Return axes one above the other.

    Parameters
    ----------
    ax : Axes, array-like of Axes or None
        Axes that the panels divide among them, as in ``PartialDependenceDisplay``; or as many axes
        as panels; or None for a figure of pyplot's.
    heights : sequence of float
        Of the panels, relative to one another.
    figsize : tuple of (width, height)
        Inches of a new figure.

    Returns
    -------
    axes : ndarray of shape (n_panels,), dtype=object

    Raises
    ------
    ValueError
        If there is another number of axes, or the axes cannot be divided.
    """
    given = new_axes(figsize) if ax is None else ax
    if hasattr(given, "get_subplotspec"):
        return _divided(given, heights)
    axes = np.asarray(given, dtype=object).ravel()
    if len(axes) != len(heights):
        raise ValueError(
            f"Got ax with {len(axes)} axes, but there are {len(heights)} panels. Pass one for "
            "each, or a single one that they divide among them."
        )
    return axes


def _divided(ax: Any, heights: Sequence[float]) -> NDArray[Any]:
    place = ax.get_subplotspec()
    if place is None or not ax.axison:
        raise ValueError(
            f"Got ax that cannot be divided among {len(heights)} panels: it was placed by hand, or "
            "another display has divided it. Pass a list of axes, such as display.axes_."
        )
    ax.set_axis_off()
    rows = place.subgridspec(len(heights), 1, height_ratios=heights)
    axes = np.empty(len(heights), dtype=object)
    for i in range(len(heights)):
        axes[i] = ax.figure.add_subplot(rows[i], sharex=axes[0])
        axes[i].label_outer()
    return axes


def size_in_inches(ax: Axes) -> tuple[float, float]:
    """Width and height of axes."""
    box = ax.get_window_extent()
    return box.width / ax.figure.dpi, box.height / ax.figure.dpi


def merged_style(defaults: dict[str, Any], given: dict[str, Any] | None, kind: type) -> Any:
    """Put the user's keywords over the defaults, whichever of Matplotlib's aliases they take."""
    from matplotlib.cbook import normalize_kwargs

    return {**defaults, **normalize_kwargs(given or {}, kind)}


def small_font() -> float:
    """Size in points of small print, which follows the user's ``font.size``."""
    fonts = import_extra("matplotlib.font_manager", "plot")
    return float(fonts.FontProperties(size="small").get_size_in_points())


def text_width(text: str, font_size: float) -> float:
    """Width of a line of text in points, made printable and set in the font of ``rcParams``."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=font_size)
    shown = printable(text)
    return float(text_to_path.get_text_width_height_descent(shown, font, ismath=False)[0])


def fitted_lines(lines: Sequence[str], width: float, font_size: float) -> tuple[list[str], float]:
    """Make the type small enough for a width, and cut the middle of what is too long even so.

    The lines come back printable: Matplotlib refuses lone surrogates, and draws a box for a
    control character.

    Parameters
    ----------
    lines : sequence of str
    width : float
        Points.
    font_size : float
        The size to be had if all fits.

    Returns
    -------
    lines : list of str
    font_size : float
    """
    lines = [printable(line) for line in lines]
    widest = max((text_width(line, font_size) for line in lines), default=0.0)
    if widest > width:
        font_size = max(SMALLEST_FONT, font_size * width / widest)
    return [_cut(line, width, font_size) for line in lines], font_size


def _cut(line: str, width: float, font_size: float) -> str:
    cut, n_kept = line, len(line)
    while n_kept > 2 and text_width(cut, font_size) > width * 1.001:
        n_kept -= 1
        cut = shortened(line, n_kept + 1)
    return cut


def shortened(text: str, length: int = _LONGEST_NAME) -> str:
    """Make a text printable, and cut its middle if it has more characters than this."""
    return wording.shortened(printable(text), length)


def wrapped(name: str) -> str:
    """Make a name printable, and break a long one into two lines at most."""
    return textwrap.fill(printable(name), _LONGEST_LINE, max_lines=2, placeholder="…")


def percent_axis(axis: Any) -> None:
    """Label shares in [0, 1] as percentages."""
    axis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")


def say(ax: Axes, text: str) -> None:
    """Write a sentence where there is nothing to draw."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", wrap=True, transform=ax.transAxes)
