"""Bars for classes and groups, with numbers and names that fit beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._plotting import (
    COLORS,
    SMALLEST_FONT,
    merged_style,
    shortened,
    size_in_inches,
    small_font,
    text_width,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer
    from matplotlib.text import Annotation

# The bars of a class take this share of its place.
_SHARE_OF_BARS = 0.8
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
        self._names = [shortened(name) for name in names]
        self._thickness = _SHARE_OF_BARS / n_groups
        self._n_groups = n_groups
        self._bars: list[BarContainer] = []
        width, height = size_in_inches(ax)
        along, across = (width, height) if is_horizontal else (height, width)
        self._points_along_bars = 72 * along
        self._points_per_class = 72 * across / len(names)

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
        room = self._points_per_class * self._thickness
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
        share = min(0.6, (points + 3 * _PADDING) / self._points_along_bars)
        set_limits = self._ax.set_xlim if self._is_horizontal else self._ax.set_ylim
        set_limits(0, longest / (1 - share))

    def name_classes(self) -> None:
        """Write the names of the classes, turned or small where there is little room."""
        places, ends = range(len(self._names)), (-0.5, len(self._names) - 0.5)
        if self._is_horizontal:
            self._ax.set_yticks(places, self._names)
            self._ax.set_ylim(*reversed(ends))  # the first class on top
            self._set_size_of_names("y")
            return
        self._ax.set_xticks(places, self._names)
        self._ax.set_xlim(*ends)
        widest = max(text_width(name, small_font()) for name in self._names)
        if widest > self._points_per_class:
            self._ax.tick_params(axis="x", labelrotation=90)
            self._set_size_of_names("x")

    def _set_size_of_names(self, axis: Any) -> None:
        if self._points_per_class < 1.3 * small_font():
            size = max(SMALLEST_FONT, min(small_font(), 0.9 * self._points_per_class))
            self._ax.tick_params(axis=axis, labelsize=size)

    def add_legend(self) -> None:
        """Name the groups above the bars, where no number is in the way."""
        labels = [str(bars.get_label()) for bars in self._bars]
        entry = max(text_width(label, small_font()) for label in labels) + _LEGEND_PADDING
        n_columns = max(1, int(72 * size_in_inches(self._ax)[0] / entry))
        self._ax.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=min(n_columns, len(labels)),
            frameon=False,
            fontsize="small",
            borderaxespad=0.2,
        )


def _values_of(bars: BarContainer) -> NDArray[Any]:
    return np.asarray(bars.datavalues)
