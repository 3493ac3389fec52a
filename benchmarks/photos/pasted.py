"""How right is it on photographs? Faces of PublicTest, pasted into pictures and found again.

    python benchmarks/photos/pasted.py FER2013 [--model compact] [--start 2 --every 3]

FER2013 is the CSV file or the folder that `load_fer2013` reads. Each face is pasted once, of 40 to
300 pixels and turned by up to 20 degrees, in groups of one to nine on drawn backgrounds of 1280 by
960 pixels. It goes through detection, alignment and the model; beside that, the model's answer to
the crop as it stands in FER-2013. The accuracies are those of the faces that were found.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from _pasting import Pasted, photos_of

from _shared.machine import table
from ferclassifier import load_fer2013, load_pretrained
from ferclassifier.faces._crops import crops_of
from ferclassifier.faces._faces import Face
from ferclassifier.faces._frames import frame_of
from ferclassifier.images._photos import Photo

SIZES = (40, 50, 60, 80, 120, 200, 300)
MOST_DEGREES = 20
ANGLES = (0, 5, 10, 15, 20)


def main() -> None:
    """Print tables by size and by angle."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data")
    parser.add_argument("--model", default="compact")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="the row of the first face")
    parser.add_argument("--every", type=int, default=1, help="take one of so many faces")
    parser.add_argument("--limit", type=int, help="use only so many faces")
    args = parser.parse_args()
    test = load_fer2013(args.data, subset="validation")
    rows = slice(args.start, None, args.every)
    images, labels = test.images[rows][: args.limit], test.target[rows][: args.limit]
    rng = np.random.default_rng(args.seed)
    crops = np.zeros_like(images)
    found = np.zeros(len(images), dtype=bool)
    size, angle = np.zeros(len(images)), np.zeros(len(images))
    n_photos = n_false = 0
    seconds = 0.0
    for picture, pasted in photos_of(images, rng, SIZES, MOST_DEGREES):
        begin = time.perf_counter()
        pixels = np.asarray(picture)
        cut_out = crops_of(Photo(pixels, pixels.shape[:2]))
        seconds += time.perf_counter() - begin
        n_photos += 1
        matched = match(pasted, [face for face, _ in cut_out])
        n_false += len(cut_out) - len(matched)
        for face in pasted:
            size[face.row], angle[face.row] = face.size, abs(face.angle)
        for place, row in matched.items():
            found[row], crops[row] = True, cut_out[place][1][..., 0]
    model = load_pretrained(args.model)
    direct = model.predict(images) == labels
    cropped = found.copy()
    cropped[found] = model.predict(crops[found]) == labels[found]
    print(
        f"{n_photos} photos, {1000 * seconds / n_photos:.0f} ms each; "
        f"{n_false} detections where no face was pasted\n"
    )
    lines = [row_of(f"{s} pixels", size == s, found, direct, cropped) for s in SIZES]
    lines += [
        row_of(
            f"60 and more, {low} to {high} degrees",
            (size >= 60) & (angle >= low) & (angle < high),
            found,
            direct,
            cropped,
        )
        for low, high in pairwise(ANGLES)
    ]
    lines.append(row_of("60 and more", size >= 60, found, direct, cropped))
    print(table(lines))


def match(pasted: list[Pasted], faces: list[Face | None]) -> dict[int, int]:
    """Say of which pasted face each crop is, by its frame; of several, the first is taken."""
    matched: dict[int, int] = {}
    for place, face in enumerate(faces):
        if face is None:
            continue
        frame = frame_of(face)
        for one in pasted:
            is_near = np.hypot(frame.x - one.x, frame.y - one.y) < 0.35 * one.size
            if is_near and 0.5 < frame.side / one.size < 2 and one.row not in matched.values():
                matched[place] = one.row
                break
    return matched


def row_of(
    name: str, chosen: np.ndarray, found: np.ndarray, direct: np.ndarray, cropped: np.ndarray
) -> dict[str, object]:
    """Return a row of the table."""
    both = chosen & found
    difference = cropped[both].astype(float) - direct[both]
    return {
        "faces": name,
        "number": chosen.sum(),
        "found, %": f"{100 * found[chosen].mean():.1f}",
        "direct crop, %": f"{100 * direct[both].mean():.1f}",
        "found and cropped, %": f"{100 * cropped[both].mean():.1f}",
        "difference": f"{100 * difference.mean():+.1f} ± "
        f"{100 * difference.std() / np.sqrt(both.sum()):.1f}",
    }


if __name__ == "__main__":
    main()
