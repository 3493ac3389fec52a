"""Numbers that a user gives."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

from ferclassifier._utils.wording import quoted


def is_number(value: Any) -> bool:
    """Whether a value is a number that a float can hold, and no boolean, which Python counts in."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


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
    if not isinstance(n, Integral) or isinstance(n, bool) or n < least:
        instead = f", or None for {none}" if none else ""
        raise ValueError(
            f"Got {name}={quoted(n)}, but expected a whole number, {least} or more{instead}."
        )
