"""How much a score gains when the epoch is chosen on the images that are scored.

    python benchmarks/pitfalls/choosing_epoch.py fer2013.csv

A small network is trained on images of Training at a constant learning rate, and answers all of
PublicTest after each epoch. Then test sets of several sizes are drawn from PublicTest a thousand
times: the epoch that is best on one half scores on that half what it is reported with, and on the
other half what it is worth. The mean over the draws is printed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ferclassifier import FERClassifier, load_fer2013

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table

DRAWS = 1000


def main() -> None:
    """Train, and choose on halves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--images", type=int, default=4000)
    parser.add_argument("--epochs", type=int, default=30)
    args = parser.parse_args()

    train = load_fer2013(args.data, subset="train")
    test = load_fer2013(args.data, subset="validation")
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(train.images), args.images, replace=False)
    X, y = train.images[chosen], train.target[chosen]
    clf = FERClassifier(
        "gap_cnn",
        architecture_params={"filters": (16, 32, 64), "dense": 64},
        optimizer="adam",
        learning_rate=2e-3,
        batch_size=64,
        random_state=0,
    )
    is_right = np.empty((args.epochs, len(test.images)), dtype=bool)
    for epoch in range(args.epochs):
        order = rng.permutation(len(X))
        clf.partial_fit(X[order], y[order], classes=np.unique(y))
        is_right[epoch] = clf.predict(test.images) == test.target
        print(f"epoch {epoch + 1}: {is_right[epoch].mean():.3f}", file=sys.stderr, flush=True)

    sizes = (100, 300, 1000, len(test.images) // 2)
    print(f"{machine()}\n\n{table([scores(is_right, n, rng) for n in sizes])}")


def scores(is_right: NDArray[np.bool_], n: int, rng: np.random.Generator) -> dict[str, object]:
    """Return the mean score on `n` images that chose the epoch, and on `n` others."""
    reported, worth = [], []
    for _ in range(DRAWS):
        drawn = rng.permutation(is_right.shape[1])
        here, there = (
            is_right[:, drawn[:n]].mean(axis=1),
            is_right[:, drawn[n : 2 * n]].mean(axis=1),
        )
        best = here.argmax()
        reported.append(here[best])
        worth.append(there[best])
    return {
        "images in the test": f"{n:,}",
        "reported": f"{np.mean(reported):.3f}",
        "on as many others": f"{np.mean(worth):.3f}",
        "too high by": f"{np.mean(reported) - np.mean(worth):.3f}",
    }


if __name__ == "__main__":
    main()
