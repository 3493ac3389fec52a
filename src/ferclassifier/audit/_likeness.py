"""Which images are the same, and which are nearly so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ferclassifier.audit._audited import Audited
from ferclassifier.audit._image_sets import first_connected, sets_around, sets_of
from ferclassifier.audit._near_duplicates import exact_duplicates, near_duplicates

Sets = list[NDArray[np.intp]]


class RepeatedImages:
    """Which images are the same, and which are nearly so.

    Of equal images the first stands for all in what follows.

    Parameters
    ----------
    audited : Audited
    is_visible : ndarray of shape (n,), bool
        Images that show nothing are left out: they are all alike.

    Attributes
    ----------
    copy_of : ndarray of shape (n,), int
        For each image, the first that equals it.
    near : dict of int to dict of int to float
        The near duplicates of an image, with their similarity, where there are any.
    chain : ndarray of shape (n,), int
        For each image, the first of those that it is connected to by copies and near duplicates,
        and by theirs in turn. The ends of a chain may be quite unlike.
    similarity : ndarray of shape (n,)
        That of the nearest other image: 1 for copies, 0 where nothing comes near.
    """

    def __init__(self, audited: Audited, is_visible: NDArray[np.bool_]) -> None:
        n_images = len(audited)
        copy_of = exact_duplicates(audited.images)
        self.copy_of = np.where(is_visible, copy_of, np.arange(n_images))
        self._copies = {int(images[0]): images for images in sets_of(self.copy_of)}
        pairs, similarity = near_duplicates(audited.gray, copy_of=copy_of)
        seen = is_visible[pairs].all(axis=1)
        pairs, similarity = pairs[seen], similarity[seen]
        self.near: dict[int, dict[int, float]] = {}
        for (one, other), alike in zip(pairs.tolist(), similarity.tolist(), strict=True):
            self.near.setdefault(one, {})[other] = alike
            self.near.setdefault(other, {})[one] = alike
        copies = np.stack([self.copy_of, np.arange(n_images)], axis=1)
        self.chain = first_connected(n_images, np.concatenate([copies, pairs]))
        self.similarity = np.zeros(n_images)
        np.maximum.at(self.similarity, pairs.ravel(), np.repeat(similarity, 2))
        self.similarity = self.similarity[self.copy_of]
        self.similarity[np.bincount(self.copy_of, minlength=n_images)[self.copy_of] > 1] = 1.0

    def copies(self, first: int) -> NDArray[np.intp]:
        """Return all images that are equal to the first of them."""
        return self._copies.get(first, np.array([first]))

    def like(self, first: int) -> list[int]:
        """Return an image and its near duplicates."""
        return [first, *self.near.get(first, ())]

    def are_like(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which images are chosen, or a copy or near duplicate of one that is."""
        firsts = np.unique(self.copy_of[chosen]).tolist()
        found = np.zeros(len(chosen), dtype=bool)
        found[[like for first in firsts for like in self.like(first)]] = True
        return found[self.copy_of]

    def across(self, codes: NDArray[np.intp]) -> tuple[Sets, Sets]:
        """Gather the images that have a copy, or a copy or near duplicate, of another code.

        Parameters
        ----------
        codes : ndarray of shape (n,), int

        Returns
        -------
        copies, like : list of ndarray of int
            The sets in ascending order. In a set of the second list all are near to one of it.
        """
        repeated = self._copies.keys() | self.near.keys()
        kinds = {first: set(codes[self.copies(first)].tolist()) for first in repeated}
        partners = {
            first: {like for like in self.like(first) if len(kinds[first] | kinds[like]) > 1}
            for first in repeated
        }
        partners = {first: likes for first, likes in partners.items() if likes}
        return (
            [images for first, images in self._copies.items() if len(kinds[first]) > 1],
            [
                np.sort(np.concatenate([self.copies(first) for first in firsts]))
                for firsts in sets_around(self.near, partners)
            ],
        )

    def near_within(self, codes: NDArray[np.intp]) -> Sets:
        """Gather the near duplicates of one code, the first of equal ones for all.

        Parameters
        ----------
        codes : ndarray of shape (n,), int

        Returns
        -------
        list of ndarray of int
            The sets in ascending order. In each, all are near to one of it.
        """
        of_code = {first: self._first_of_each_code(first, codes) for first in self.near}
        near = {
            image: {
                of_code[other][code]: similarity
                for other, similarity in others.items()
                if code in of_code[other]
            }
            for first, others in self.near.items()
            for code, image in of_code[first].items()
        }
        partners = {image: set(others) for image, others in near.items() if others}
        return [np.sort(images) for images in sets_around(near, partners)]

    def _first_of_each_code(self, first: int, codes: NDArray[np.intp]) -> dict[int, int]:
        copies = self.copies(first)[::-1]
        return dict(zip(codes[copies].tolist(), copies.tolist(), strict=True))

    def most_alike_first(self, sets: Sets) -> Sets:
        """Sort sets by the highest similarity of their images, then by the first image."""
        return sorted(sets, key=lambda images: (-self.similarity[images].max(), images[0]))
