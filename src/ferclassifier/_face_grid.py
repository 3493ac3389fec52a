"""Where faces and their captions go in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferclassifier._extras import import_extra
from ferclassifier._plotting import new_axes, size_in_inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The width of a cell is 1 on the x-axis, of which a face leaves this free on each side.
MARGIN = 0.05
LINE_SPACING = 1.25
_CELL_INCHES = 1.25


class FaceGrid:
    """Where the faces and their captions go.

    Lengths are in units of the width of a cell, unless they are in inches.
    """

    def __init__(
        self, images: NDArray[np.uint8], captions: Sequence[str] | None, n_columns: int
    ) -> None:
        fonts = import_extra("matplotlib.font_manager", "plot")
        self.captions = [caption.split("\n") for caption in captions or []]
        self.font_size = float(fonts.FontProperties(size="small").get_size_in_points())
        self.n_columns = max(1, min(n_columns, len(images)))
        self.n_rows = max(1, -(-len(images) // self.n_columns))
        self.face_width = 1 - 2 * MARGIN
        height, width = images.shape[1:3] if len(images) else (1, 1)
        self.face_height: float = self.face_width * height / width
        n_lines = max(map(len, self.captions), default=0)
        self._caption_inches = n_lines * self.font_size * LINE_SPACING / 72
        self.cell_inches = _CELL_INCHES

    @property
    def cell_height(self) -> float:
        """Of a face, its caption, and what is left free above, between and below."""
        return self.face_height + 3 * MARGIN + self._caption_inches / self.cell_inches

    def axes(self) -> Axes:
        """Make a figure of the size of the grid."""
        height = self.n_rows * self.cell_height * self.cell_inches
        return new_axes((self.n_columns * self.cell_inches, height))

    def fit_to(self, ax: Axes) -> None:
        """Make the cells as large as the axes allow."""
        width, height = size_in_inches(ax)
        by_width = width / self.n_columns
        free = height / self.n_rows - self._caption_inches
        by_height = free / (self.face_height + 3 * MARGIN)
        # Where captions take nearly all of the height, faces are small, but there.
        self.cell_inches = min(by_width, max(by_height, by_width / 4))

    def corner(self, i: int) -> tuple[float, float]:
        """Return the left and upper end of a face."""
        row, column = divmod(i, self.n_columns)
        return column + MARGIN, row * self.cell_height + MARGIN

    def baseline(self, i: int, font_size: float) -> tuple[float, float]:
        """Return the middle of the line that a face's caption stands on."""
        left, top = self.corner(i)
        height = 0.85 * font_size / 72 / self.cell_inches
        return left + self.face_width / 2, top + self.face_height + MARGIN + height

    def set_limits(self, ax: Axes) -> None:
        """Show all cells, and nothing but them."""
        ax.set(xlim=(0, self.n_columns), ylim=(self.n_rows * self.cell_height, 0))
        ax.set_aspect("equal")
        ax.set_axis_off()
