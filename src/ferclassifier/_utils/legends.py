"""Legends of charts in which names stand as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ferclassifier._utils.printable import printable


def add_legend(place: Any, handles: Sequence[Any], names: Sequence[str], **style: Any) -> Any:
    """Add a legend to axes or to a figure of Matplotlib.

    Left alone it leaves out names that begin with "_", and reads what stands between two "$" as a
    formula, or raises a ValueError if it is none.

    Parameters
    ----------
    place : Axes or Figure
    handles : sequence of Artist
    names : sequence of str
        What to call each.
    **style : Any
        As for ``Axes.legend``.

    Returns
    -------
    legend : matplotlib.legend.Legend
    """
    legend = place.legend(handles, [f"{i}" for i in range(len(names))], **style)
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_parse_math(False)
        text.set_text(printable(name))
    return legend
