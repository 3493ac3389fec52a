"""What a value read from a file may be, put together from small checks.

A check takes a value and where it stands, such as "model.classes", and returns the value or raises
:class:`ModelFileError`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ferclassifier.exceptions import ModelFileError

Check = Callable[[Any, str], Any]


def refuse(value: Any, where: str, expected: str) -> NoReturn:
    """Say what was got and what was expected."""
    raise ModelFileError(f"{where} is {value!r:.60}, but expected {expected}.")


def record(later: Mapping[str, Check] | None = None, /, **fields: Check) -> Check:
    """Expect an object with these keys, each of them, and no others.

    Keys that came `later` may be missing: files of before do not have them.
    """
    known = {**fields, **(later or {})}

    def check(value: Any, where: str) -> dict[str, Any]:
        if type(value) is not dict:
            refuse(value, where, "an object")
        missing, unknown = sorted(set(fields) - set(value)), sorted(set(value) - set(known))
        if missing or unknown:
            what = f"lacks {missing!r:.200}" if missing else f"has unknown keys: {unknown!r:.200}"
            raise ModelFileError(f"{where} {what}.")
        return {
            name: test(value[name], f"{where}.{name}")
            for name, test in known.items()
            if name in value
        }

    return check


def mapping_of(item: Check) -> Check:
    """Expect an object with any keys."""

    def check(value: Any, where: str) -> dict[str, Any]:
        if type(value) is not dict:
            refuse(value, where, "an object")
        return {name: item(inside, f"{where}.{name:.60}") for name, inside in value.items()}

    return check


def list_of(item: Check, *, shortest: int = 0, longest: int = 2**20) -> Check:
    """Expect an array of a length between two bounds."""

    def check(value: Any, where: str) -> list[Any]:
        if type(value) is not list:
            refuse(value, where, "an array")
        if not shortest <= len(value) <= longest:
            raise ModelFileError(
                f"{where} has {len(value)} entries, but expected {shortest} to {longest}."
            )
        return [item(inside, f"{where}[{i}]") for i, inside in enumerate(value)]

    return check


def optional(item: Check) -> Check:
    """Expect null, or what another check expects."""

    def check(value: Any, where: str) -> Any:
        return None if value is None else item(value, where)

    return check


def one_of(*values: Any) -> Check:
    """Expect one of some strings or numbers."""

    def check(value: Any, where: str) -> Any:
        if type(value) is not type(values[0]) or value not in values:
            refuse(value, where, f"one of {list(values)}")
        return value

    return check


def integer(low: int, high: int) -> Check:
    """Expect a whole number between two bounds."""

    def check(value: Any, where: str) -> int:
        if type(value) is not int or not low <= value <= high:
            refuse(value, where, f"a whole number in [{low}, {high}]")
        return value

    return check


def number(value: Any, where: str) -> float:
    """Expect a number."""
    if type(value) not in (int, float):
        refuse(value, where, "a number")
    return value  # type: ignore[no-any-return]


def between(low: float, high: float) -> Check:
    """Expect a number between two bounds."""

    def check(value: Any, where: str) -> float:
        if not low <= number(value, where) <= high:
            refuse(value, where, f"a number in [{low}, {high}]")
        return float(value)

    return check


def number_or_nan(value: Any, where: str) -> float:
    """Expect a number, or null for NaN, which JSON does not have."""
    return math.nan if value is None else number(value, where)


def string(value: Any, where: str) -> str:
    """Expect a string, with lone surrogates perhaps: JSON escapes them."""
    if type(value) is not str:
        refuse(value, where, "a string")
    return value


def text(value: Any, where: str) -> str:
    """Expect a string that can be written as UTF-8."""
    found = string(value, where)
    if not found.isascii() and any("\ud800" <= c <= "\udfff" for c in found):
        refuse(found, where, "a string without surrogates")
    return found


def anything(value: Any, where: str) -> Any:
    """Expect what another function will look at."""
    return value
