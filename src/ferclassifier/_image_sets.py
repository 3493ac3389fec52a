"""Images that belong together, by pairs or by a number that they share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def first_connected(n_images: int, pairs: NDArray[np.intp]) -> NDArray[np.intp]:
    """Find the first image that each is connected to, by a chain of pairs.

    Parameters
    ----------
    n_images : int
    pairs : ndarray of shape (n_pairs, 2), int

    Returns
    -------
    ndarray of shape (n_images,), int
        An image's own index where no earlier one is connected to it.
    """
    ones = np.ones(len(pairs), dtype=bool)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(n_images, n_images))
    _, component = connected_components(graph, directed=False)
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    connected: NDArray[np.intp] = first[inverse]
    return connected


def sets_of(
    same: NDArray[np.intp], codes: NDArray[np.intp] | None = None
) -> list[NDArray[np.intp]]:
    """Gather the images that share a number, where there are at least two.

    Parameters
    ----------
    same : ndarray of shape (n_images,), int >= 0
    codes : ndarray of shape (n_images,), int >= 0, default=None
        Another number that they must share.

    Returns
    -------
    list of ndarray of int
        The indices of each set in ascending order; the sets by their number.
    """
    key = same if codes is None else same * (codes.max() + 1) + codes
    order = np.argsort(key, kind="stable")
    ends = np.flatnonzero(np.diff(key[order])) + 1
    return [images for images in np.split(order, ends) if len(images) > 1]
