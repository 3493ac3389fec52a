"""Images that are the same, or nearly so, under different labels."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import count
from ferclassifier.audit._audited import Audited
from ferclassifier.audit._finding import Finding
from ferclassifier.audit._image_sets import joined

if TYPE_CHECKING:
    from ferclassifier.audit._likeness import RepeatedImages


def find_conflicting(audited: Audited, repeated: RepeatedImages) -> Finding:
    """Find images of which a copy or near duplicate has another label.

    Of each set one image is suggested to stay, or all of them at a share of one image's weight:
    of those that models are fitted on, and that appear in no other group, where they are left out.
    """
    assert audited.y is not None
    _, codes = np.unique(audited.y, return_inverse=True)
    _, sets = repeated.across(codes)
    sets = repeated.most_alike_first(sets)
    free = audited.in_training & ~repeated.are_like(~audited.in_training)
    weights, keep = np.ones(len(audited)), ~audited.in_training
    for images in sets:
        weights[images[audited.in_training[images]]] = 0
        weights[images[free[images]]] = 1 / max(1, int(free[images].sum()))
    keep[_best_labelled([images[free[images]] for images in sets], codes, repeated)] = True
    indices = joined(sets)
    return Finding(
        kind="conflicting-labels",
        title="The same image under different labels",
        explanation=(
            f"{count(len(indices), 'image')} in {count(len(sets), 'set')} "
            f"{'has' if len(indices) == 1 else 'have'} a copy or near duplicate with another "
            "label, and at most one of the two is right. Let the images of a set share one "
            "image's weight (sample_weight), which teaches each label as often as it was given; "
            "or keep one, with the label that most of those near it have (keep)."
        ),
        indices=indices,
        groups=sets,
        scores=repeated.similarity[indices],
        score_name="similarity",
        sample_weight=weights[indices],
        keep=keep[indices],
    )


def _best_labelled(
    sets: list[NDArray[np.intp]], codes: NDArray[np.intp], repeated: RepeatedImages
) -> list[int]:
    """Choose an image of each set, so that none contradicts another one that is near to it.

    The more images near it have its label, the better; then the fewer have another one, so that
    it contradicts few of other sets; then the first. Small sets choose first, as they have the
    least choice.
    """
    labels = {
        first: Counter(codes[repeated.copies(first)].tolist())
        for images in sets
        for image in repeated.copy_of[images].tolist()
        for first in repeated.like(image)
    }
    chosen: dict[int, int] = {}
    kept = []

    def rank(image: int) -> tuple[bool, int, int, int]:
        code, like = codes[image], repeated.like(int(repeated.copy_of[image]))
        contradicts = any(chosen.get(first, code) != code for first in like)
        n_same = sum(labels[first][code] for first in like)
        n_others = sum(labels[first].total() for first in like) - n_same
        return contradicts, -n_same, n_others, image

    for images in sorted((s.tolist() for s in sets if len(s)), key=lambda s: (len(s), s)):
        kept.append(min(images, key=rank))
        chosen[int(repeated.copy_of[kept[-1]])] = codes[kept[-1]]
    return kept
