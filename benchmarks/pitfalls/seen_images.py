"""What released models score on images that they have learned, and on others.

    python benchmarks/pitfalls/seen_images.py fer2013.csv

As many images of Training as PublicTest has, drawn at random, beside PublicTest: all of it, what
Training holds too, exactly or nearly, and what is left.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from ferclassifier import load_fer2013, load_pretrained

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import table
from _shared.public_test import public_test


def main() -> None:
    """Score each model on each part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--models", nargs="+", default=["tiny", "compact", "best"])
    args = parser.parse_args()

    test = public_test(args.data)
    unseen = test.subsets["without_near_duplicates"]
    train = load_fer2013(args.data, subset="train")
    drawn = np.random.default_rng(0).choice(len(train.images), len(test.images), replace=False)
    parts = {
        "of Training": (train.images[drawn], train.target[drawn]),
        "of PublicTest": (test.images, test.labels),
        "of these, in Training too": (test.images[~unseen], test.labels[~unseen]),
        "of these, not in Training": (test.images[unseen], test.labels[unseen]),
    }
    models = {name: load_pretrained(name, runtime="onnx") for name in args.models}
    rows: list[dict[str, object]] = [
        {
            "images": part,
            "number": f"{len(images):,}",
            **{f"`{name}`": f"{clf.score(images, y):.3f}" for name, clf in models.items()},
        }
        for part, (images, y) in parts.items()
    ]
    print(table(rows))


if __name__ == "__main__":
    main()
