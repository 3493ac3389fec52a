"""Lines of CSV files, and their fields: of a bounded length and number, whatever the file holds."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from ferclassifier.datasets._bad_items import ItemError
from ferclassifier.exceptions import DataError

# A row of 2,304 pixels has at most 9,216 characters. The rest of a longer line is dropped, so
# that a file without line ends (or a zip bomb) is not read into memory as one row.
_MAX_LINE = 65_536
# Thirty times as many as FER-2013 has; a gzip file of 1 MB may hold a thousand million empty ones.
_MAX_LINES = 1_000_000


def lines_of(text: TextIO, name: str) -> Iterator[str]:
    """Read a file line by line.

    Parameters
    ----------
    text : text file object
    name : str
        The file, for messages.

    Yields
    ------
    line : str
        With its end.

    Raises
    ------
    DataError
        If it cannot be read to its end, or has more lines than a data set.
    """
    for n_lines in range(_MAX_LINES + 1):
        # A damaged member of a zip raises BadZipFile, zlib.error, EOFError, RuntimeError, ...
        try:
            line = text.readline(_MAX_LINE)
            rest = line
            while len(rest) == _MAX_LINE and not rest.endswith(("\n", "\r")):
                rest = text.readline(_MAX_LINE)
        except DataError:
            raise
        except Exception as error:
            advice = "; open it in binary mode" if isinstance(error, UnicodeError) else ""
            raise DataError(f"{name}: cannot be read to its end: {error}{advice}") from error
        if not line:
            return
        if n_lines < _MAX_LINES:
            yield line
    raise DataError(
        f"{name}: more than {_MAX_LINES:,} lines, which is not plausible; split the file if you "
        "trust it."
    )


def fields_of(line: str) -> list[str]:
    """Split a line at its commas.

    Raises
    ------
    ItemError
        If it is no CSV.
    """
    # Pixels are not quoted as a rule, and splitting costs a sixth of the csv module. A row is one
    # line in either case, so that a quote left open spoils only its own row.
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line.strip()]))
    except csv.Error as error:
        raise ItemError("malformed row", f"the row is no CSV: {error}") from None
