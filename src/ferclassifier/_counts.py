"""Numbers of things that a user asks for."""

from __future__ import annotations

from numbers import Integral
from typing import Any


def check_count(n: Any, name: str, *, least: int, none: str = "") -> None:
    """Refuse what is no number of things.

    Parameters
    ----------
    n : object
        What was given.
    name : str
        The parameter that it was given for.
    least : int
        The smallest number that makes sense.
    none : str, default=""
        What None stands for, where it may be given, such as "all".

    Raises
    ------
    ValueError
        If `n` is no whole number, or a smaller one.
    """
    if n is None and none:
        return
    if not isinstance(n, Integral) or n < least:
        instead = f", or None for {none}" if none else ""
        raise ValueError(
            f"Got {name}={n!r}, but expected a whole number, {least} or more{instead}."
        )
