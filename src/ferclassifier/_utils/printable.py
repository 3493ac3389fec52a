"""Text from outside, such as the names of files and classes, on its way out of the program.

A name may hold anything: bytes that are no UTF-8, which Python keeps as lone surrogates, escape
sequences that a terminal obeys, marks that turn the direction of writing round, and line ends.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from typing import Any
from unicodedata import category

# Control and format characters, lone surrogates, and the separators of lines and paragraphs.
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
# These join letters (as in Persian) and emoji, and do nothing else.
_JOINERS = "\u200c\u200d"


def printable(text: object) -> str:
    r"""Write what does not show itself as Python writes it: ``\x1b``, ``\n``, ``\udcff``.

    Parameters
    ----------
    text : object
        A string, or what `str` makes one of.

    Returns
    -------
    text : str
        One line, which can be written as UTF-8. What is printable already is left alone, a
        backslash too: to tell names apart for certain is the business of JSON.
    """
    return _escaped(str(text), lambda char: char.encode("unicode_escape").decode("ascii"))


def printable_lines(text: object) -> str:
    """Do what `printable` does, and keep the ends of lines."""
    return "\n".join(map(printable, str(text).split("\n")))


# The class of what a notebook is to show as it stands, though a name hold a "$".
NO_FORMULAS = "tex2jax_ignore mathjax_ignore"


def printable_labels(frame: Any) -> Any:
    """Return a DataFrame whose rows and columns have printable names."""

    def shown(label: Any) -> Any:
        return printable(label) if isinstance(label, str) else label

    return frame.rename(index=shown, columns=shown)


def pandas_dtype(labels: Iterable[Any]) -> type | None:
    """Return the dtype in which pandas can hold labels; None leaves it to pandas.

    Where pyarrow is installed pandas keeps texts there, which takes no lone surrogates.
    """
    try:
        "".join(label for label in labels if isinstance(label, str)).encode()
    except UnicodeEncodeError:
        return object
    return None


def as_json(value: Any, *, ascii_only: bool = False, indent: int | None = 2) -> str:
    r"""Write what JSON can hold, such that it can be shown and gives every string back.

    Parameters
    ----------
    value : dict, list, str, number, bool or None
        NaN and infinite numbers, which JSON does not have, become null.
    ascii_only : bool, default=False
        Whether to escape all that is not ASCII.
    indent : int or None, default=2
        None writes one line.

    Returns
    -------
    text : str
        What `printable` would escape stands as ``\uXXXX``, a lone surrogate too, as in
        JSON.stringify of JavaScript: a reader that keeps it, as Python's does, has the name of the
        file again, whose bytes are ``os.fsencode(name)``.
    """
    text = json.dumps(_finite(value), indent=indent, ensure_ascii=ascii_only, allow_nan=False)
    # Within strings it has no line ends any more.
    return "\n".join(_escaped(line, _json_escape) for line in text.split("\n"))


def _escaped(text: str, escape: Callable[[str], str]) -> str:
    if text.isprintable():
        return text
    return "".join(
        escape(char) if category(char) in _HIDDEN and char not in _JOINERS else char
        for char in text
    )


def _json_escape(char: str) -> str:
    # json.dumps leaves the control character 7F alone, and makes pairs of what is beyond FFFF.
    return json.dumps(char)[1:-1] if ord(char) > 0xFFFF else f"\\u{ord(char):04x}"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
