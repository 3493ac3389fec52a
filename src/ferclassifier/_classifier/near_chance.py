"""Whether a fit has learned anything, and what to do where it has not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Of the way from naming the largest class to naming all, what a fit has at least to go.
_LEAST_GAIN = 0.1
# From random weights fits of fewer steps end near chance as often as not: first tries on 600 drawn
# faces or 1,000 of FER-2013 did after 20 to 80 steps, and none after 150.
_FEW_STEPS = 150


def near_chance_hint(
    accuracies: list[float],
    codes: NDArray[np.intp],
    weights: NDArray[Any] | None,
    *,
    n_batches: int,
    starts_at_random: bool,
) -> str | None:
    """Return what to say of a fit that ended near chance; None of one that did not.

    Parameters
    ----------
    accuracies : list of float
        The training accuracy of each epoch. That of the first is mostly of the weights before it,
        so that of a single epoch nothing can be said.
    codes : ndarray of shape (n,), int
        The place of each image's label among the classes.
    weights : ndarray of shape (n,), or None
        What each image counted.
    n_batches : int
        Steps of an epoch.
    starts_at_random : bool
        Whether it could have started from the weights of a trained model instead.

    Returns
    -------
    hint : str or None
    """
    sums = np.bincount(codes, weights)
    chance = float(sums.max() / sums.sum())
    n_epochs, accuracy = len(accuracies), accuracies[-1]
    if n_epochs < 2 or chance == 1 or accuracy - chance >= _LEAST_GAIN * (1 - chance):
        return None
    n_steps = n_epochs * n_batches
    hint = (
        "The fit ended near chance: in its last epoch it was right about "
        f"{100 * accuracy:.0f} % of the training images, and naming the largest class each time is "
        f"about {100 * chance:.0f} %. "
    )
    if n_steps >= _FEW_STEPS:
        return f"{hint}Look at images and labels, and try another learning_rate."
    hint += f"Its {n_steps:,} steps ({n_epochs:,} epochs of {n_batches:,}) were few: raise epochs, "
    if starts_at_random:
        return f"{hint}lower batch_size, or start from a trained model, initial_weights='compact'."
    return f"{hint}or lower batch_size."
