"""A table in Parquet, which cannot be gone on with, beside a journal that can."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from ferclassifier._files.writing import replaceable, replacing
from ferclassifier._utils.extras import import_extra
from ferclassifier._utils.printable import printable
from ferclassifier.exceptions import DataError
from ferclassifier.photos._finished import Finished
from ferclassifier.photos._tables import JsonLinesTable, Row

_ROWS_OF_A_GROUP = 8192
_WHOLE_NUMBERS = ("face", "left", "top", "right", "bottom")


class ParquetTable:
    """A table in Parquet. Until it is whole, its rows stand in a journal beside it.

    That is a file of JSON lines with the name of the table and ".rows.jsonl" after it. At the end
    the rows of the table, if there is one already, and those of the journal become a new table.

    Parameters
    ----------
    path : Path
    columns : sequence of str
    classes : sequence of str or number

    Raises
    ------
    ImportError
        If pyarrow is not installed.
    DataError
        If another table stands there, or something else.
    OSError
        If nothing can be written there.
    """

    def __init__(self, path: Path, columns: Sequence[str], classes: Sequence[Any]) -> None:
        import_extra("pyarrow.parquet", extra="parquet")
        self.path = path
        self._columns = list(columns)
        self._schema = self._schema_of(classes)
        self._target = replaceable(path)
        self._finished = Finished()
        if self._target.exists():
            for row in self._rows_before(["path"]):
                self._finished.add(row["path"])
        self._journal = JsonLinesTable(
            self._target.with_name(f"{self._target.name}.rows.jsonl"), columns
        )
        self._n_written = 0

    def __contains__(self, name: str) -> bool:
        return _storable(name) in self._finished or name in self._journal

    def write(self, rows: Sequence[Row]) -> None:
        """Write all rows of a photo to the journal."""
        self._journal.write(rows)

    def finish(self) -> None:
        """Write the table, if there are new rows or there is none, and remove the journal."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._journal.finish()
        if self._journal.path.stat().st_size or not self._target.exists():
            with (
                replacing(self.path) as file,
                pq.ParquetWriter(file, self._schema) as writer,
            ):
                rows = self._all_rows()
                while group := list(islice(rows, _ROWS_OF_A_GROUP)):
                    writer.write_table(pa.Table.from_pylist(group, schema=self._schema))
        self._journal.close()
        self._journal.path.unlink()

    def close(self) -> None:
        """Close the journal, which stays if there is anything in it that is not in the table."""
        self._journal.close()
        with suppress(FileNotFoundError):
            if not self._journal.path.stat().st_size:
                self._journal.path.unlink()

    def _all_rows(self) -> Iterator[Row]:
        if self._target.exists():
            yield from self._rows_before(self._schema.names)
        with open(self._journal.path, encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield {
                    _storable(key): _storable(value) if isinstance(value, str) else value
                    for key, value in row.items()
                }

    def _rows_before(self, columns: list[str]) -> Iterator[Row]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self._target) as file:
                if not file.schema_arrow.equals(self._schema):
                    raise DataError(
                        f"{self.path}: this is another table than the one that is to be gone on "
                        "with. Write to another file, or use the same model as before."
                    )
                for batch in file.iter_batches(_ROWS_OF_A_GROUP, columns=columns):
                    yield from batch.to_pylist()
        except pa.ArrowInvalid as error:
            raise DataError(
                f"{self.path}: this is no Parquet file, but expected the table that is to be gone "
                "on with. Write to another file."
            ) from error

    def _schema_of(self, classes: Sequence[Any]) -> Any:
        import pyarrow as pa

        label = pa.array(list(classes)).type if not _are_texts(classes) else pa.string()
        kinds = {"path": pa.string(), "emotion": label}
        kinds |= dict.fromkeys(_WHOLE_NUMBERS, pa.int32())
        return pa.schema(
            [(_storable(column), kinds.get(column, pa.float32())) for column in self._columns]
        )


def _are_texts(classes: Sequence[Any]) -> bool:
    return all(isinstance(label, str) for label in classes)


def _storable(text: str) -> str:
    """Write what Arrow's strings cannot hold, bytes that are no UTF-8, as escapes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return printable(text)
    return text
