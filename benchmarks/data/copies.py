"""How well a network tells the changed copies of a sampler from images as they were.

    python benchmarks/data/copies.py fer2013.csv

`compact` is trained for four epochs on 1,200 PublicTest images and changed copies of 1,200 others,
and tested on as many again. An accuracy of 0.5 is what is wanted: where copies can be told, a
network takes their traces for the class that was filled with them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table


def main() -> None:
    """Try every preset, with and without augmentation in the network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    args = parser.parse_args()

    from ferclassifier import RECIPES, FERClassifier, ImageAugmenter, load_fer2013
    from ferclassifier.augmentation import PRESETS

    faces = load_fer2013(args.data, subset="validation")
    n = len(faces.images)
    rows = []
    for strength in PRESETS:
        sampler = ImageAugmenter(strength=strength, random_state=0)
        images, _ = sampler.fit_resample(faces.images, faces.target)
        X, y = half_and_half(images, n, slice(0, 1200), slice(1200, 2400))
        X_test, y_test = half_and_half(images, n, slice(2400, 3000), slice(3000, n))
        row: dict[str, object] = {"strength": strength}
        for augmentation in (None, "light"):
            params = {**RECIPES["plain"], "epochs": 4, "augmentation": augmentation}
            clf = FERClassifier(**params, random_state=0).fit(X, y)
            row[f"augmentation={augmentation!r}"] = f"{clf.score(X_test, y_test):.2f}"
        rows.append(row)
    print(f"{machine()}\n\n{table(rows)}")


def half_and_half(images: Any, n: int, given: slice, copied: slice) -> tuple[Any, Any]:
    """Put some images and the copies of some others together; the copies begin at `n`."""
    copies = images[n + copied.start : n + copied.stop]
    originals = images[given]
    return np.concatenate([originals, copies]), np.repeat([0, 1], [len(originals), len(copies)])


if __name__ == "__main__":
    main()
