"""Temperature scaling: one number that makes probabilities mean what they say."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning

LOWEST, HIGHEST = 0.1, 10.0
# A probability of 0 is one that float32 could not hold, and no impossibility.
_SMALLEST_PROBABILITY = float(np.finfo(np.float32).tiny)


def at_temperature(probabilities: NDArray[Any], temperature: float) -> NDArray[np.float32]:
    """Return the softmax of the log-probabilities divided by a temperature.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes), float32 in [0, 1]
    temperature : float > 0
        Above 1 for probabilities closer to each other, below 1 for ones further apart; 1 leaves
        them as they are, to the bit.

    Returns
    -------
    probabilities : ndarray of shape (n, n_classes), float32
        What was the most probable class still is.
    """
    if temperature == 1:
        return probabilities
    scaled: NDArray[np.float32] = softmax(
        _log_probabilities(probabilities) / temperature, axis=1
    ).astype(np.float32)
    predicted = probabilities.argmax(axis=1)
    # High temperatures bring probabilities so close that rounding may make them equal.
    moved = np.flatnonzero(scaled.argmax(axis=1) != predicted)
    scaled[moved, predicted[moved]] = np.nextafter(scaled[moved].max(axis=1), np.float32(1))
    return scaled


def best_temperature(
    probabilities: NDArray[Any],
    codes: NDArray[np.intp],
    sample_weight: NDArray[np.float64] | None = None,
) -> float:
    """Return the temperature at which the log-loss is lowest.

    The loss is convex in the inverse temperature, so that its slope there has one root.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes), in [0, 1]
    codes : ndarray of shape (n,), int
        The column of each image's true class.
    sample_weight : ndarray of shape (n,), >= 0, default=None
        Not all of them zero.

    Returns
    -------
    float in [0.1, 10]
        1 where the temperature changes nothing: for one class, or equal probabilities.

    Warns
    -----
    ConvergenceWarning
        If the lowest loss is that of a bound.
    """
    scores = _log_probabilities(probabilities)
    scores -= scores.max(axis=1, keepdims=True)
    of_truth = np.take_along_axis(scores, codes[:, np.newaxis], axis=1)[:, 0]

    def slope(log_temperature: float) -> float:
        """Slope of the loss in the inverse temperature: expected score minus the true class's."""
        expected = (softmax(scores / np.exp(log_temperature), axis=1) * scores).sum(axis=1)
        return float(np.average(expected - of_truth, weights=sample_weight))

    direction = slope(0.0)
    if direction == 0:
        return 1.0
    bound = HIGHEST if direction > 0 else LOWEST
    if slope(np.log(bound)) * direction >= 0:
        _warn(bound)
        return bound
    return float(np.exp(brentq(slope, 0.0, np.log(bound))))


def _log_probabilities(probabilities: NDArray[Any]) -> NDArray[np.float64]:
    logs: NDArray[np.float64] = np.log(
        np.maximum(probabilities, _SMALLEST_PROBABILITY, dtype=np.float64)
    )
    return logs


def _warn(bound: float) -> None:
    reason = (
        "the probabilities say less than chance of the labels: are these the right labels?"
        if bound == HIGHEST
        else "the most probable classes are nearly all right. Calibrate on more images, which the "
        "model was not trained on."
    )
    warnings.warn(
        f"The temperature that fits best lies beyond {bound:g}, the bound that was taken: {reason}",
        ConvergenceWarning,
        stacklevel=4,
    )
