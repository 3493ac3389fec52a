"""Tables of rows that are written photo by photo, and gone on with where they were left."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ferclassifier._files.writing import NamedFile, replaceable
from ferclassifier._utils.csv_cells import csv_cell, csv_line, csv_path
from ferclassifier._utils.printable import as_json
from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import DataError
from ferclassifier.photos._finished import Finished

Row = dict[str, Any]

_LONGEST_LINE = 2**20


class Table(Protocol):
    """A file that rows are written to."""

    path: Path

    def __contains__(self, name: str) -> bool:
        """Whether all rows of a photo stood there before."""
        ...

    def write(self, rows: Sequence[Row]) -> None:
        """Write all rows of a photo."""
        ...

    def finish(self) -> None:
        """Make the table whole, once there are no more rows."""
        ...

    def close(self) -> None:
        """Let the file go; what was written stays."""
        ...


class LineTable:
    """A table with a line for each row, whole photos of which stand there at any moment.

    Where the file exists already, it is gone on with. All rows of a photo are written at once, and
    taken back if that fails. If the machine fails, what is at the end may be cut: half a line, or
    one face of several. So half a line is cut off, and the last photo, unless it has no boxes, is
    doubted: if it comes first among what is to be written, its rows take the place of those.

    Parameters
    ----------
    path : Path
    columns : sequence of str

    Raises
    ------
    DataError
        If another table stands there, or something else.
    OSError
        If nothing can be written there.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self._columns = list(columns)
        self._finished = Finished()
        self._doubted: tuple[str, int] | None = None
        self._trusted: str | None = None
        target = replaceable(path)
        self._is_new = not target.exists()
        self._file = NamedFile(target, "xb" if self._is_new else "r+b", path)
        try:
            self._end = 0 if self._is_new else self._whole_part()
            if not self._is_new:
                self._file.truncate(self._end)
                self._file.seek(self._end)
            if not self._end:
                self._append(self._header())
        except BaseException:
            self._file.close()
            if self._is_new:
                target.unlink(missing_ok=True)
            raise

    def __contains__(self, name: str) -> bool:
        name = self._as_read(name)
        return name == self._trusted or name in self._finished

    def write(self, rows: Sequence[Row]) -> None:
        """Write all rows of a photo, or nothing."""
        if self._doubted is not None:
            self._settle(self._as_read(rows[0]["path"]))
        self._append("".join(map(self._line, rows)))

    def finish(self) -> None:
        """Have the system write what it holds."""
        self._file.sync()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _settle(self, name: str) -> None:
        """Cut off what is there of the doubted photo if it is done again now, or trust it."""
        assert self._doubted is not None
        doubted, start = self._doubted
        self._doubted = None
        if name == doubted:
            self._end = start
            self._file.truncate(start)
            self._file.seek(start)
        else:
            self._trusted = doubted

    def _append(self, text: str) -> None:
        data = text.encode("utf-8", "backslashreplace")
        try:
            rest = memoryview(data)
            while len(rest):
                rest = rest[self._file.write(rest) :]
        except BaseException:
            self._file.truncate(self._end)
            self._file.seek(self._end)
            raise
        self._end += len(data)

    def _whole_part(self) -> int:
        """Return how many bytes are the rows of whole photos, and note which those are."""
        with open(self._file.fileno(), "rb", closefd=False) as file:
            header = self._header().encode("utf-8", "backslashreplace")
            start = file.read(len(header))
            if start != header:
                if header.startswith(start):
                    return 0  # not even that was written
                raise DataError(self._other_table(start))
            return self._read_rows(file, len(header))

    def _read_rows(self, file: BinaryIO, end: int) -> int:
        last, face, has_box, start = None, -1, False, end
        n_lines = 1 if end else 0
        while (line := file.readline(_LONGEST_LINE)).endswith(b"\n"):
            n_lines += 1
            row = self._parsed(line)
            if row is None:
                raise DataError(self._no_row(n_lines, line))
            if row["path"] != last or row["face"] is None or row["face"] <= face:
                if last is not None:
                    self._finished.add(last)
                last, start = row["path"], end
            face = -1 if row["face"] is None else row["face"]
            has_box = row["left"] is not None
            end += len(line)
        if len(line) == _LONGEST_LINE or not self._may_begin(line):
            raise DataError(self._no_row(n_lines + 1, line))
        if last is not None and has_box:
            self._doubted = last, start
        elif last is not None:
            self._finished.add(last)
        return end

    def _no_row(self, number: int, line: bytes) -> str:
        return (
            f"{self.path}: line {number} is no row of this table, {quoted(line)}. Write to another "
            "file, or remove that line."
        )

    def _other_table(self, start: bytes) -> str:
        return (
            f"{self.path}: this is another file than the table that is to be gone on with, which "
            f"begins with {quoted(self._header().rstrip())}; got {quoted(start)}. Write to another "
            "file, or use the same model as before."
        )

    def _as_read(self, name: str) -> str:
        """Write the name of a photo as it comes back from the table."""
        raise NotImplementedError

    def _header(self) -> str:
        raise NotImplementedError

    def _line(self, row: Row) -> str:
        raise NotImplementedError

    def _may_begin(self, line: bytes) -> bool:
        """Tell whether this may be the beginning of a row, the rest of which is missing."""
        return True

    def _parsed(self, line: bytes) -> Row | None:
        """Return the path, the face and the left side of a row; None if the line is no row."""
        raise NotImplementedError


class CsvTable(LineTable):
    r"""A table in UTF-8, with commas, that is safe to open in a spreadsheet and to look at.

    What does not show itself in a name is written as an escape, such as ``\x1b``. A path that
    begins like a formula begins with "./" instead, which is the same file.
    """

    def _header(self) -> str:
        return csv_line(map(csv_cell, self._columns))

    def _line(self, row: Row) -> str:
        cells = (
            csv_path(row[column]) if column == "path" else csv_cell(row[column])
            for column in self._columns
        )
        return csv_line(cells)

    def _as_read(self, name: str) -> str:
        return csv_path(name)

    def _parsed(self, line: bytes) -> Row | None:
        try:
            cells = next(csv.reader([line.decode("utf-8")], strict=True))
            row = dict(zip(self._columns, cells, strict=True))
            face = int(row["face"]) if row["face"] else None
        except (ValueError, csv.Error, StopIteration):
            return None
        return {"path": row["path"], "face": face, "left": row["left"] or None}


class JsonLinesTable(LineTable):
    """A JSON object on each line; names come back as they were."""

    def _header(self) -> str:
        return ""

    def _may_begin(self, line: bytes) -> bool:
        start = b'{"path": "'
        return line.startswith(start[: len(line)])

    def _line(self, row: Row) -> str:
        return as_json(row, indent=None) + "\n"

    def _as_read(self, name: str) -> str:
        return name

    def _parsed(self, line: bytes) -> Row | None:
        try:
            row = json.loads(line)
            if list(row) != self._columns or not isinstance(row["path"], str):
                return None
            if not isinstance(row["face"], int | None):
                return None
            return {"path": row["path"], "face": row["face"], "left": row["left"]}
        except (ValueError, TypeError, RecursionError):
            return None
