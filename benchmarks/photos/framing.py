"""How much a model's accuracy depends on framing: crops of PublicTest shifted, zoomed and turned.

    python benchmarks/photos/framing.py FER2013 [--model compact]

FER2013 is the CSV file or the folder that `load_fer2013` reads. What comes into a crop from beyond
its edges are the pixels of the edge, repeated.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import table
from ferclassifier import load_fer2013, load_pretrained
from ferclassifier.faces._frames import Frame, cut

SIDE = 48
SHIFTS = (0.04, 0.08, 0.12, 0.16)
ZOOMS = (0.75, 0.85, 0.93, 1.07, 1.15, 1.3)
DEGREES = (5, 10, 15, 20)


def main() -> None:
    """Print a table of changes and accuracies."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data")
    parser.add_argument("--model", default="compact")
    parser.add_argument("--limit", type=int, help="use only so many faces, to try it out")
    args = parser.parse_args()
    test = load_fer2013(args.data, subset="validation")
    images, labels = test.images[: args.limit], test.target[: args.limit]
    model = load_pretrained(args.model)
    middle = SIDE / 2
    frames = {"as they are": Frame(middle, middle, SIDE)}
    for share in SHIFTS:
        for name, x, y in (("left", 1, 0), ("up", 0, 1), ("down", 0, -1)):
            place = (middle + share * SIDE * x, middle + share * SIDE * y)
            frames[f"face shifted {name} by {share:.0%}"] = Frame(*place, SIDE)
    for zoom in ZOOMS:
        frames[f"face {zoom} times as large"] = Frame(middle, middle, SIDE / zoom)
    for degrees in DEGREES:
        frames[f"turned by {degrees} degrees"] = Frame(middle, middle, SIDE, np.radians(degrees))
    accuracies = {}
    for name, frame in frames.items():
        changed = np.array([_cut(image, frame) for image in images])
        accuracies[name] = 100 * (model.predict(changed) == labels).mean()
    first = accuracies["as they are"]
    rows: list[dict[str, object]] = [
        {"crops": name, "accuracy, %": f"{accuracy:.1f}", "change": f"{accuracy - first:+.1f}"}
        for name, accuracy in accuracies.items()
    ]
    print(table(rows))


def _cut(image: np.ndarray, frame: Frame) -> np.ndarray:
    return cut(np.repeat(image[..., None], 3, axis=2), frame, (SIDE, SIDE), 1)[..., 0]


if __name__ == "__main__":
    main()
