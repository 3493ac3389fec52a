"""What must be finite, or a network says nothing: losses, weights, statistics and probabilities."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import count
from ferclassifier.exceptions import DivergenceError, ImageError

_REMEDY = (
    "the training diverged, and the classifier stays as it was. Fit with a lower learning_rate, "
    "and look for extreme values among the pixels and the weights of images and classes."
)


def check_losses(logs: Mapping[str, float], epoch: int) -> None:
    """Refuse to go on after an epoch whose loss is none.

    Parameters
    ----------
    logs : mapping of str to float
        The scores of the epoch.
    epoch : int
        Its index.

    Raises
    ------
    DivergenceError
        If a loss is NaN or infinite.
    """
    for name in ("loss", "val_loss"):
        if not math.isfinite(logs.get(name, 0.0)):
            raise DivergenceError(
                f"Got {name}={float(logs[name])} in epoch {epoch + 1}, but expected a finite "
                f"number: {_REMEDY}"
            )


def check_weights(weights: Iterable[NDArray[Any]]) -> None:
    """Refuse what a fit has made if it cannot predict; the last step's loss does not tell.

    Raises
    ------
    DivergenceError
        If weights, or statistics of normalisations, are NaN or infinite.
    """
    if not _are_finite(weights):
        raise DivergenceError(
            f"Got weights that are NaN or infinite, but expected finite numbers: {_REMEDY}"
        )


def check_probabilities(probabilities: NDArray[Any], model: Any) -> None:
    """Refuse to answer with what are no probabilities: the first class would seem to be the best.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
    model : keras.Model
        The network that gave them.

    Raises
    ------
    DivergenceError
        If some are NaN since the network's weights are.
    ImageError
        If some are NaN since the pixels are too large to be multiplied.
    """
    if np.isfinite(probabilities).all():
        return
    if not _are_finite(model.get_weights()):
        raise DivergenceError(
            "Got a model with weights that are NaN or infinite, which predicts nothing: its "
            "training diverged. Fit anew with a lower learning_rate."
        )
    failed = np.flatnonzero(~np.isfinite(probabilities).all(axis=1))
    raise ImageError(
        f"Got {count(len(failed), 'image')} for which the network computes no probabilities but "
        f"NaN, the first at index {failed[0]}: the pixels are too large. Bring them to the scale "
        "of those that the model was fitted on."
    )


def _are_finite(arrays: Iterable[NDArray[Any]]) -> bool:
    return all(np.isfinite(values).all() for values in arrays)
