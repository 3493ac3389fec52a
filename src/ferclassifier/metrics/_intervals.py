"""Intervals of what was measured on a sample."""

from __future__ import annotations

import math

from scipy.special import ndtri

from ferclassifier._utils.wording import quoted


def wilson_interval(share: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return an interval for the share of successes in the population.

    It keeps its confidence where the usual interval does not: for shares near 0 and 1, and for few
    trials [2]_.

    Parameters
    ----------
    share : float in [0, 1]
        The share of successes that was observed, such as an accuracy.
    n : float > 0
        The number of trials, such as images, or the sum of their weights.
    confidence : float in (0, 1), default=0.95
        How often such an interval holds the true share.

    Returns
    -------
    low, high : float in [0, 1]
        The score interval of Wilson [1]_, without correction for continuity.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
       Journal of the American Statistical Association 22, 1927, pp. 209-212.
    .. [2] L. D. Brown, T. T. Cai and A. DasGupta, "Interval estimation for a binomial proportion",
       Statistical Science 16, 2001, pp. 101-133.

    Examples
    --------
    >>> from ferclassifier.metrics import wilson_interval
    >>> low, high = wilson_interval(0.68, 3589)
    >>> f"{low:.3f} to {high:.3f}"
    '0.665 to 0.695'
    """
    if not (0 <= share <= 1 and n > 0 and 0 < confidence < 1):
        raise ValueError(
            f"Got share={quoted(share)}, n={quoted(n)}, confidence={quoted(confidence)}, but "
            "expected a share in [0, 1], a positive number of trials and a confidence in (0, 1)."
        )
    z2_n = float(ndtri((1 + confidence) / 2)) ** 2 / n
    centre = (share + z2_n / 2) / (1 + z2_n)
    reach = math.sqrt(z2_n * (share * (1 - share) + z2_n / 4)) / (1 + z2_n)
    # Rounding must not put a share of 0 or 1 outside its own interval.
    return max(0.0, min(centre - reach, share)), min(1.0, max(centre + reach, share))


def difference_interval(
    one: tuple[float, float], other: tuple[float, float], confidence: float = 0.95
) -> tuple[float, float]:
    """Return an interval for the difference of two shares that were observed independently.

    Parameters
    ----------
    one, other : tuple of (share, n)
        As for `wilson_interval`, from whose limits it is made.
    confidence : float in (0, 1), default=0.95

    Returns
    -------
    low, high : float in [-1, 1]
        Of `one` less `other`: the score interval of Newcombe [1]_, his tenth method.

    References
    ----------
    .. [1] R. G. Newcombe, "Interval estimation for the difference between independent
       proportions", Statistics in Medicine 17, 1998, pp. 873-890.
    """
    (low_1, high_1), (low_2, high_2) = (wilson_interval(*each, confidence) for each in (one, other))
    p, q = one[0], other[0]
    return (
        p - q - math.hypot(p - low_1, high_2 - q),
        p - q + math.hypot(high_1 - p, q - low_2),
    )
