"""Where FER-2013's faces have their eyes and mouths, by our detector: what crops are aligned to.

    python benchmarks/photos/eyes.py FER2013

FER2013 is the CSV file or the folder that `load_fer2013` reads. Each face of Training is enlarged
to 120 pixels, in the middle of a gray picture, and looked at closely, as the detector does in the
end. Places are in shares of the crop's side, from its left and its top; the spread is the median
deviation from the median, times 1.48.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import table
from ferclassifier import load_fer2013
from ferclassifier.faces import LANDMARKS
from ferclassifier.faces._search import look_closely

SIDE, BORDER = 120, 72
# Where a face may be: what detection gives for most.
BOX = np.array([0.13, 0.2, 0.87, 0.94], np.float32) * SIDE + BORDER
THRESHOLD = 0.6


def main() -> None:
    """Print the places of landmarks, and how boxes lie in the crops."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data")
    parser.add_argument("--every", type=int, default=1, help="take one of so many faces")
    args = parser.parse_args()
    images = load_fer2013(args.data, subset="train").images[:: args.every]
    landmarks, boxes = [], []
    for image in images:
        face = look_closely(framed(image), BOX)
        if face is not None and face.scores[0] >= THRESHOLD:
            landmarks.append((face.landmarks[0] - BORDER) / SIDE)
            boxes.append((face.boxes[0] - BORDER) / SIDE)
    print(f"found in {len(boxes):,} of {len(images):,} images\n")
    places, corners = np.array(landmarks), np.array(boxes)
    print(table([{"landmark": name, **row_of(places[:, i])} for i, name in enumerate(LANDMARKS)]))
    eyes = places[:, 1] - places[:, 0]
    sides = (corners[:, 2:] - corners[:, :2]).max(axis=1)
    centres = (corners[:, 2:] + corners[:, :2]) / 2
    print()
    for what, values in {
        "distance of the eyes": np.hypot(*eyes.T),
        "angle of the eyes, degrees": np.degrees(np.arctan2(eyes[:, 1], eyes[:, 0])),
        "side of the box": sides,
        "x of the box's centre": centres[:, 0],
        "y of the box's centre": centres[:, 1],
    }.items():
        print(
            f"{what}: median {np.median(values):.3f}, mean {values.mean():.3f}, "
            f"spread {spread(values):.3f}"
        )


def framed(image: np.ndarray) -> Image.Image:
    """Enlarge a face, and lay a border around it."""
    picture = Image.new("RGB", (SIDE + 2 * BORDER,) * 2, "gray")
    face = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    picture.paste(face, (BORDER, BORDER))
    return picture


def row_of(xy: np.ndarray) -> dict[str, object]:
    """Return medians, means and spreads of places."""
    median, mean = np.median(xy, axis=0), xy.mean(axis=0)
    return {
        "x, median": f"{median[0]:.3f}",
        "y, median": f"{median[1]:.3f}",
        "x, mean": f"{mean[0]:.3f}",
        "y, mean": f"{mean[1]:.3f}",
        "x, spread": f"{spread(xy[:, 0]):.3f}",
        "y, spread": f"{spread(xy[:, 1]):.3f}",
    }


def spread(values: np.ndarray) -> float:
    """Return the standard deviation of normal values that have this median deviation."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


if __name__ == "__main__":
    main()
