"""The labels of a model as JSON, with the type of their array."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files.schema import anything, list_of, record, text
from ferclassifier.exceptions import ModelFileError

_DTYPE = re.compile(r"[<>|=]?(U\d{1,3}|[iu][1248]|f[248]|b1|O)")
_TYPES = {"U": str, "O": str, "i": int, "u": int, "f": float, "b": bool}
_MOST_CLASSES = 10_000

CLASSES = record(dtype=text, values=list_of(anything, shortest=1, longest=_MOST_CLASSES))


def describe_classes(classes: NDArray[Any]) -> dict[str, Any]:
    """Return what `restore_classes` takes.

    Raises
    ------
    ModelFileError
        If the labels are neither strings nor numbers.
    """
    described = {"dtype": classes.dtype.str, "values": classes.tolist()}
    restore_classes(described, "classes_")
    return described


def restore_classes(described: dict[str, Any], where: str) -> NDArray[Any]:
    """Return the labels, sorted, in an array of the type that they had.

    Raises
    ------
    ModelFileError
        If they are of another type than is written, or not sorted.
    """
    dtype, values = described["dtype"], described["values"]
    if not _DTYPE.fullmatch(dtype):
        raise ModelFileError(
            f"{where} has the dtype {dtype!r:.60}, but expected strings, whole numbers, floats or "
            "booleans."
        )
    expected = _TYPES[np.dtype(dtype).kind]
    if any(type(value) is not expected for value in values):
        raise ModelFileError(f"{where} has other labels than {expected.__name__}.")
    try:
        classes = np.array(values, dtype=dtype)
    except OverflowError as error:
        raise ModelFileError(f"{where} has labels that {dtype} cannot hold.") from error
    # np.unique would import numpy.ma, which takes as long as a prediction.
    if classes.tolist() != values or not (classes[1:] > classes[:-1]).all():
        raise ModelFileError(f"{where} are not sorted, occur twice or do not fit into {dtype}.")
    return classes
