"""What a start from released weights is worth on 1,000 images, and at which learning rate.

    python benchmarks/fits/initial_weights.py fer2013.csv

PublicTest in three new classes, and drawn faces: none of the images trained the released model.
1,000 images of each are fitted for two epochs, and others scored.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from ferclassifier import RECIPES, FERClassifier, load_fer2013, make_faces

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table

N_TRAINING = 1_000
N_DRAWN_TEST = 400
MOODS = {"happy": "good", "surprise": "good", "neutral": "neutral"}  # and bad
STARTS = [(None, 0.08), *(("compact", rate) for rate in (0.08, 0.024, 0.008, 0.0024, 0.0008))]


def main() -> None:
    """Print a table of accuracies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    args = parser.parse_args()
    faces = load_fer2013(args.data, subset="validation")
    moods = np.array([MOODS.get(emotion, "bad") for emotion in faces.target])
    order = np.random.RandomState(0).permutation(len(moods))
    data = {
        "three moods": (faces.images[order], moods[order]),
        "drawn faces": make_faces(N_TRAINING + N_DRAWN_TEST, random_state=0),
    }
    rows: list[dict[str, object]] = []
    for weights, rate in STARTS:
        row: dict[str, object] = {"initial weights": str(weights), "learning rate": rate}
        for name, (X, y) in data.items():
            params = {**RECIPES["plain"], "epochs": 2}
            clf = FERClassifier(
                **params, initial_weights=weights, learning_rate=rate, random_state=0
            )
            clf.fit(X[:N_TRAINING], y[:N_TRAINING])
            row[name] = f"{clf.score(X[N_TRAINING:], y[N_TRAINING:]):.3f}"
        print(row, flush=True)
        rows.append(row)
    print(f"\n{machine()}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
