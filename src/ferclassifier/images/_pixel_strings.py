"""Strings of pixel values, as FER-2013 has them in its column of pixels."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import ImageError

_NUMBER = r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?"
_BETWEEN = r"[\s,]+"
_NUMBERS = re.compile(rf"\s*\[?\s*{_NUMBER}(?:{_BETWEEN}{_NUMBER}){{3}}")
_ALL_NUMBERS = re.compile(rf"{_NUMBERS.pattern}(?:{_BETWEEN}{_NUMBER})*\s*\]?\s*")
_LONGEST_PATH = 255
_REMEDY = (
    "Leave such rows out, or read the file with load_fer2013, which says what is wrong with each."
)


def is_pixel_string(value: Any) -> bool:
    """Tell whether a value is a string that begins with four numbers and is no path."""
    if not isinstance(value, str) or not _NUMBERS.match(value):
        return False
    return len(value) > _LONGEST_PATH or _ALL_NUMBERS.fullmatch(value) is not None


def rows_of(strings: Iterable[Any]) -> NDArray[np.uint8]:
    """Return the pixels of strings, all of the same number.

    Parameters
    ----------
    strings : iterable of str
        Whole numbers in [0, 255], with blanks or commas between them, in brackets or not.

    Returns
    -------
    rows : ndarray of shape (n, pixels), uint8

    Raises
    ------
    ImageError
        If one holds anything else, or not as many as the first.
    """
    rows: list[NDArray[np.uint8]] = []
    with warnings.catch_warnings():
        # Before NumPy 2.3 text after the last number is a DeprecationWarning, not a ValueError.
        warnings.simplefilter("error", DeprecationWarning)
        for i, string in enumerate(strings):
            row = _row_of(string)
            if row is None:
                raise ImageError(
                    f"Image {i}: got {quoted(string)}, but expected a string of whole numbers from "
                    f"0 to 255. {_REMEDY}"
                )
            if rows and len(row) != len(rows[0]):
                raise ImageError(
                    f"Image {i}: got {len(row):,} pixel values, but {len(rows[0]):,} in the first "
                    f"string. {_REMEDY}"
                )
            rows.append(row)
    return np.stack(rows)


def _row_of(string: Any) -> NDArray[np.uint8] | None:
    if not isinstance(string, str):
        return None
    text = string.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    try:
        # As int64: NumPy wraps what does not fit into uint8 without a word.
        values = np.fromstring(text.replace(",", " "), dtype=np.int64, sep=" ")
    except (ValueError, DeprecationWarning):
        return None
    is_bytes = values.size > 0 and values.min() >= 0 and values.max() <= 255
    return values.astype(np.uint8) if is_bytes else None
