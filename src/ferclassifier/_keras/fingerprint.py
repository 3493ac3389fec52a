"""What decides a fit, in short: a checkpoint compares it part by part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from numbers import Real
from typing import Any

import numpy as np

from ferclassifier._files.checkpoint import Fingerprint, Part
from ferclassifier._keras.identity import UnidentifiableError, identity_of
from ferclassifier._utils.keras_door import keras
from ferclassifier._version import __version__
from ferclassifier.architectures import get_architecture
from ferclassifier.exceptions import CheckpointError
from ferclassifier.images._digest import array_digest
from ferclassifier.images._sources import ImageSources

_LONGEST_SHOWN = 60
# What becomes of a fit does not depend on these, or is told by other parts. Callbacks may change a
# fit, but are often what ended it, and hold what cannot be compared.
_NO_PARTS = {
    "callbacks",
    "checkpoint",
    "image_shape",
    "initial_weights",
    "precision",
    "test_time_augmentation",
    "verbose",
    "warm_start",
}


def fingerprint_of(params: Mapping[str, Any], data: Mapping[str, Any]) -> Fingerprint:
    """Return what tells a fit from those of which the result might be another.

    Parameters
    ----------
    params : mapping of str to object
        The estimator's parameters.
    data : mapping of str to object
        All else that decides the fit, by the names under which a user knows it; None for what was
        not given. All pixels, labels and weights are looked at, and of image files all bytes.

    Returns
    -------
    fingerprint : dict of str to (str, str)

    Raises
    ------
    CheckpointError
        If a parameter cannot be compared with another.
    """
    values = {name: value for name, value in params.items() if name not in _NO_PARTS}
    values |= {name: value for name, value in data.items() if value is not None}
    return dict(_parts({"software": _software(), **values}))


def _parts(values: Mapping[str, Any]) -> Iterator[tuple[str, Part]]:
    for name, value in values.items():
        try:
            yield name, _part_of_architecture(value) if name == "architecture" else _part(value)
        except UnidentifiableError as error:
            raise CheckpointError(
                f"Got checkpoint with {name}={value!r}, which depends on {error}: whether a fit "
                "that goes on has the same cannot be told. Define it by functions and plain "
                "values, or leave checkpoint=None."
            ) from error


def _part(value: Any) -> Part:
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return "", array_digest(value).hex()
    if isinstance(value, ImageSources):
        return "", value.digest().hex()
    if isinstance(value, Real) and not isinstance(value, bool | np.bool_):
        number = float(value)  # 1 is 1.0 is numpy.float32(1)
        value = int(number) if number.is_integer() else number
    text = _text(value)
    return text if len(text) <= _LONGEST_SHOWN and "<" not in text else "", _digest(text)


def _part_of_architecture(architecture: Any) -> Part:
    name = architecture if isinstance(architecture, str) else _name(architecture)
    return name, _digest(_text(get_architecture(architecture)))


def _text(value: Any) -> str:
    """Write a value; what is no plain one by its identity, in angle brackets."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dict):
        return "{" + ", ".join(sorted(f"{_text(k)}: {_text(v)}" for k, v in value.items())) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    if isinstance(value, np.random.RandomState):
        return "a RandomState"  # the seeds drawn from it are in the file
    return f"<{identity_of(value)}>"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _software() -> str:
    """Return the versions on which the order of a network's variables depends."""
    backend = keras.backend.backend()
    return f"ferclassifier {__version__}, Keras {keras.__version__} on {backend}"
