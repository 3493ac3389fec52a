"""Images that appear more than once: within a group, across groups, under different labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import count, in_words
from ferclassifier.audit._audited import Audited
from ferclassifier.audit._conflicting_labels import find_conflicting
from ferclassifier.audit._finding import Finding
from ferclassifier.audit._image_sets import first_connected, joined, sets_around, sets_of
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


def find_repeated(audited: Audited, repeated: RepeatedImages) -> list[Finding]:
    """Find what appears more than once, as far as labels and groups are known."""
    conflicting = [] if audited.y is None else [find_conflicting(audited, repeated)]
    preferred = np.zeros(len(audited), dtype=bool)
    for finding in conflicting:
        preferred[finding.indices[finding.keep]] = True
    codes = _codes(audited.groups, len(audited))
    findings = [
        _copies_within(audited, repeated, codes, preferred),
        _lookalikes_within(repeated, codes),
    ]
    if audited.why_no_comparison is None:
        findings += _across(audited, repeated, codes)
    return findings + conflicting


def _copies_within(
    audited: Audited,
    repeated: RepeatedImages,
    codes: NDArray[np.intp],
    preferred: NDArray[np.bool_],
) -> Finding:
    sets = _by_size(sets_of(repeated.copy_of, codes))
    kept = [images[np.argmax(preferred[images])] for images in sets]
    indices = joined(sets)
    copies = np.repeat([len(images) for images in sets], [len(images) for images in sets])
    training = audited.in_training[indices]
    return Finding(
        kind="exact-duplicates",
        title="Images that appear more than once",
        explanation=(
            f"{_times(audited, sets)}. A model learns from an image as often as it appears, and "
            "if the copies are divided between training and validation, the score is inflated. "
            "Give each copy its share of one image's weight (sample_weight), or keep one of each "
            "(keep)."
        ),
        indices=indices,
        groups=sets,
        scores=copies,
        score_name="number of copies",
        sample_weight=np.where(training, 1 / np.maximum(copies, 1), 1.0),
        keep=~training | np.isin(indices, kept),
    )


def _lookalikes_within(repeated: RepeatedImages, codes: NDArray[np.intp]) -> Finding:
    sets = repeated.most_alike_first(repeated.near_within(codes))
    indices = joined(sets)
    return Finding(
        kind="near-duplicates",
        title="Near duplicates",
        explanation=(
            f"{count(len(indices), 'image')} in {count(len(sets), 'set')} differ from one of their "
            "set by compression, brightness or a small shift alone; of exact copies, one is "
            "counted. They do no harm in training, but divided between training and validation "
            "they inflate the score: give the audit's same_image to StratifiedGroupKFold as its "
            "groups."
        ),
        indices=indices,
        groups=sets,
        scores=repeated.similarity[indices],
        score_name="similarity",
    )


def _across(audited: Audited, repeated: RepeatedImages, codes: NDArray[np.intp]) -> list[Finding]:
    copies, like = repeated.across(codes)
    told = np.zeros(len(audited), dtype=bool)
    told[joined(copies)] = True
    like = [images for images in like if not told[images].all()]
    exactly = _shared(audited, repeated, copies, lambda first: [first], np.zeros_like(told))
    nearly = _shared(audited, repeated, like, repeated.like, told)
    return [
        _leaking(
            audited,
            "across-groups",
            "Images that appear in more than one group",
            f"{exactly}.",
            _by_size(copies),
            repeated,
        ),
        _leaking(
            audited,
            "near-across-groups",
            "Near duplicates across groups",
            f"Beyond exact copies, {nearly}, changed by compression, brightness or a small shift "
            "alone.",
            repeated.most_alike_first(like),
            repeated,
        ),
    ]


def _leaking(
    audited: Audited,
    kind: str,
    title: str,
    explanation: str,
    sets: Sets,
    repeated: RepeatedImages,
) -> Finding:
    indices = joined(sets)
    training = audited.in_training[indices]
    return Finding(
        kind=kind,
        title=title,
        explanation=(
            f"{explanation} On such an image a score measures memory. Leave the copies in "
            f"{audited.train_group} out, so that the other groups stay whole and their scores can "
            "be compared; for a model that has been fitted already, score without them."
        ),
        indices=indices,
        groups=sets,
        scores=repeated.similarity[indices],
        score_name="similarity",
        sample_weight=np.where(training, 0.0, 1.0),
        keep=~training,
    )


def _codes(values: NDArray[Any] | None, n_images: int) -> NDArray[np.intp]:
    if values is None:
        return np.zeros(n_images, dtype=np.intp)
    codes: NDArray[np.intp] = np.unique(values, return_inverse=True)[1]
    return codes


def _by_size(sets: Sets) -> Sets:
    return sorted(sets, key=lambda images: (-len(images), images[0]))


def _times(audited: Audited, sets: Sets) -> str:
    """Say how many images appear how many times in each group."""
    n_images: Counter[Any] = Counter()
    n_copies: Counter[Any] = Counter()
    for images in sets:
        group = None if audited.groups is None else audited.groups[images[0]]
        n_images[group] += 1
        n_copies[group] += len(images)
    words = [
        f"{count(n, 'image appears', 'images appear')} {n_copies[group]:,} times"
        f"{'' if group is None else f' in {group}'}"
        for group, n in n_images.most_common()
    ]
    return in_words(words) if words else "No image appears twice"


def _shared(
    audited: Audited,
    repeated: RepeatedImages,
    sets: Sets,
    like: Callable[[int], list[int]],
    told: NDArray[np.bool_],
) -> str:
    """Say how many images of one group appear in another, without those that were told of."""
    groups = audited.groups
    assert groups is not None
    n_shared: Counter[tuple[Any, Any]] = Counter()
    for first in np.unique(repeated.copy_of[joined(sets)]).tolist():
        present = {group for other in like(first) for group in groups[repeated.copies(other)]}
        copies = repeated.copies(first)
        for group, n in Counter(groups[copies[~told[copies]]]).items():
            for other in present - {group}:
                n_shared[group, other] += n

    def training_first(group: Any) -> tuple[bool, Any]:
        return group != audited.train_group, group

    between = {tuple(sorted(pair, key=training_first)) for pair in n_shared}
    by_number = sorted(between, key=lambda pair: (-n_shared[pair[::-1]], pair))
    words = [
        f"{count(n, 'image')} of {other} also {'appears' if n == 1 else 'appear'} in {one} "
        f"({count(n_shared[one, other], 'image')} there)"
        for one, other in by_number
        for n in [n_shared[other, one]]
    ]
    return in_words(words) if words else "no image is shared"
