"""Numbers as pages and files write them, their units, and when two of them are the same."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import NamedTuple

_COUNTED = ("times", "images a second", "frames a second")
# For each unit what it measures, and how much of that it is.
UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("%", "per cent", "point", "points"), ("share", 0.01)),
    **dict.fromkeys(("µs", "us", "microseconds"), ("time", 1e-6)),
    "ms": ("time", 1e-3),
    **dict.fromkeys(("s", "second", "seconds"), ("time", 1.0)),
    **dict.fromkeys(("minute", "minutes"), ("time", 60.0)),
    **dict.fromkeys(("hour", "hours"), ("time", 3600.0)),
    **dict.fromkeys(("byte", "bytes"), ("bytes", 1.0)),
    **dict.fromkeys(("kB", "KB"), ("bytes", 1e3)),
    **{"MB": ("bytes", 1e6), "GB": ("bytes", 1e9), "MiB": ("bytes", 2.0**20)},
    "GiB": ("bytes", 2.0**30),
    **dict.fromkeys(_COUNTED, ("number", 1.0)),
    **{"thousand": ("number", 1e3), "million": ("number", 1e6)},
}
_FREE = ("byte", "bytes", "thousand", "million")

NUMBER = (
    r"(?<![\w.])(?<!e[-+])[+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)"
    r"(?![.,]?\d|e[-+]?\d)"
)
UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_QUANTITY = "|".join(re.escape(unit) for unit in UNITS if unit not in _FREE)
# What a page may not say without a source: a quantity, or a share to three digits or four.
FIGURE = re.compile(
    rf"(?P<number>{NUMBER})"
    rf"(?:[ -]?(?P<unit>{_QUANTITY})(?![\w/]| \d)|(?<=\.\d{{3}})|(?<=\.\d{{4}}))"
)
_BETWEEN = rf"(?:to|and|of|[\s,;/()±*<†]|(?:{UNIT})(?!\w))*"
# A cell that holds nothing but figures.
MEASURED = re.compile(rf"{_BETWEEN}(?:{NUMBER}{_BETWEEN})+")

_AT_MOST = ("at most", "up to", "under", "below", "less than")
_AT_LEAST = ("at least", "over", "above", "more than")
_BOUNDS: dict[str, Callable[[float, float], bool]] = {
    **dict.fromkeys(_AT_MOST, operator.le),
    **dict.fromkeys(_AT_LEAST, operator.ge),
}
_ABOUT = ("some ", "about ", "nearly ", "almost ")


class PageError(ValueError):
    """What a page says of a figure cannot be read, or is not so."""


class Written(NamedTuple):
    """A number as it is written, and its unit."""

    number: str
    unit: str | None

    def __str__(self) -> str:
        """Return both."""
        return f"{self.number} {self.unit or ''}".strip()


class Value(NamedTuple):
    """A number that a source has."""

    number: float
    unit: str | None

    @property
    def plain(self) -> float:
        """The number without its unit: a share, seconds, bytes."""
        return self.number * scale_of(self.unit)


def scale_of(unit: str | None) -> float:
    """Return how much a unit is."""
    return 1.0 if unit is None else UNITS[unit][1]


def as_float(number: str) -> float:
    """Return a number that is written with or without commas for thousands."""
    return float(number.replace(",", ""))


def figures_in(text: str) -> list[Written]:
    """Return the numbers of a text; those of a list or a range have the unit after its last."""
    found: list[Written] = []
    unit = None
    for match in reversed(list(re.finditer(rf"({NUMBER})(?:[ -]?({UNIT})(?![\w/]))?", text))):
        unit = match[2] or unit
        found.append(Written(match[1], unit))
    return found[::-1]


def unit_of(cell: str, column: str) -> str | None:
    """Return the unit of a cell: its own, or else the one in the name of its column."""
    if own := re.search(rf"\d ?({UNIT})(?![\w/])", cell):
        return own[1]
    if re.search(r"\b(a|per) (processor )?second|/s\b|speed", column):
        return None
    named = re.findall(rf"(?<!\d\s)(?<![^\s,(_])({UNIT})(?![^\s,)])", column)
    return str(named[-1]) if named else None


def agrees(written: Written, value: Value, *, about: bool = False) -> bool:
    """Return whether what is written is the value, rounded to the digits that are written.

    Raises
    ------
    PageError
        If the two measure different things.
    """
    _check_units(written, value)
    _, _, decimals = written.number.partition(".")
    step = 10.0 ** -len(decimals)
    if about and not decimals:
        step = 10.0 ** (len(written.number) - len(written.number.rstrip("0")))
    off = abs(value.plain / scale_of(written.unit) - as_float(written.number))
    return off <= step / 2 * (1 + 1e-6)


def _check_units(written: Written, value: Value) -> None:
    kind = UNITS[written.unit][0] if written.unit else None
    if value.unit and kind and UNITS[value.unit][0] != kind:
        raise PageError(f"{written} cannot be told from a figure in {value.unit}")
    if not value.unit and kind in ("time", "bytes"):
        raise PageError(f"{written}: its source has no unit; end it with 'in {written.unit}'")


def check(written: list[Written], values: list[Value], words: str, source: str) -> None:
    """Compare what is written with what its source has.

    Raises
    ------
    PageError
        If they are not the same.
    """
    if len(written) != len(values):
        raise PageError(f"{words!r} has {len(written)} numbers, but {source!r} is {len(values)}")
    bound = next((_BOUNDS[word] for word in _BOUNDS if words.startswith(f"{word} ")), None)
    for one, value in zip(written, values, strict=True):
        if bound is None:
            fits = agrees(one, value, about=words.startswith(_ABOUT))
        else:
            _check_units(one, value)
            fits = bound(value.plain / scale_of(one.unit), as_float(one.number))
        if not fits:
            told = f"{value.plain / scale_of(one.unit):.5g} {one.unit or ''}".strip()
            raise PageError(f"'{one}' is written, but {told} is what {source} says")
