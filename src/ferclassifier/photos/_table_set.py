"""The tables that are written of one reading of photos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferclassifier.photos._listing import Photo
from ferclassifier.photos._rows import COLUMNS, Outcome, class_columns, rows_of

if TYPE_CHECKING:
    from ferclassifier.photos._tables import Table


class TableSet:
    """Some tables of the same rows, or none.

    Attributes
    ----------
    tables : list of Table
    n_photos, n_faces, n_without_face : int
        What was written, less what stood there before.
    """

    def __init__(self, tables: Sequence[Table], classes: Sequence[Any]) -> None:
        self.tables = list(tables)
        self._classes = classes
        self.n_photos = self.n_faces = self.n_without_face = 0

    def __bool__(self) -> bool:
        return bool(self.tables)

    def unfinished(
        self, photos: Iterable[Photo], on_finished: Callable[[], None]
    ) -> Iterator[Photo]:
        """Yield the photos that one of the tables lacks, and call a function for each other one."""
        for photo in photos:
            if self.tables and all(photo.name in table for table in self.tables):
                on_finished()
            else:
                yield photo

    def write(self, outcome: Outcome) -> None:
        """Write the rows of a photo that could be read."""
        rows = list(rows_of(outcome, self._classes))
        for table in self.tables:
            if outcome.photo.name not in table:
                table.write(rows)
        self.n_photos += 1
        self.n_faces += len(outcome.faces)
        self.n_without_face += not outcome.faces

    def finish(self) -> None:
        """Make the tables whole."""
        for table in self.tables:
            table.finish()


@contextmanager
def open_tables(
    classes: Sequence[Any],
    *,
    csv: Path | None = None,
    jsonl: Path | None = None,
    parquet: Path | None = None,
) -> Iterator[TableSet]:
    """Open the tables that are asked for, anew or to go on with them.

    Parameters
    ----------
    classes : sequence of str or number
    csv, jsonl, parquet : Path or None
        Where they are to stand.

    Yields
    ------
    tables : TableSet

    Raises
    ------
    DataError
        If something else stands there.
    ImportError
        If pyarrow, which Parquet needs, is not installed.
    OSError
        If nothing can be written there.
    """
    if csv is jsonl is parquet is None:
        yield TableSet([], classes)
        return
    from ferclassifier.photos._parquet import ParquetTable
    from ferclassifier.photos._tables import CsvTable, JsonLinesTable

    columns = [*COLUMNS, *class_columns(classes)]
    opened: list[Table] = []
    try:
        if parquet is not None:
            opened.append(ParquetTable(parquet, columns, classes))
        if csv is not None:
            opened.append(CsvTable(csv, columns))
        if jsonl is not None:
            opened.append(JsonLinesTable(jsonl, columns))
        yield TableSet(opened, classes)
    finally:
        for table in opened:
            table.close()
