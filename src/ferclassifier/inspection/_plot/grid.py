"""Where faces and their captions go in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferclassifier.inspection._plot.figures import new_axes, size_in_inches, small_font, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE_SPACING = 1.25
# What is left free on each side of a face.
_MARGIN = 0.05
_UNIT_INCHES = 1.25
# What a constrained layout leaves free around the axes.
_FIGURE_PADDING = 0.084


class FaceGrid:
    """Where the faces and their captions go.

    Lengths are in the units of the axes, which a face and its margins are one wide, unless they
    are in inches.
    """

    def __init__(
        self, images: NDArray[np.uint8], captions: Sequence[str] | None, n_columns: int
    ) -> None:
        self.captions = [caption.split("\n") for caption in captions or []]
        self.font_size = small_font()
        self.n_columns = min(n_columns, len(images))
        self.n_rows = -(-len(images) // self.n_columns)
        self.face_width = 1 - 2 * _MARGIN
        height, width = images.shape[1:3]
        self.face_height: float = self.face_width * height / width
        n_lines = max(map(len, self.captions), default=0)
        self._caption_inches = n_lines * self.font_size * LINE_SPACING / 72
        self.unit_inches = _UNIT_INCHES
        self.cell_width = 1.0

    @property
    def cell_height(self) -> float:
        """Of a face, its caption, and what is left free above, between and below."""
        return self.face_height + 3 * _MARGIN + self._caption_inches / self.unit_inches

    def axes(self) -> Axes:
        """Make a figure of the size of the grid."""
        width = self.n_columns * self.unit_inches
        height = self.n_rows * self.cell_height * self.unit_inches
        return new_axes((width + _FIGURE_PADDING, height + _FIGURE_PADDING))

    def fit_to(self, ax: Axes) -> None:
        """Make the faces as large as the axes allow, and apart where captions need the room."""
        width, height = size_in_inches(ax)
        by_width = width / self.n_columns
        free = height / self.n_rows - self._caption_inches
        by_height = free / (self.face_height + 3 * _MARGIN)
        # Where captions take nearly all of the height, faces are small, but there.
        self.unit_inches = min(by_width, max(by_height, by_width / 4))
        lines = [line for caption in self.captions for line in caption]
        widest = max((text_width(line, self.font_size) for line in lines), default=0.0)
        needed = (widest / 72 + 0.1) / self.unit_inches
        self.cell_width = max(1.0, min(needed, by_width / self.unit_inches))

    def corner(self, i: int) -> tuple[float, float]:
        """Return the left and upper end of a face."""
        row, column = divmod(i, self.n_columns)
        left = (column + 0.5) * self.cell_width - self.face_width / 2
        return left, row * self.cell_height + _MARGIN

    def below(self, i: int) -> tuple[float, float]:
        """Return the middle of the upper end of a caption."""
        left, top = self.corner(i)
        return left + self.face_width / 2, top + self.face_height + _MARGIN

    def set_limits(self, ax: Axes) -> None:
        """Show all cells, and nothing but them."""
        width, height = self.n_columns * self.cell_width, self.n_rows * self.cell_height
        ax.set(xlim=(0, width), ylim=(height, 0))
        ax.set_aspect("equal")
        ax.set_axis_off()
