"""Statistics that a few outliers do not move."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The median of absolute deviations of a normal distribution, in standard deviations.
_MAD = 0.6745


def median_and_spread(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the median, and the standard deviation that a normal distribution would have.

    Parameters
    ----------
    values : ndarray of shape (n,)

    Returns
    -------
    median, spread : float
        The spread is the median of the absolute deviations from the median, divided by 0.6745.
    """
    median = float(np.median(values))
    return median, float(np.median(np.abs(values - median))) / _MAD
