"""FER-2013 as a DataFrame with the columns emotion, pixels and Usage."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ferclassifier.datasets._bad_items import ItemError
from ferclassifier.datasets._fer2013_rows import (
    N_PIXELS,
    SIDE,
    Row,
    RowReader,
    Table,
    bad_pixel,
    find_columns,
    missing_value,
    parse_numbers,
    wrong_number_of_pixels,
)

if TYPE_CHECKING:
    import pandas as pd


def is_frame(source: Any) -> bool:
    """Tell a DataFrame, without importing pandas."""
    return hasattr(source, "columns") and hasattr(source, "iloc")


def read_frame(frame: pd.DataFrame, reader: RowReader) -> None:
    """Read the rows of a DataFrame.

    Parameters
    ----------
    frame : DataFrame
        Pixels are texts, as in the CSV file, or arrays.
    reader : RowReader
        Takes the rows. The columns must do for the first of its parts.

    Raises
    ------
    DataError
        If a column is missing.
    """
    table = Table("DataFrame")
    names = [str(name) for name in frame.columns]
    columns = find_columns(names, "a DataFrame", table, reader.parts[0].subset)
    # By their places, because two columns may have one name.
    cells = [[None] * len(frame) if i is None else frame.iloc[:, i].tolist() for i in columns]
    rows = ((None, Row(*row)) for row in zip(*cells, strict=True))
    reader.read(table, rows, partial(_split, has_usage=columns.usage is not None), _parse_pixels)


def _split(row: Row, has_usage: bool) -> Row:
    for column, value in zip(row._fields, row, strict=True):
        if _is_missing(value) and (has_usage or column != "usage"):
            raise missing_value(column)
    usage = str(row.usage).strip() if has_usage else None
    return Row(_as_text(row.emotion), row.pixels, usage)


def _is_missing(value: Any) -> bool:
    import pandas as pd

    if isinstance(value, str):
        return not value.strip()
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _as_text(label: Any) -> str:
    # pandas makes floats of a column that has missing values.
    if isinstance(label, float | np.floating) and float(label).is_integer():
        label = int(label)
    return str(label).strip()


def _parse_pixels(value: Any) -> bytes:
    if isinstance(value, str):
        return parse_numbers(value)
    try:
        pixels = np.asarray(value)
    except ValueError:
        raise ItemError("malformed row", "the pixels are no array") from None
    if pixels.dtype.kind in "OSU":  # numbers that were split, but not converted
        return parse_numbers(" ".join(map(str, pixels.astype(str).ravel())))
    if pixels.dtype.kind not in "iuf":
        raise ItemError("pixel not an integer", f"got pixels of dtype {pixels.dtype}")
    if pixels.size != N_PIXELS:
        raise wrong_number_of_pixels(pixels.size)
    if pixels.squeeze().shape not in ((N_PIXELS,), (SIDE, SIDE)):
        raise ItemError("wrong image size", f"got pixels of shape {pixels.shape}, expected 48 x 48")
    pixels = pixels.ravel()
    if (bad := (pixels < 0) | (pixels > 255) | (pixels != np.floor(pixels))).any():
        place = int(bad.argmax())
        raise bad_pixel(place + 1, f"{pixels[place]:g}")
    return pixels.astype(np.uint8).tobytes()
