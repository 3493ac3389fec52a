"""A picture of a timeline: bands of probabilities over time, a panel for each face."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.extras import import_extra
from ferclassifier._utils.legends import add_legend
from ferclassifier._utils.printable import printable
from ferclassifier._utils.wording import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ferclassifier.video._course import Course

_MOST_FACES = 12
# Of an emotion the same in every picture, and told apart by people of any colour vision together
# with their order; others take the rest.
_COLORS = {
    "angry": "#D55E00",
    "contempt": "#8C6D46",
    "disgust": "#5B8C2A",
    "fear": "#7B4EA3",
    "happy": "#F0C419",
    "sad": "#0072B2",
    "surprise": "#56B4E9",
    "neutral": "#B8B8B8",
}
_OTHERS = ("#009E73", "#CC79A7", "#E69F00", "#4D4D4D", "#94CBEC", "#DCCD7D", "#9F4A96", "#337538")
_PANEL, _LEGEND, _WIDTH = 1.3, 0.9, 10.0
_LONGEST_NAME = 20


def draw_bands(timeline: Course, ax: Axes | Sequence[Axes] | None) -> Any:
    """Draw a timeline, and return the figure.

    Parameters
    ----------
    timeline : Course
    ax : Axes, sequence of Axes or None
        One for each face that is shown.
    """
    pyplot = import_extra("matplotlib.pyplot", "plot")
    faces = _longest_seen(timeline)
    n_panels = max(1, len(faces))
    if ax is None:
        size = (_WIDTH, _PANEL * n_panels + _LEGEND)
        figure, axes = pyplot.subplots(
            n_panels, figsize=size, sharex=True, squeeze=False, layout="constrained"
        )
        axes = axes[:, 0]
    else:
        axes = np.ravel(np.asarray(ax, dtype=object))
        if len(axes) != n_panels:
            raise ValueError(f"Got {len(axes)} axes, but there are {n_panels} panels.")
        figure = axes[0].figure
    if not faces:
        axes[0].set_axis_off()
        axes[0].text(0.5, 0.5, "No face was seen.", ha="center", va="center")
        return figure
    for face, panel in zip(faces, axes, strict=True):
        _draw_face(timeline, face, panel)
    axes[-1].set_xlabel("seconds")
    names = [shortened(printable(name), _LONGEST_NAME) for name in timeline.classes]
    add_legend(
        figure,
        axes[0].collections[: len(names)],
        names,
        loc="outside upper center",
        ncols=min(8, len(names)),
        frameon=False,
    )
    return figure


def _longest_seen(timeline: Course) -> list[int]:
    numbers = timeline.faces
    by_length = sorted(numbers, key=lambda face: -len(timeline.of_face(face)[0]))
    return sorted(by_length[:_MOST_FACES])


def _draw_face(timeline: Course, face: int, ax: Any) -> None:
    times, shares = timeline.of_face(face)
    times, shares = _with_gaps(times, shares, timeline.gap)
    colors = _colors_of(timeline.classes)
    ax.stackplot(times, shares.T, colors=colors, linewidth=0)
    ax.set_ylim(0, 1)
    ax.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"], fontsize="x-small")
    ax.spines[["top", "right"]].set_visible(False)
    ax.margins(x=0)
    ax.set_ylabel(f"face {face}", rotation=0, ha="right", va="top", fontsize="small", y=1.0)
    picture = timeline.thumbnails.get(face)
    if picture is not None:
        place = ax.inset_axes((-0.115, 0.0, 0.07, 0.72))
        place.imshow(picture)
        place.set_axis_off()


def _with_gaps(
    times: NDArray[np.float64], shares: NDArray[np.float64], gap: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Let the bands end where a face is not seen for a while."""
    gaps = np.flatnonzero(np.diff(times) > gap)
    at = np.repeat(gaps + 1, 2)
    between = np.stack([times[gaps], times[gaps + 1]], axis=1).ravel()
    return np.insert(times, at, between), np.insert(shares, at, np.nan, axis=0)


def _colors_of(classes: Sequence[Any]) -> list[str]:
    others = iter(_OTHERS * (1 + len(classes) // len(_OTHERS)))
    return [_COLORS.get(str(name)) or next(others) for name in classes]
