"""Images of bytes on the scales that people bring them to, and what becomes of each pair."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ferclassifier.exceptions import PixelScaleError, PixelScaleWarning
from helpers import patterns

X, Y = patterns()
_MEAN, _DEVIATION = X.mean(), X.std()

SCALES: dict[str, Callable[[Any], Any]] = {
    "bytes": lambda x: x,
    "integers": lambda x: x.astype(np.int64),
    "float bytes": lambda x: x.astype(np.float64),
    "resized": lambda x: (x * 0.98 + 0.37).astype(np.float32),  # in [0, 255], but not whole
    "unit": lambda x: x / np.float32(255),
    "twice divided": lambda x: x / 255.0 / 255.0,
    "standardised": lambda x: (x - _MEAN) / _DEVIATION,
    "signed unit": lambda x: x / 127.5 - 1,
    "centred bytes": lambda x: x - 128.0,
}

_BYTES = ("bytes", "integers", "float bytes", "resized")
# What is warned of when `fit` saw the first; what stands in neither list is refused.
_SAME = {
    **dict.fromkeys(_BYTES, _BYTES),
    **{name: (name,) for name in SCALES if name not in _BYTES},
}
_WARNED = {
    "standardised": ("unit", "twice divided", "signed unit"),
    "signed unit": ("unit", "twice divided", "standardised"),
    "centred bytes": tuple(name for name in SCALES if name != "centred bytes"),
}
PAIRS = [(fitted, given) for fitted in SCALES for given in SCALES]


def expected(fitted: str, given: str) -> str:
    """Say what becomes of images on one scale, given to what was fitted on another."""
    if given in _SAME[fitted]:
        return "same answer"
    return "warned" if given in _WARNED.get(fitted, ()) else "refused"


def outcome(ask: Callable[[], Any]) -> str:
    """Say what becomes of them when they are asked for."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PixelScaleWarning)
        try:
            ask()
        except PixelScaleError:
            return "refused"
    return "warned" if caught else "same answer"
