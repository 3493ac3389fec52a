"""JSON as dataclasses, every value of the type that is written at its field."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ferclassifier.exceptions import DataError


def read_as(kind: Any, value: Any, where: str) -> Any:
    """Make a value of a type of what JSON holds.

    Parameters
    ----------
    kind : type
        A dataclass, str, int, float, a literal, or dict, list or tuple of such; or one of them and
        None.
    value : object
        What :func:`json.loads` returned.
    where : str
        Where it stands, for the message of an error.

    Returns
    -------
    made : object
        Of that type; integers may stand for floats.

    Raises
    ------
    DataError
        If it is of another type, or a field is missing or unknown.
    """
    if is_dataclass(kind):
        return _read_record(kind, value, where)
    container, parts = get_origin(kind), get_args(kind)
    if container in (Union, UnionType):
        [some] = [part for part in parts if part is not NoneType]
        return None if value is None else read_as(some, value, where)
    if container is dict and isinstance(value, dict):
        return {name: read_as(parts[1], item, f"{where}.{name}") for name, item in value.items()}
    if container is list and isinstance(value, list):
        return [read_as(parts[0], item, f"{where}[{i}]") for i, item in enumerate(value)]
    if container is tuple and isinstance(value, list) and len(value) == len(parts):
        return tuple(read_as(part, item, where) for part, item in zip(parts, value, strict=True))
    if kind is Any or (isinstance(kind, type) and _is_a(value, kind)):
        return value
    if container is Literal and value in parts:
        return value
    raise DataError(f"Got {where}={value!r}, but expected {getattr(kind, '__name__', kind)}.")


def _read_record(kind: Any, value: Any, where: str) -> Any:
    known = {f.name: f for f in fields(kind)}
    needed = {
        name for name, f in known.items() if f.default is MISSING and f.default_factory is MISSING
    }
    if not isinstance(value, dict) or not needed <= set(value) <= set(known):
        got = sorted(value) if isinstance(value, dict) else value
        raise DataError(
            f"Got {where} with {got!r}, but expected {sorted(needed)}, and perhaps "
            f"{sorted(set(known) - needed)}."
        )
    kinds = get_type_hints(kind)
    return kind(**{n: read_as(kinds[n], item, f"{where}.{n}") for n, item in value.items()})


def _is_a(value: Any, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)
