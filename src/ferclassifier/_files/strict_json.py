"""JSON without what Python's reader lets pass: NaN, infinity and keys that occur twice."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from ferclassifier.exceptions import ModelFileError

_LARGEST_INTEGER = 2**63


def dumps(value: Any) -> str:
    """Write a value in the one form that it has: sorted keys, no spaces, ASCII.

    Raises
    ------
    ValueError
        If it holds NaN or an infinite number.
    """
    return json.dumps(value, allow_nan=False, sort_keys=True, separators=(",", ":"))


def loads(text: bytes | str) -> Any:
    """Read a value.

    Parameters
    ----------
    text : bytes in UTF-8 or str

    Raises
    ------
    ModelFileError
        If it is no JSON, a key occurs twice, or a number is NaN, infinite or beyond 64 bits.
    """
    try:
        return json.loads(
            text.decode() if isinstance(text, bytes) else text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_integer,
        )
    except ModelFileError:
        raise
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"the header is no valid JSON ({error}).") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ModelFileError(f"the header has the key {twice!r:.60} twice.")
    return made


def _refuse_constant(name: str) -> Any:
    raise ModelFileError(f"the header has the number {name}, but expected finite numbers.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ModelFileError(f"the header has the number {digits:.60}, which is too large.")
    return number


def _integer(digits: str) -> int:
    # Python's own conversion takes a time that grows with the square of the length.
    if len(digits) > 20 or abs(int(digits)) > _LARGEST_INTEGER:
        raise ModelFileError(f"the header has the number {digits:.60}, which is too large.")
    return int(digits)
