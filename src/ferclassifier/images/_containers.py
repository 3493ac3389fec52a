"""From what holds arrays of pixels to one array: lists, Series, columns of strings."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import in_words, names_quoted, quoted
from ferclassifier.exceptions import ImageError, SingleImageError
from ferclassifier.images._pixel_strings import is_pixel_string, rows_of
from ferclassifier.images._source_kinds import is_array, is_source
from ferclassifier.images._sources import first_value, holds_numbers, refuse_single, values_in

_N_SHAPES_NAMED = 3


def array_in(X: Any) -> Any:
    """Return the images of a container of arrays, or of strings of pixel values, as one array.

    Parameters
    ----------
    X : array-like
        A list, an array of objects, a Series or a DataFrame of one column that holds an array, or
        a string of pixel values, for each image. Whatever scikit-learn takes for a matrix, a list
        of lists too, is left to it.

    Returns
    -------
    X : ndarray, or what was given

    Raises
    ------
    ImageError
        If the images differ in size, strings hold something else than pixel values, or a table has
        columns besides that of the images.
    SingleImageError
        If `X` is one image.
    """
    if holds_numbers(X):
        if len(X.shape) < 2:
            raise _of_one_row(X.shape)
        return X
    refuse_single(X)
    shape = getattr(X, "shape", None)
    if hasattr(X, "columns") and shape is not None and shape[1] > 1:
        _refuse_column_of_images(X)
        return X
    if isinstance(X, np.ndarray) and X.ndim == 2 and X.shape[1] > 1:
        _refuse_images_in(X[0] if len(X) else ())
        return X
    values = values_in(X)
    first = None if values is None else first_value(values)
    if values is None or first is None:
        return X
    if is_pixel_string(first):
        return rows_of(values)
    if is_array(first):
        return _stacked(values)
    if isinstance(first, Number):
        raise _of_one_row((len(values),))
    if isinstance(first, list | tuple):
        _refuse_images_in(first)
        _refuse_sizes([_shape_of(value) for value in values])
        return X if isinstance(X, list | tuple) else np.array(list(values))
    return X


def count_in(X: Any) -> int:
    """Count the images of any container.

    Raises
    ------
    ImageError
        If there are none.
    SingleImageError
        If `X` is one image.
    """
    refuse_single(X)
    n_images = int(X.shape[0]) if hasattr(X, "shape") else len(X)
    if not n_images:
        raise ImageError("Got no images, but expected at least one.")
    return n_images


def _of_one_row(shape: Sequence[int]) -> SingleImageError:
    return SingleImageError(
        f"Got numbers of shape {tuple(shape)}, but expected rows (n, pixels), images (n, height, "
        "width) or images with channels. Reshape your data: X.reshape(1, -1) is one row of pixels."
    )


def _stacked(values: Any) -> NDArray[Any]:
    arrays = [_dense(value) for value in values]
    _refuse_sizes([array.shape for array in arrays])
    return np.stack(arrays)


def _dense(value: Any) -> NDArray[Any]:
    """Return an array of numbers; Parquet files give arrays of rows that are arrays."""
    array = np.asarray(value)
    if array.dtype.kind == "O" and array.ndim == 1 and array.size and is_array(array[0]):
        return _stacked(array)
    return array


def _shape_of(value: Any) -> tuple[int, ...] | None:
    """Return the shape of an image in nested lists, as far as its rows are of one length."""
    if not isinstance(value, list | tuple):
        return () if not is_array(value) else tuple(value.shape)
    lengths = {len(row) if isinstance(row, list | tuple) else None for row in value}
    if len(lengths) > 1:
        return None
    inner = next(iter(lengths), None)
    return (len(value),) if inner is None else (len(value), inner)


def _refuse_sizes(shapes: list[tuple[int, ...] | None]) -> None:
    if len(found := list(dict.fromkeys(shapes))) < 2:
        return
    n_more = len(found) - _N_SHAPES_NAMED
    named = [str(shape or "rows of several lengths") for shape in found[:_N_SHAPES_NAMED]]
    named += [f"{n_more} more"] * (n_more > 0)
    missing = " (is one missing?)" if () in found else ""
    raise ImageError(
        f"Got images of the shapes {in_words(named)}{missing}, but those of a batch have one. Put "
        "ImageReader first, which brings arrays of any sizes to one, and to gray: "
        "make_pipeline(ImageReader((48, 48)), ...)."
    )


def _refuse_column_of_images(X: Any) -> None:
    """Refuse a table in which a column holds images; others are numbers, or scikit-learn's."""
    dtypes = list(X.dtypes)
    for i, name in enumerate(X.columns):
        if getattr(dtypes[i], "kind", "O") != "O":
            continue
        first = first_value(np.asarray(X[name], dtype=object).ravel())
        if _is_image(first):
            is_fer2013 = " load_fer2013 reads such a table." if is_pixel_string(first) else ""
            raise ImageError(
                f"Got a table with the columns {names_quoted(X.columns)}, but expected images "
                "only. "
                f"Pick their column, such as X[{quoted(name)}].{is_fer2013}"
            )


def _refuse_images_in(row: Any) -> None:
    """Refuse rows of values of which one is an image."""
    for i, value in enumerate(row):
        if _is_image(value) and not is_array(value):
            raise ImageError(
                f"Got rows of {len(row)} values, but expected images only. Pick their column, such "
                f"as [row[{i}] for row in X]."
            )


def _is_image(value: Any) -> bool:
    """Tell a value that is an image to be decoded, or an array, from a number, as text too."""
    if isinstance(value, str | bytes):
        try:
            float(value)
        except ValueError:
            return True
        return False
    return is_source(value) or is_array(value)
