"""Bars for classes and groups, with numbers and names that fit beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.legends import add_legend
from ferclassifier.inspection._plot.figures import (
    COLORS,
    SMALLEST_FONT,
    merged_style,
    percent_axis,
    shortened,
    size_in_inches,
    small_font,
    text_width,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer
    from matplotlib.text import Annotation

# The bars of a class take this share of its place.
_SHARE_OF_BARS = 0.8
_LINE_HEIGHT = 1.3
# Points between a bar and its number, and around the entries of a legend.
_PADDING, _LEGEND_PADDING = 2.0, 45.0


class BarChart:
    """Bars for each class, one for each group.

    Parameters
    ----------
    ax : Axes
    is_horizontal : bool
        Whether the bars point to the right.
    names : sequence of str
        The classes.
    n_groups : int
    """

    def __init__(self, ax: Axes, is_horizontal: bool, names: Sequence[str], n_groups: int) -> None:
        self._ax = ax
        self._is_horizontal = is_horizontal
        self._names = names
        self._thickness = _SHARE_OF_BARS / n_groups
        self._n_groups = n_groups
        self._bars: list[BarContainer] = []

    @property
    def _points(self) -> tuple[float, float]:
        """Length of the axes along the bars, and the room of a class across them."""
        width, height = size_in_inches(self._ax)
        along, across = (width, height) if self._is_horizontal else (height, width)
        return 72 * along, 72 * across / len(self._names)

    @property
    def value_axis(self) -> Any:
        """The axis that the bars are measured on."""
        return self._ax.xaxis if self._is_horizontal else self._ax.yaxis

    def draw(self, values: NDArray[Any], label: str, bar_kw: dict[str, Any] | None) -> BarContainer:
        """Draw the bars of the next group."""
        from matplotlib.patches import Rectangle

        i = len(self._bars)
        places = np.arange(len(values)) + (i - (self._n_groups - 1) / 2) * self._thickness
        defaults = {"color": COLORS[i % len(COLORS)], "label": shortened(label)}
        style = merged_style(defaults, bar_kw, Rectangle)
        draw = self._ax.barh if self._is_horizontal else self._ax.bar
        self._bars.append(draw(places, values, self._thickness, **style))
        return self._bars[-1]

    def write(
        self, form: Callable[[float], str], text_kw: dict[str, Any] | None
    ) -> list[Annotation]:
        """Write a number beside each bar, if the bars are not too thin for any type."""
        from matplotlib.text import Text

        texts = [[form(value) for value in _values_of(bars)] for bars in self._bars]
        widest = max(text_width(text, small_font()) for group in texts for text in group)
        room = self._points[1] * self._thickness
        lies_along = self._is_horizontal or widest > room
        font_size = min(small_font(), room) if lies_along else small_font()
        if font_size < SMALLEST_FONT:
            return []
        self._make_room(widest * font_size / small_font() if lies_along else font_size)
        style = {
            "fontsize": font_size,
            "padding": _PADDING,
            "rotation": "vertical" if lies_along and not self._is_horizontal else "horizontal",
        }
        style = merged_style(merged_style({}, style, Text), text_kw, Text)
        written = (
            self._ax.bar_label(bars, labels=labels, **style)
            for bars, labels in zip(self._bars, texts, strict=True)
        )
        return [text for group in written for text in group]

    def _make_room(self, points: float) -> None:
        """Leave so much space beyond the longest bar."""
        longest = max(float(_values_of(bars).max()) for bars in self._bars) or 1.0
        share = min(0.6, (points + 4 * _PADDING) / self._points[0])
        set_limits = self._ax.set_xlim if self._is_horizontal else self._ax.set_ylim
        set_limits(0, longest / (1 - share))

    def name_values(self, title: str, are_shares: bool) -> None:
        """Write what the bars are measured in."""
        from matplotlib.ticker import MaxNLocator

        self.value_axis.set_label_text(title)
        if are_shares:
            percent_axis(self.value_axis)
            return
        are_whole = all(np.all(_values_of(bars) % 1 == 0) for bars in self._bars)
        self.value_axis.set_major_locator(MaxNLocator(6, integer=are_whole, steps=[1, 2, 5, 10]))
        self.value_axis.set_major_formatter(lambda value, _: f"{value:,.10g}")

    def name_classes(self) -> None:
        """Write the names of the classes, turned or small where there is little room."""
        room = self._points[1] / _LINE_HEIGHT
        names, size = self._names_of_height(room)
        places, ends = range(len(names)), (-0.5, len(names) - 0.5)
        if self._is_horizontal:
            self._ax.set_yticks(places, names, fontsize=size, parse_math=False)
            self._ax.set_ylim(*reversed(ends))  # the first class on top
            return
        lines = [line for name in names for line in name.split("\n")]
        if max(text_width(line, small_font()) for line in lines) < room:
            self._ax.set_xticks(places, names, fontsize=small_font(), parse_math=False)
        else:
            self._ax.set_xticks(places, names, fontsize=size, rotation=90, parse_math=False)
        self._ax.set_xlim(*ends)

    def _names_of_height(self, room: float) -> tuple[list[str], float]:
        """Return the names, and the size of their type, so that all lines of one fit."""
        names = [wrapped(name) for name in self._names]
        n_lines = 1 + max(name.count("\n") for name in names)
        if room < n_lines * SMALLEST_FONT:
            names, n_lines = [shortened(name) for name in self._names], 1
        return names, max(SMALLEST_FONT, min(small_font(), room / n_lines))

    def lay_out(self) -> None:
        """Find out how much room the names leave to the bars of a figure of our own."""
        self._ax.figure.draw_without_rendering()  # type: ignore[union-attr]

    def add_legend(self) -> None:
        """Name the groups above the bars, where no number is in the way."""
        labels = [str(bars.get_label()) for bars in self._bars]
        entry = max(text_width(label, small_font()) for label in labels) + _LEGEND_PADDING
        n_columns = max(1, int(72 * size_in_inches(self._ax)[0] / entry))
        add_legend(
            self._ax,
            self._bars,
            labels,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=min(n_columns, len(labels)),
            frameon=False,
            fontsize="small",
            borderaxespad=0.2,
        )


def _values_of(bars: BarContainer) -> NDArray[Any]:
    return np.asarray(bars.datavalues)
