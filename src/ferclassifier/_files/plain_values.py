"""Parameters as JSON, so that they come back as they were: tuples and dicts are marked as such."""

from __future__ import annotations

from os import PathLike, fspath
from typing import Any

import numpy as np

from ferclassifier._files import schema
from ferclassifier.exceptions import ModelFileError


def to_plain(value: Any, where: str) -> Any:
    """Describe a value by what JSON has.

    Parameters
    ----------
    value : None, bool, int, float, str, scalar of NumPy, path, or list, tuple or dict of such
    where : str
        What it is, for the message of an error.

    Raises
    ------
    ModelFileError
        If it is anything else.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, PathLike):
        value = fspath(value)
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is list:
        return [to_plain(item, where) for item in value]
    if type(value) is tuple:
        return {"tuple": [to_plain(item, where) for item in value]}
    if type(value) is dict:
        pairs = [[to_plain(k, where), to_plain(v, where)] for k, v in value.items()]
        return {"dict": pairs}
    raise ModelFileError(
        f"{where} is {value!r:.100}, which a model file cannot hold. It takes numbers, strings, "
        "None, and lists, tuples and dicts of those: set another value with set_params, which "
        "leaves the model fitted, or keep the model with joblib.dump."
    )


def from_plain(value: Any, where: str) -> Any:
    """Return what `to_plain` described.

    Raises
    ------
    ModelFileError
        If it describes nothing.
    """
    if type(value) is list:
        return [from_plain(item, where) for item in value]
    if type(value) is not dict:
        return value
    if list(value) == ["tuple"] and type(value["tuple"]) is list:
        return tuple(from_plain(value["tuple"], where))
    if list(value) != ["dict"]:
        schema.refuse(value, where, 'an object with the one key "tuple" or "dict"')
    return _dict_of(value["dict"], where)


def _dict_of(pairs: Any, where: str) -> dict[Any, Any]:
    pair = schema.list_of(schema.anything, shortest=2, longest=2)
    found = schema.list_of(pair)(pairs, where)
    try:
        made = {from_plain(k, where): from_plain(v, where) for k, v in found}
    except TypeError as error:  # a list as key
        raise ModelFileError(f"{where} has a key that is no number or string.") from error
    if len(made) < len(found):
        raise ModelFileError(f"{where} has a key twice.")
    return made
