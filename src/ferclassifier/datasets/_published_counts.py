"""How many images of each emotion FER-2013 was published with."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ferclassifier.exceptions import DataError

# Nobody published a checksum, and copies differ by how their pixels were stored. What every whole
# copy has in common are these numbers, in the order of EMOTIONS.
PUBLISHED_COUNTS = {
    "train": (3995, 436, 4097, 7215, 4830, 3171, 4965),
    "validation": (467, 56, 496, 895, 653, 415, 607),
    "test": (491, 55, 528, 879, 594, 416, 626),
}

_MAX_NAMED = 5


def check_counts(faces: Any, subset: str) -> None:
    """Compare the number of images of each emotion with what was published.

    Parameters
    ----------
    faces : Bunch
        Of `load_fer2013`.
    subset : {"all", "train", "validation", "test"}
        The subset that was loaded.

    Raises
    ------
    DataError
        If there are more or fewer of an emotion in one of the parts.
    """
    names = faces.target_names.tolist()
    expected = Counter(
        {
            (usage, name): n
            for usage, counts in PUBLISHED_COUNTS.items()
            if subset in ("all", usage)
            for name, n in zip(names, counts, strict=True)
        }
    )
    got = Counter(zip(faces.usage.tolist(), faces.target.tolist(), strict=True))
    wrong = [pair for pair, n in expected.items() if got[pair] != n]
    if wrong:
        named = ", ".join(
            f"{usage}/{emotion} {got[usage, emotion]:,} instead of {expected[usage, emotion]:,}"
            for usage, emotion in wrong[:_MAX_NAMED]
        )
        more = f", and {len(wrong) - _MAX_NAMED} more" if len(wrong) > _MAX_NAMED else ""
        raise DataError(
            f"Got {got.total():,} images, but expected the {expected.total():,} of "
            f"subset={subset!r} as published: {named}{more}."
        )
