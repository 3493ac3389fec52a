"""Faces on real photos: how many are found, changed in size, angle, light and noise.

    python benchmarks/photos/real_photos.py PORTRAITS WITHOUT

PORTRAITS is a folder of photos that show one face each, WITHOUT one of pictures that show none. In
the documentation they are scikit-image's astronaut (NASA), matplotlib's grace_hopper (US Navy) and
the portraits by the White House in the tests of face_recognition 1.3; and scikit-image's and
scikit-learn's other pictures. Each change is also made to montages of four and of nine of them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import table
from ferclassifier.faces import detect_faces

# The side of the box of each face, in pixels, in the pictures that are changed.
FACE = 110
CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as they are": lambda photo: photo,
    **{
        f"faces of {size} pixels": lambda photo, size=size: scaled(photo, size / FACE)
        for size in (60, 40, 30, 20)
    },
    **{
        f"turned by {angle} degrees": lambda photo, angle=angle: turned(photo, angle)
        for angle in (15, 30, 45, 90, 180, 270)
    },
    "a quarter of the light": lambda photo: photo.point(lambda level: level * 0.25),
    "a tenth of the light": lambda photo: photo.point(lambda level: level * 0.1),
    "gray": lambda photo: photo.convert("L").convert("RGB"),
    "noise of 25": lambda photo: noisy(photo, 25),
    "noise of 50": lambda photo: noisy(photo, 50),
    "JPEG of quality 15": lambda photo: compressed(photo, 15),
}


def main() -> None:
    """Print how many faces are found, and how many where there are none."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("portraits", type=Path)
    parser.add_argument("without", type=Path)
    args = parser.parse_args()
    portraits = [normalised(path) for path in sorted(args.portraits.iterdir())]
    pictures = [(photo, 1) for photo in portraits]
    for n in (4, 9):
        chosen = [portraits[i % len(portraits)] for i in range(n)]
        pictures.append((montage(chosen), n))
    rows = []
    for name, change in CHANGES.items():
        found = false = 0
        begin = time.perf_counter()
        for picture, n in pictures:
            n_found = len(detect_faces(change(picture)).scores)
            found, false = found + min(n_found, n), false + max(n_found - n, 0)
        seconds = time.perf_counter() - begin
        n_faces = sum(n for _, n in pictures)
        rows.append(
            {
                "photos": name,
                "faces": n_faces,
                "found": found,
                "too many": false,
                "ms a photo": f"{1000 * seconds / len(pictures):.0f}",
            }
        )
    print(table(rows))
    without = sorted(args.without.iterdir())
    begin = time.perf_counter()
    false = {path.name: detect_faces(path).scores.round(2).tolist() for path in without}
    seconds = time.perf_counter() - begin
    print(
        f"\nin {len(without)} pictures without faces, {1000 * seconds / len(without):.0f} ms each: "
        f"{sum(map(len, false.values()))} found"
    )
    print({name: scores for name, scores in false.items() if scores})


def normalised(path: Path) -> Image.Image:
    """Bring a portrait to one size of its face, and cut away what is far from it."""
    photo = Image.open(path).convert("RGB")
    faces = detect_faces(photo)
    left, top, right, bottom = faces.boxes[0].tolist()
    reach = 1.6 * (right - left)
    x, y = (left + right) / 2, (top + bottom) / 2
    box = (
        max(x - reach, 0),
        max(y - reach, 0),
        min(x + reach, photo.width),
        min(y + reach, photo.height),
    )
    return scaled(photo.crop([round(place) for place in box]), FACE / (right - left))


def montage(photos: list[Image.Image]) -> Image.Image:
    """Lay photos side by side."""
    n = round(len(photos) ** 0.5)
    width, height = (max(photo.size[i] for photo in photos) for i in (0, 1))
    picture = Image.new("RGB", (n * width, n * height), "gray")
    for i, photo in enumerate(photos):
        picture.paste(photo, (i % n * width, i // n * height))
    return picture


def scaled(photo: Image.Image, factor: float) -> Image.Image:
    """Make a photo so many times as large."""
    size = [max(1, round(n * factor)) for n in photo.size]
    return photo.resize(size, Image.Resampling.LANCZOS)


def turned(photo: Image.Image, angle: float) -> Image.Image:
    """Turn a photo, with gray around it."""
    return photo.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="gray")


def noisy(photo: Image.Image, deviation: float) -> Image.Image:
    """Add normal noise of so many levels."""
    pixels = np.asarray(photo, dtype=float)
    pixels = pixels + np.random.default_rng(0).normal(0, deviation, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def compressed(photo: Image.Image, quality: int) -> Image.Image:
    """Write a photo as JPEG, and read it again."""
    import io

    file = io.BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


if __name__ == "__main__":
    main()
