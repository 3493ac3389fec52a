"""Mixing pairs of images, and their labels by the same shares."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def mix(
    images: NDArray[np.float32],
    targets: NDArray[np.float32],
    weights: NDArray[Any] | None,
    alpha: float,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[Any] | None]:
    """Mix each image of a batch with another one.

    The random changes that follow in the network are linear but for erasing and light, so mixing
    before them equals mixing two images that were moved alike.

    Parameters
    ----------
    images : ndarray of shape (n, height, width, channels), float32
    targets : ndarray of shape (n, n_classes), float32
    weights : ndarray of shape (n,), or None
    alpha : float > 0
        Both parameters of the Beta distribution of the shares: small ones leave most images
        nearly alone.
    rng : numpy.random.Generator

    Returns
    -------
    images, targets, weights
        Of the same shapes. Each image makes the larger share of the one that takes its place.

    References
    ----------
    Zhang et al., "mixup: Beyond Empirical Risk Minimization", arXiv:1710.09412.
    """
    n = len(images)
    share = rng.beta(alpha, alpha, size=n).astype(np.float32)
    share = np.maximum(share, 1 - share)
    other = rng.permutation(n)

    def sum_of(values: NDArray[Any]) -> NDArray[Any]:
        own = share.reshape(n, *[1] * (values.ndim - 1))
        result: NDArray[Any] = own * values + (1 - own) * values[other]
        return result

    if weights is None:
        return sum_of(images), sum_of(targets), None
    total = sum_of(weights)
    return sum_of(images), sum_of(targets * weights[:, None]) / total[:, None], total
