"""The groups of images, from a table of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferclassifier._utils.wording import count, names_quoted, quoted
from ferclassifier.exceptions import DataError

if TYPE_CHECKING:
    import pandas as pd

# The column that names images, as the report of a folder and of a table of FER-2013 does.
_IMAGE = "image"
_EXPECTED = (
    'expected a CSV file with the columns "image" and another one, the group of each: images by '
    'their paths below DATA, or "row 17" of fer2013.csv'
)


def groups_in(table: Path, by: str | None, data: Path, filenames: Sequence[str]) -> list[Any]:
    """Return the group of each image, None where the table does not tell.

    Parameters
    ----------
    table : Path
        A CSV file with a header.
    by : str or None
        The column of groups. None takes the only one beside that of images.
    data : Path
        Where the images are.
    filenames : sequence of str
        The name of each image, as its loader tells it.

    Raises
    ------
    DataError
        If the file is no such table, names an image twice, or none of these images.
    """
    frame = _read(table)
    column = _column(frame, by, table)
    twice = frame[_IMAGE][frame[_IMAGE].duplicated()]
    if len(twice):
        raise DataError(f"{table}: names the image {quoted(twice.iloc[0])} twice.")
    group_of = dict(zip(frame[_IMAGE], frame[column], strict=True))
    found = [group_of.get(name, group_of.get(_below(data, name))) for name in filenames]
    if not any(found):
        example = _below(data, filenames[0])
        raise DataError(
            f"{table}: tells the group of none of the {count(len(filenames), 'image')}. Name them "
            f"as in {quoted(example)}."
        )
    return found


def _read(table: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        frame = pd.read_csv(
            table,
            dtype=object,
            keep_default_na=False,
            encoding="utf-8-sig",
            encoding_errors="surrogateescape",  # names of files may be no UTF-8
        )
    except OSError as error:
        raise DataError(f"{table}: cannot be read: {error.strerror}.") from error
    except ValueError as error:  # no CSV
        raise DataError(f"{table}: {_EXPECTED}; {error}") from error
    if _IMAGE not in frame.columns or len(frame.columns) < 2:
        raise DataError(f"{table}: has the columns {names_quoted(frame.columns)}, but {_EXPECTED}.")
    return frame


def _column(frame: pd.DataFrame, by: str | None, table: Path) -> str:
    others = [name for name in frame.columns if name != _IMAGE]
    if by is None and len(others) > 1:
        raise DataError(
            f"{table}: has the columns {names_quoted(others)}. Say by which to group: --by "
            f"{others[0]}, for instance."
        )
    if by is not None and by not in others:
        raise DataError(
            f"{table}: has no column {quoted(by)} to group by, only {names_quoted(others)}."
        )
    return others[0] if by is None else by


def _below(data: Path, name: str) -> str:
    """Return the path of an image below the folder of the data, with forward slashes."""
    path = Path(name)
    return path.relative_to(data).as_posix() if path.is_relative_to(data) else name
