"""What a notebook shows of a result that stands last in a cell."""

from __future__ import annotations

from html import escape
from typing import Any

from ferclassifier._utils.printable import NO_FORMULAS, printable_labels


def as_html(*parts: Any) -> str:
    """Put tables and texts one below the other.

    Parameters
    ----------
    *parts : DataFrame or str
        A table whose names may be anything, or text whose lines become paragraphs; its author has
        made names in it printable.

    Returns
    -------
    html : str
        Everything escaped, and "$" no beginning of a formula.
    """
    shown = "".join(map(_part, parts))
    return f'<div class="{NO_FORMULAS}">{shown}</div>'


def _part(part: Any) -> str:
    if isinstance(part, str):
        return "".join(f"<p>{escape(line)}</p>" for line in part.split("\n") if line)
    import pandas as pd

    with pd.option_context("display.max_colwidth", None):
        return str(printable_labels(part).to_html(float_format="{:.3f}".format, border=0))
