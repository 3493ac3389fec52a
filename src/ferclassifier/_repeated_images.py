"""Images that appear more than once: within a group, across groups, under different labels."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._audited import Audited
from ferclassifier._finding import NO_IMAGES, Finding
from ferclassifier._image_sets import first_connected, sets_of
from ferclassifier._near_duplicates import exact_duplicates, near_duplicates
from ferclassifier._wording import count, in_words

Sets = list[NDArray[np.intp]]


class RepeatedImages:
    """Which images are the same, and which are nearly so.

    Parameters
    ----------
    audited : Audited
    is_visible : ndarray of shape (n,), bool
        Images that show nothing are left out: they are all alike.

    Attributes
    ----------
    copy_of : ndarray of shape (n,), int
        For each image, the first that equals it.
    like : ndarray of shape (n,), int
        For each image, the first of those that it is a copy or near duplicate of.
    similarity : ndarray of shape (n,)
        That of the nearest other image: 1 for copies, 0 where nothing comes near.
    """

    def __init__(self, audited: Audited, is_visible: NDArray[np.bool_]) -> None:
        n_images = len(audited)
        copy_of = exact_duplicates(audited.images)
        self.copy_of = np.where(is_visible, copy_of, np.arange(n_images))
        pairs, similarity = near_duplicates(audited.gray, copy_of=copy_of)
        near = is_visible[pairs].all(axis=1)
        pairs, similarity = pairs[near], similarity[near]
        copies = np.stack([self.copy_of, np.arange(n_images)], axis=1)
        self.like = first_connected(n_images, np.concatenate([copies, pairs]))
        self.similarity = np.zeros(n_images)
        np.maximum.at(self.similarity, pairs.ravel(), np.repeat(similarity, 2))
        self.similarity = self.similarity[self.copy_of]
        self.similarity[np.bincount(self.copy_of, minlength=n_images)[self.copy_of] > 1] = 1.0


def find_repeated(audited: Audited, repeated: RepeatedImages) -> list[Finding]:
    """Find what appears more than once, as far as labels and groups are known."""
    findings = [_copies_within(audited, repeated), _lookalikes_within(audited, repeated)]
    if audited.why_no_comparison is None:
        findings += [_copies_across(audited, repeated), _lookalikes_across(audited, repeated)]
    if audited.y is not None:
        findings.append(_conflicting(audited, repeated))
    return findings


def _copies_within(audited: Audited, repeated: RepeatedImages) -> Finding:
    codes = _codes(audited.groups, len(audited))
    sets = _by_size(sets_of(repeated.copy_of, codes))
    kept = [_best_labelled(images, audited.y) for images in sets]
    indices = _joined(sets)
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


def _lookalikes_within(audited: Audited, repeated: RepeatedImages) -> Finding:
    codes = _codes(audited.groups, len(audited))
    distinct = [_first_copies(i, repeated) for i in sets_of(repeated.like, codes)]
    sets = _by_similarity([images for images in distinct if len(images) > 1], repeated)
    indices = _joined(sets)
    return Finding(
        kind="near-duplicates",
        title="Near duplicates",
        explanation=(
            f"{count(len(indices), 'image')} in {count(len(sets), 'set')} differ by compression, "
            "brightness or a small shift alone; of exact copies, one is counted. They do no harm "
            "in training, but divided between training and validation they inflate the "
            "score: give the audit's same_image to StratifiedGroupKFold as its groups."
        ),
        indices=indices,
        groups=sets,
        scores=repeated.similarity[indices],
        score_name="similarity",
    )


def _copies_across(audited: Audited, repeated: RepeatedImages) -> Finding:
    sets = _by_size(_across(sets_of(repeated.copy_of), audited))
    return _leaking(
        audited,
        "across-groups",
        "Images that appear in more than one group",
        f"{_shared(audited, sets)}.",
        sets,
        repeated,
    )


def _lookalikes_across(audited: Audited, repeated: RepeatedImages) -> Finding:
    told = np.zeros(len(audited), dtype=bool)
    told[_joined(_across(sets_of(repeated.copy_of), audited))] = True
    sets = [images for images in _across(sets_of(repeated.like), audited) if not told[images].all()]
    sets = _by_similarity(sets, repeated)
    return _leaking(
        audited,
        "near-across-groups",
        "Near duplicates across groups",
        f"Beyond exact copies, {_shared(audited, sets, told)}, changed by compression, brightness "
        "or a small shift alone.",
        sets,
        repeated,
    )


def _leaking(
    audited: Audited,
    kind: str,
    title: str,
    explanation: str,
    sets: Sets,
    repeated: RepeatedImages,
) -> Finding:
    indices = _joined(sets)
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


def _conflicting(audited: Audited, repeated: RepeatedImages) -> Finding:
    y = audited.y
    assert y is not None
    sets = [images for images in sets_of(repeated.like) if len(np.unique(y[images])) > 1]
    sets = _by_similarity(sets, repeated)
    indices = _joined(sets)
    weights, keep = np.ones(len(audited)), np.ones(len(audited), dtype=bool)
    for images in sets:
        trained = images[audited.in_training[images]]
        weights[trained] = 1 / max(1, len(trained))
        keep[trained] = y[trained] == _majority(y[trained])
    return Finding(
        kind="conflicting-labels",
        title="The same image under different labels",
        explanation=(
            f"{count(len(sets), 'image')} with copies or near duplicates, "
            f"{count(len(indices), 'image')} in all, "
            f"{'has' if len(sets) == 1 else 'have'} more than one label, of which at most one is "
            "right. Let the copies share one image's weight (sample_weight), which teaches each "
            "label as often as it was given; or keep the label that most copies have, and none "
            "where no label has more than the others (keep)."
        ),
        indices=indices,
        groups=sets,
        scores=repeated.similarity[indices],
        score_name="similarity",
        sample_weight=weights[indices],
        keep=keep[indices],
    )


def _codes(values: NDArray[Any] | None, n_images: int) -> NDArray[np.intp]:
    if values is None:
        return np.zeros(n_images, dtype=np.intp)
    codes: NDArray[np.intp] = np.unique(values, return_inverse=True)[1]
    return codes


def _across(sets: Sets, audited: Audited) -> Sets:
    codes = _codes(audited.groups, len(audited))
    return [images for images in sets if len(set(codes[images].tolist())) > 1]


def _first_copies(images: NDArray[np.intp], repeated: RepeatedImages) -> NDArray[np.intp]:
    return images[np.sort(np.unique(repeated.copy_of[images], return_index=True)[1])]


def _by_size(sets: Sets) -> Sets:
    return sorted(sets, key=lambda images: (-len(images), images[0]))


def _by_similarity(sets: Sets, repeated: RepeatedImages) -> Sets:
    return sorted(sets, key=lambda images: (-repeated.similarity[images].max(), images[0]))


def _joined(sets: Sets) -> NDArray[np.intp]:
    return np.concatenate(sets) if sets else NO_IMAGES


def _majority(labels: NDArray[Any]) -> Any:
    """Return the label that appears more often than every other, or None."""
    if not len(labels):
        return None
    names, counts = np.unique(labels, return_counts=True)
    most = names[counts == counts.max()]
    return most[0] if len(most) == 1 else None


def _best_labelled(images: NDArray[np.intp], y: NDArray[Any] | None) -> int:
    """Return the first copy that has the label that most copies have."""
    if y is None:
        return int(images[0])
    _, codes = np.unique(y[images], return_inverse=True)
    return int(images[codes == np.argmax(np.bincount(codes))][0])


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


def _shared(audited: Audited, sets: Sets, told: NDArray[np.bool_] | None = None) -> str:
    """Say how many images of one group appear in another, without those that were told of."""
    groups = audited.groups
    assert groups is not None
    n_shared: Counter[tuple[Any, Any]] = Counter()
    n_copies: Counter[tuple[Any, Any]] = Counter()
    for images in sets:
        present = sorted(np.unique(groups[images]), key=lambda name: name != audited.train_group)
        for one, other in combinations(present, 2):
            new = groups[images] == other
            if told is not None:
                new &= ~told[images]
            n_shared[one, other] += int(new.sum())
            n_copies[one, other] += int((groups[images] == one).sum())
    words = [
        f"{count(n, 'image')} of {other} also {'appears' if n == 1 else 'appear'} in {one} "
        f"({count(n_copies[one, other], 'image')} there)"
        for (one, other), n in n_shared.most_common()
    ]
    return in_words(words) if words else "no image is shared"
