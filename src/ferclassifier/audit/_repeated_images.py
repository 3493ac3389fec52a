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
from ferclassifier.audit._image_sets import joined, sets_of
from ferclassifier.audit._likeness import RepeatedImages, Sets


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
