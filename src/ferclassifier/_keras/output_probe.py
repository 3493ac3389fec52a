"""A look at what a user's architecture gives, before hours are spent on training it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.keras_door import ops
from ferclassifier.exceptions import ArchitectureError

N_IMAGES = 4
_TOLERANCE = 1e-3
_NOISE = 0.1


def check_gives_probabilities(model: Any, images: NDArray[Any], architecture: str) -> None:
    """Refuse a network of which the outputs are no probabilities.

    Parameters
    ----------
    model : keras.Model
        It gets its weights back.
    images : ndarray of shape (n, height, width, channels), uint8 or float32
    architecture : str
        Its name, for the error.

    Raises
    ------
    ArchitectureError
        If rows do not add up to 1, or values are below 0 or above 1. The message says what to
        write instead.
    """
    outputs = _outputs_of_some_weights(model, images).astype(np.float64)
    if np.isfinite(outputs).all():
        refuse_unless_probabilities(outputs, architecture)


def refuse_unless_probabilities(outputs: NDArray[np.float64], architecture: str) -> None:
    """Refuse finite outputs of shape (n, n_classes) that are no probabilities.

    Raises
    ------
    ArchitectureError
        The message says what they seem to be, and what to write instead.
    """
    if _are_probabilities(outputs):
        return
    if (outputs <= _TOLERANCE).all() and _are_probabilities(np.exp(outputs)):
        found = "logarithms of probabilities, as log_softmax gives"
        remedy = "End it with softmax instead, which is its exponential"
    elif (np.abs(outputs - 0.5) <= 0.5 + _TOLERANCE).all():
        found = "numbers in [0, 1], but each by itself, as sigmoid gives"
        remedy = "End it with softmax instead"
    else:
        found = "logits, or other numbers"
        remedy = "Add layers.Softmax()(x) at its end"
    raise ArchitectureError(
        f"Got an architecture {architecture!r} that gives {found}: a row adds up to "
        f"{outputs[0].sum():.4g}, but expected probabilities, which are in [0, 1] and add up to 1. "
        f'{remedy}, as in layers.Dense(n_classes, activation="softmax")(x).'
    )


def _outputs_of_some_weights(model: Any, images: NDArray[Any]) -> NDArray[Any]:
    """Return the outputs with weights of no special kind: of zeros, two sigmoids add up to 1."""
    weights, rng = model.get_weights(), np.random.default_rng(0)
    try:
        # Positive noise, for variances stay positive.
        model.set_weights(
            [w + _NOISE * rng.random(w.shape) if w.dtype.kind == "f" else w for w in weights]
        )
        return np.asarray(ops.convert_to_numpy(model(images, training=False)))
    finally:
        model.set_weights(weights)


def _are_probabilities(rows: NDArray[np.float64]) -> bool:
    are_in_range = (rows >= -_TOLERANCE).all() and (rows <= 1 + _TOLERANCE).all()
    return bool(are_in_range and (np.abs(rows.sum(axis=1) - 1) <= _TOLERANCE).all())
