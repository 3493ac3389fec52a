"""Cells of CSV files, such that a spreadsheet takes none of them for a formula.

A spreadsheet runs what begins with one of some signs, ``=HYPERLINK(...)`` for instance. Where its
country writes commas in numbers it separates cells by semicolons, so that another cell may begin
after one. Numbers stay what they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

from ferclassifier._utils.printable import printable

# The last four are wide ones, which Japanese and Chinese spreadsheets take alike. Tabs and line
# ends, which some drop, are escaped by `printable` before.
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(f"(^|;)(?=[{_SIGNS}])")


def csv_cell(value: Any) -> Any:
    """Write a name: it is printable, and an apostrophe stands before what could be a formula.

    Parameters
    ----------
    value : object
        A text, or what holds texts; anything else comes back as it is.
    """
    if not isinstance(value, str | list | tuple | dict):
        return value
    return _FORMULA.sub(r"\1'", printable(value))


def csv_path(path: str) -> str:
    """Write a path, which remains one: it is printable, and "./" stands before a sign.

    In the first column of a file: a semicolon in it is safe, because `csv_line` quotes it.
    """
    path = printable(path)
    return f"./{path}" if path != "-" and _FORMULA.match(path) else path


def csv_line(cells: Iterable[Any]) -> str:
    """Return a line of cells, as `csv_cell` and `csv_path` write them, with its end."""
    line = io.StringIO()
    # What holds a character of the line's end is quoted, and so what holds a semicolon.
    end = ";\n"
    csv.writer(line, lineterminator=end).writerow(cells)
    return line.getvalue().removesuffix(end) + "\n"
