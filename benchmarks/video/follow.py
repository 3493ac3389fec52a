"""What a video costs, whether its times are right, and whether faces keep their numbers.

    python benchmarks/video/follow.py PORTRAIT PORTRAIT

Portraits are photos of one face each, such as matplotlib's grace_hopper.jpg and scikit-image's
astronaut.png, which anybody may use. Videos of 1280 by 720 pixels are made of them, in which they
move; so it is known where each face is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np

from ferclassifier import analyze_video, read_video

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from made import RATE, people, to_and_fro, write

from _shared.machine import machine, table

_MEASURED = """
import json, os, sys, time
start = time.perf_counter()
from ferclassifier import analyze_video
n = sum(1 for _ in analyze_video(sys.argv[1]).frames())
used = __import__("resource").getrusage(__import__("resource").RUSAGE_SELF)
clock, processor = time.perf_counter() - start, used.ru_utime + used.ru_stime
print(json.dumps([n, clock, processor, used.ru_maxrss / 1024]))
"""
# A process begins with the peak of the one that starts it, so that is a small one.
_STARTER = (
    "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', *sys.argv[1:]]))"
)
_STEADY = """
from ferclassifier.photos._steady_memory import keep_memory_steady
keep_memory_steady(n_arenas=2)
"""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("portraits", nargs=2)
    parser.add_argument("--minutes", type=float, default=10, help="of the longest video")
    args = parser.parse_args()
    print(f"{machine()}\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        speed(args.portraits, args.minutes, folder)
        times(args.portraits, folder)
        numbers(args.portraits, folder)
        flips(args.portraits)


def speed(portraits: list[str], minutes: float, folder: Path) -> None:
    """Print frames a second and memory of a process, for videos of three lengths."""
    one, other = people(portraits, [130, 105])
    cast = [(other, to_and_fro(900, 700, 200, 2.0)), (one, to_and_fro(80, 320, 180, 3.0))]
    moments = (np.arange(10 * RATE) / RATE).tolist()
    rows: list[dict[str, object]] = []
    for seconds in (10, 60, round(60 * minutes)):
        write(folder / "film.mp4", cast, moments, repeat=seconds // 10)
        measured = f"{_STEADY}\n{_MEASURED}"
        command = [sys.executable, "-c", _STARTER, measured, str(folder / "film.mp4")]
        n, clock, processor, peak = json.loads(subprocess.check_output(command, env=os.environ))
        rows.append(
            {
                "seconds of video": seconds,
                "frames": n,
                "seconds": f"{clock:.1f}",
                "frames a second": f"{n / clock:.0f}",
                "processor seconds": f"{processor:.1f}",
                "frames a processor second": f"{n / processor:.0f}",
                "peak MB": f"{peak:.0f}",
            }
        )
    print(table(rows), "\n")


def times(portraits: list[str], folder: Path) -> None:
    """Print how far times of a variable rate are off, and how far faces of a turned video."""
    (one,) = people(portraits[:1], [130])
    cast = [(one, to_and_fro(80, 900, 180, 3.0))]
    rng = np.random.default_rng(0)
    moments = np.concatenate([[0.0], np.cumsum(rng.uniform(0.005, 0.2, 150))]).tolist()
    write(folder / "phone.mp4", cast, moments)
    found = [frame.time for frame in read_video(folder / "phone.mp4")]
    off = np.abs(np.subtract(found, moments)).max()
    print(f"Variable rate, {len(found)} of {len(moments)} frames: at most {1000 * off:.3f} ms off.")
    for rotation in (90, 180, 270):
        write(folder / "turned.mp4", cast, [0.0, 0.1], rotation=rotation)
        (row, *_) = analyze_video(folder / "turned.mp4")
        place = np.array([row["left"] + row["right"], row["top"] + row["bottom"]]) / 2
        away = np.linalg.norm(place - one.face_at((80, 180)))
        print(f"Turned by {rotation} degrees: the face is {away:.0f} pixels beside its place.")


def numbers(portraits: list[str], folder: Path) -> None:
    """Print how many faces keep their numbers when they cross, or leave and return."""
    one, other = people(portraits, [120, 100])
    twin_one, twin_other = people([portraits[0]] * 2, [120, 100])
    rows: list[dict[str, object]] = []
    for who, (front, back) in {
        "two people": (one, other),
        "two people, the other in front": (other, one),
        "the same portrait twice": (twin_one, twin_other),
    }.items():
        for seconds in (3.0, 5.0, 8.0):
            cast = [
                (back, lambda t, s=seconds: (round(960 - 900 * t / s), 220)),
                (front, lambda t, s=seconds: (round(60 + 900 * t / s), 200)),
            ]
            rows.append(_kept(f"{who} cross in {seconds:g} s", cast, seconds, folder))
        for away in (0.3, 0.6, 0.9):
            cast = [
                (back, lambda t: (700, 220)),
                (front, lambda t, a=away: None if 1 <= t < 1 + a else (200, 200)),
            ]
            rows.append(_kept(f"{who}, one is away for {away:g} s", cast, 3.0, folder))
    print("\n" + table(rows), "\n")


def _kept(what: str, cast: list, seconds: float, folder: Path) -> dict[str, object]:
    moments = (np.arange(round(seconds * RATE)) / RATE).tolist()
    write(folder / "cast.mp4", cast, moments)
    analysis = analyze_video(folder / "cast.mp4", "tiny")
    of_person: list[set[int]] = [set() for _ in cast]
    wrong = n_seen = 0
    for frame, faces in analysis.frames():
        for number, face in faces:
            left, top, right, bottom = face.box
            distances = [
                np.hypot(
                    *np.subtract(person.face_at(place), ((left + right) / 2, (top + bottom) / 2))
                )
                if (place := where(frame.time)) is not None
                else np.inf
                for person, where in cast
            ]
            if min(distances) < (right - left) / 2:
                n_seen += 1
                of_person[int(np.argmin(distances))].add(number)
            else:
                wrong += 1
    are_kept = [len(found) == 1 for found in of_person]
    return {
        "what": what,
        "numbers of each": " / ".join(str(sorted(found)) for found in of_person),
        "kept": "yes" if all(are_kept) and not of_person[0] & of_person[1] else "no",
        "boxes": n_seen,
        "beside a face": wrong,
    }


def flips(portraits: list[str]) -> None:
    """Print how often the label changes, with and without means in time, and how late these are."""
    cast = people(portraits, [130, 60])
    rows = []
    for half_life in (0.0, 0.1, 0.2):
        n_flips, seconds = 0, 0.0
        for person in cast:
            labels = [
                row["emotion"]
                for row in analyze_video(_trembling(person), half_life=half_life)
                if row["face"] == 0
            ]
            n_flips += sum(a != b for a, b in pairwise(labels))
            seconds += len(labels) / RATE
        rows.append(
            {
                "half-life": f"{half_life:g} s",
                "changes of the label a second": f"{n_flips / seconds:.2f}",
            }
        )
    print(table(rows), "\n")


def _trembling(person) -> object:
    """Yield ten seconds of a portrait between two expressions, under noise, turns and light."""
    from PIL import Image, ImageEnhance

    rng = np.random.default_rng(0)
    for i in range(10 * RATE):
        picture = person.picture.rotate(4 * np.sin(i / 7) + rng.normal(0, 1.5))
        picture = ImageEnhance.Brightness(picture).enhance(0.8 + 0.3 * np.sin(i / 11))
        image = Image.linear_gradient("L").resize((640, 400)).convert("RGB")
        image.paste(picture, (150 + round(rng.normal(0, 1)), 10 + round(rng.normal(0, 1))))
        pixels = np.asarray(image, float) + rng.normal(0, 14, (400, 640, 1))
        yield i / RATE, np.clip(pixels, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
