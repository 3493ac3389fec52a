"""Numbers, lists and other values as they stand in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from reprlib import Repr
from typing import Any

_LONGEST_QUOTE = 80
_repr = Repr()
_repr.maxstring = _repr.maxlong = _repr.maxother = _LONGEST_QUOTE
# Labels of some more classes than there are emotions.
_repr.maxlist = _repr.maxtuple = _repr.maxset = _repr.maxdict = _repr.maxarray = 20


def count(n: float, noun: str, plural: str = "") -> str:
    """Say how many: "1 image", "1,231 images"; or how much weight they have: "12.5 images"."""
    return f"{number(n)} {noun if n == 1 else plural or noun + 's'}"


def number(n: float) -> str:
    """Write a number of things, or a sum of their weights: "1,231", "12.5", "0.0125"."""
    if float(n).is_integer():
        return f"{n:,.0f}"
    return f"{n:,.1f}" if abs(n) >= 10 else f"{n:.3g}"


def in_words(items: Sequence[Any], limit: int = 8) -> str:
    """Join with commas and an "and"; of many, name the first."""
    words = [str(item) for item in items[:limit]]
    if len(items) > limit:
        words.append(f"{len(items) - limit} more")
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def percent(share: float) -> str:
    """Round to whole per cent, but let only nothing be "0 %" and only all be "100 %"."""
    rounded = f"{100 * share:.0f} %"
    if rounded == "0 %" and share > 0:
        return "<1 %"
    return ">99 %" if rounded == "100 %" and share < 1 else rounded


def quoted(value: Any) -> str:
    """Write a value as Python would, in 80 characters at most, however long or deep it is."""
    try:
        text = _repr.repr(value)
    except ValueError:  # Python writes no numbers of more than some thousand digits
        text = "a number of too many digits"
    if "\n" in text:  # NumPy and pandas write tables
        text = " ".join(text.split())
    return shortened(text, _LONGEST_QUOTE)


def names_quoted(names: Iterable[Any]) -> str:
    """Write names as Python would, joined with commas and an "and", in 80 characters at most."""
    return shortened(in_words([quoted(name) for name in names]), _LONGEST_QUOTE)


def shortened(text: str, length: int) -> str:
    """Cut the middle of a text that has more characters than this."""
    if len(text) <= length:
        return text
    head, tail = length // 2, (length - 1) // 2
    return f"{text[:head]}…{text[len(text) - tail :]}"
