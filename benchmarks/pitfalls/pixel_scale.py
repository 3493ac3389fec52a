"""What a network answers to pixels on another scale than those that it was trained on.

    python benchmarks/pitfalls/pixel_scale.py fer2013.csv

`compact` learned from bytes. Its network as a plain Keras model takes whatever it is given; the
classifier does not.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from ferclassifier import load_fer2013, load_pretrained

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table


def main() -> None:
    """Score PublicTest on three scales."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    args = parser.parse_args()

    test = load_fer2013(args.data, subset="validation")
    clf = load_pretrained("compact")
    network = clf.to_keras()
    bytes_as_floats = test.images.astype(np.float32)
    scales = {
        "bytes, as in training": bytes_as_floats,
        "divided by 255": bytes_as_floats / 255,
        "in [-1, 1]": bytes_as_floats / 127.5 - 1,
    }
    rows: list[dict[str, object]] = []
    for name, images in scales.items():
        answers = clf.classes_[network.predict(images[..., None], verbose=0).argmax(axis=1)]
        names, counts = np.unique(answers, return_counts=True)
        commonest, share = names[counts.argmax()], counts.max() / len(answers)
        try:
            ours = f"{clf.score(images, test.target):.3f}"
        except ValueError as error:
            ours = type(error).__name__
        rows.append(
            {
                "pixels": name,
                "Keras: accuracy": f"{(answers == test.target).mean():.3f}",
                "commonest answer": f"{commonest}, {100 * share:.0f} %",
                "FERClassifier": ours,
            }
        )
    print(f"{machine()}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
