"""Labels in one dimension, one for each image; of anything else, what to write instead."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import column_or_1d

from ferclassifier._utils.wording import names_quoted, quoted
from ferclassifier.exceptions import DataError

_TOLERANCE = 1e-3


def label_column(y: Any, *, name: str = "y", warn: bool = False) -> NDArray[Any]:
    """Return labels as an array of one dimension.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, 1)
    name : str
        What the labels are called where they were given, for the error.
    warn : bool, default=False
        Whether to warn of a column, as scikit-learn does in `fit`.

    Raises
    ------
    DataError
        If there are several columns: of one-hot labels and tables it says how to make labels of
        them.
    ValueError
        If `y` is no array of labels at all.
    """
    if not hasattr(y, "shape") and isinstance(y, list | tuple) and len(y):
        y = np.asarray(y) if np.ndim(y[0]) else y
    shape = tuple(getattr(y, "shape", ()))
    if len(shape) == 2 and shape[1] > 1:
        raise DataError(
            f"Got {name} of shape {shape}, but expected one label for each image. "
            + _remedy_for(y, name)
        )
    labels: NDArray[Any] = column_or_1d(y, warn=warn)
    return labels


def _remedy_for(y: Any, name: str) -> str:
    has_names = hasattr(y, "columns")
    values = np.asarray(y)
    is_numbers = values.dtype.kind in "biuf"
    if is_numbers and np.all((values == 0) | (values == 1)) and np.all(values.sum(axis=1) == 1):
        labels = f"{name}.idxmax(axis=1)" if has_names else f"{name}.argmax(axis=1)"
        return f"These are one-hot: {labels} makes labels of them."
    if has_names:
        names = names_quoted(y.columns)
        return f"Pick one of the columns {names}: {name}[{quoted(y.columns[0])}], for instance."
    if is_numbers and values.min() >= 0 and np.allclose(values.sum(axis=1), 1, atol=_TOLERANCE):
        return (
            f"These are probabilities: {name}.argmax(axis=1) makes labels of them, and fit takes "
            "them as soft_targets beside labels."
        )
    return f"Pick one column, {name}[:, 0] for instance."
