"""What a request asks for, by the part of its address behind the question mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from ferclassifier._utils.wording import in_words, quoted
from ferclassifier.app._refusal import Refusal
from ferclassifier.faces._detector import MIN_SIZE, THRESHOLD

_T = TypeVar("_T")
_LEAST_THRESHOLD, _MOST_THRESHOLD = 0.05, 0.99
_LARGEST_MIN_SIZE = 4_096


class Asked(NamedTuple):
    """What is asked for.

    Attributes
    ----------
    model : str
        Its name.
    threshold : float
        The least score of a face.
    min_size : int
        The longer side of the smallest face, in pixels of the photo.
    face : int
        Which face is to be explained, the largest being 0.
    emotion : str or None
        Which class is to be explained; None stands for the most probable one.
    """

    model: str
    threshold: float = THRESHOLD
    min_size: int = MIN_SIZE
    face: int = 0
    emotion: str | None = None


def asked_of(query: Mapping[str, str], *, model: str, explains: bool = False) -> Asked:
    """Read what is asked for.

    Parameters
    ----------
    query : mapping of str to str
    model : str
        The one that is asked if none is named.
    explains : bool, default=False
        Whether a face and an emotion can be named.

    Raises
    ------
    Refusal
        422, if something else is asked for.
    """
    readers: dict[str, Callable[[str], Any]] = {
        "model": str,
        "threshold": _threshold,
        "min_size": lambda text: _whole("min_size", text, 1, _LARGEST_MIN_SIZE),
    }
    if explains:
        readers |= {"face": lambda text: _whole("face", text, 0, 9_999), "emotion": str}
    for name in query:
        if name not in readers:
            raise _wrong(f"the parameter {quoted(name)}", in_words(list(readers)))
    return Asked(**{"model": model, **{name: readers[name](query[name]) for name in query}})


def _threshold(text: str) -> float:
    expected = f"a number from {_LEAST_THRESHOLD} to {_MOST_THRESHOLD}"
    value = _read(float, text, f"threshold={quoted(text)}", expected)
    if not _LEAST_THRESHOLD <= value <= _MOST_THRESHOLD:
        raise _wrong(f"threshold={quoted(text)}", expected)
    return value


def _whole(name: str, text: str, least: int, most: int) -> int:
    expected = f"a whole number from {least} to {most:,}"
    value = _read(int, text[:20], f"{name}={quoted(text)}", expected)
    if not least <= value <= most:
        raise _wrong(f"{name}={quoted(text)}", expected)
    return value


def _read(kind: Callable[[str], _T], text: str, got: str, expected: str) -> _T:
    try:
        return kind(text)
    except ValueError:
        raise _wrong(got, expected) from None


def _wrong(got: str, expected: str) -> Refusal:
    return Refusal(422, "wrong_parameter", f"Got {got}, but expected {expected}.")
