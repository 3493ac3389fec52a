"""Images that belong together: by chains of pairs, by a number, or around a representative."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ferclassifier.audit._finding import NO_IMAGES


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


def joined(sets: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Return the images of all sets, one set after the other."""
    return np.concatenate([NO_IMAGES, *sets])


def sets_around(
    near: Mapping[int, Mapping[int, float]], partners: Mapping[int, AbstractSet[int]]
) -> list[list[int]]:
    """Divide images into sets with a representative, to which all others of the set are near.

    The image with the most partners becomes the first representative, and all that are near to it
    its set; then the one with the most partners among those that are left, until none has any.
    What is left over then is put to one of its partners, which gets a set of its own, or becomes
    the representative of its set, where it does not represent it already.

    Parameters
    ----------
    near : mapping of int to mapping of int to float
        For each image those that are near to it, with their similarity; in both directions.
    partners : mapping of int to set of int
        For each image that is to be in a set, those near to it with which it belongs there; itself
        if it belongs into a set in any case.

    Returns
    -------
    list of list of int
        The representative of each set, then its other images in ascending order. Each image of
        `partners` is in one set. A set holds partners, but for an image of which no partner can be
        had without leaving another image alone.

    Notes
    -----
    The order of the images matters only where partners, those that are near, and the sum of their
    similarities are equal. The effort is that of a few looks at each pair that is near.
    """
    sets = _Sets(near, partners)
    left, n_before = sets.take_the_largest(), -1
    while len(left) != n_before:
        n_before = len(left)
        left = [image for image in left if not sets.take_in(image)]
    for image in left:
        sets.gather(image, [image])
    return [
        [representative, *sorted(images - {representative})]
        for representative, images in sets.around.items()
        if images
    ]


class _Sets:
    """Images around their representatives, while they are being divided."""

    def __init__(
        self, near: Mapping[int, Mapping[int, float]], partners: Mapping[int, AbstractSet[int]]
    ) -> None:
        self.near = {
            image: {other: s for other, s in near.get(image, {}).items() if other in partners}
            for image in partners
        }
        self.partners = partners
        self.around: dict[int, set[int]] = {}
        self.representative_of: dict[int, int] = {}

    def gather(self, representative: int, images: Iterable[int]) -> None:
        """Put images around one of them, out of the sets that they are in."""
        images = set(images)
        for image in images & self.representative_of.keys():
            self.around[self.representative_of[image]].discard(image)
        self.around.setdefault(representative, set()).update(images)
        self.representative_of.update(dict.fromkeys(images, representative))

    def take_the_largest(self) -> list[int]:
        """Make sets until no image without one has a partner without one; return what is left."""
        free = set(self.partners)
        n_partners = {image: len(others) for image, others in self.partners.items()}
        n_near = {image: len(others) for image, others in self.near.items()}
        alike = {image: math.fsum(others.values()) for image, others in self.near.items()}

        def rank(image: int) -> tuple[float, ...]:
            return -n_partners[image], -n_near[image], -alike[image], image

        queue = [rank(image) for image in free]
        heapify(queue)
        while queue:
            image = int(queue[0][-1])
            if image not in free or queue[0] != rank(image):
                heappop(queue)
                if image in free:
                    heappush(queue, rank(image))
                continue
            if not n_partners[image]:
                break
            taken = free & {image, *self.near[image]}
            self.gather(image, taken)
            free -= taken
            for one in taken:
                for other in self.near[one]:
                    n_near[other] -= 1
                for other in self.partners[one]:
                    n_partners[other] -= 1
        return sorted(free, key=lambda image: (-alike[image], image))

    def take_in(self, image: int) -> bool:
        """Put an image to one of its partners, all of which are in sets, if it can be done."""
        own = self.near[image]
        others = sorted(self.partners[image], key=lambda other: (-own[other], other))
        for other in others:
            if self.representative_of[other] == other:
                self.gather(other, [image])
                return True
        for other in others:
            representative = self.representative_of[other]
            rest = self.around[representative] - {other}
            if rest <= self.near[other].keys():
                self.gather(other, [*rest, other, image])
                return True
            if self._holds_partners(representative, rest):
                self.gather(other, [other, image])
                return True
        return False

    def _holds_partners(self, representative: int, images: set[int]) -> bool:
        return bool(self.partners[representative] & images) or any(
            image in self.partners[image] for image in images
        )
