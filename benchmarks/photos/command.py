"""What `ferclassifier predict` takes as a whole process, on large folders, and on a Dask cluster.

python benchmarks/photos/command.py            # all three
python benchmarks/photos/command.py process --model compact
python benchmarks/photos/command.py folder --images 10000 100000
python benchmarks/photos/command.py dask --photos 400
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from distributed import Client
from PIL import Image

from ferclassifier import make_faces

sys.path.insert(0, str(Path(__file__).parents[1]))

from _shared.machine import table

_PARTS = ("process", "folder", "dask")
# A folder's files are links to so many images.
_DIFFERENT = 100
# A process begins with the peak of the one that starts it, so that is a small one.
_MEASURED = """
import os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
sys.exit(status and 1)
"""


class Run(NamedTuple):
    """What a process took."""

    seconds: float
    processor_seconds: float
    peak_mb: float


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="?", choices=_PARTS, help="by default all")
    parser.add_argument("--model", default="plus", help="a released model, or an ONNX file")
    parser.add_argument("--images", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--photos", type=int, default=400, help="for Dask")
    parser.add_argument("--repeats", type=int, default=9, help="of single photos")
    parser.add_argument("--rounds", type=int, default=2, help="of Dask's clusters")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.part in (None, "process"):
            print(table(processes(folder, args.model, args.repeats)), end="\n\n")
        if args.part in (None, "folder"):
            print(table([one_folder(folder, args.model, n) for n in args.images]), end="\n\n")
        if args.part in (None, "dask"):
            print(table(clusters(folder, args.model, args.photos, args.rounds)))


def processes(folder: Path, model: str, repeats: int) -> list[dict[str, object]]:
    """Measure single photos: the fastest run, and the largest peak."""
    face = write_crops(folder, 1)[0]
    rows = []
    for what, path in (
        ("--version", None),
        ("a face of 48 x 48 pixels", face),
        ("a portrait of 512 x 600 pixels", portrait(folder)),
        ("12 megapixels with ten faces", group(folder)),
    ):
        command = ["--version"] if path is None else ["predict", path, "--model", model]
        runs = [run(command) for _ in range(repeats)]
        rows.append(
            {
                "what": what,
                "seconds": f"{min(one.seconds for one in runs):.2f}",
                "processor seconds": f"{min(one.processor_seconds for one in runs):.2f}",
                "peak, MB": f"{max(one.peak_mb for one in runs):.0f}",
            }
        )
    return rows


def one_folder(folder: Path, model: str, n_images: int) -> dict[str, object]:
    """Measure a folder of small images, all in it, and a table of them."""
    crops = write_crops(folder, _DIFFERENT)
    inside = folder / f"{n_images} images"
    inside.mkdir()
    for i in range(n_images):
        os.link(crops[i % len(crops)], inside / f"{i:07d}.png")
    csv = folder / f"{n_images}.csv"
    command = ["predict", inside, "--model", model, "--csv", csv]
    first, again = run(command), run(command)
    n_rows = csv.read_bytes().count(b"\n") - 1
    assert n_rows == n_images, f"{n_rows} rows of {n_images} images"
    return {
        "images": f"{n_images:,}",
        "images a second": f"{n_images / first.seconds:,.0f}",
        "peak, MB": f"{first.peak_mb:.0f}",
        "the same again, seconds": f"{again.seconds:.1f}",
        "peak then, MB": f"{again.peak_mb:.0f}",
    }


def clusters(folder: Path, model: str, n_photos: int, n_rounds: int) -> list[dict[str, object]]:
    """Measure a folder of photos on one and on two workers of one thread each."""
    inside = folder / "photos"
    inside.mkdir()
    original = portrait(folder)
    for i in range(n_photos):
        os.link(original, inside / f"{i:07d}.jpg")
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(n_rounds):
        for n_workers, measured in seconds.items():
            with cluster(folder, n_workers) as address:
                options = ["--model", model, "--scheduler", address]
                run(
                    ["predict", *[original] * 8 * n_workers, *options]
                )  # they import what they need
                measured.append(run(["predict", inside, *options]).seconds)
    best = {n_workers: min(measured) for n_workers, measured in seconds.items()}
    return [
        {
            "workers": n_workers,
            "seconds": f"{best[n_workers]:.1f}",
            "photos a second": f"{n_photos / best[n_workers]:.1f}",
            "times as fast": f"{best[1] / best[n_workers]:.2f}",
        }
        for n_workers in best
    ]


@contextmanager
def cluster(folder: Path, n_workers: int) -> Iterator[str]:
    """Start a scheduler and workers as people do, each in a session of its own."""
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    commands = [[*dask, "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", file]]
    commands += [[*dask, "worker", "--nthreads", "1", "--scheduler-file", file]] * n_workers
    processes = [subprocess.Popen(list(map(str, command)), **quiet) for command in commands]
    try:
        while not file.exists():
            time.sleep(0.1)
        address = str(json.loads(file.read_text())["address"])
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(n_workers)
        yield address
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()
        file.unlink(missing_ok=True)


def run(args: list[object]) -> Run:
    """Run the command as a process of its own."""
    command = [sys.executable, "-m", "ferclassifier", *map(str, args)]
    told = subprocess.run(
        [sys.executable, "-c", _MEASURED, *command], check=True, capture_output=True, text=True
    )
    return Run(*map(float, told.stdout.split()))


def write_crops(folder: Path, n: int) -> list[Path]:
    """Write drawn faces of 48 x 48 pixels."""
    images, _ = make_faces(n, random_state=0)
    paths = [folder / f"crop{i}.png" for i in range(n)]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image).save(path)
    return paths


def portrait(folder: Path) -> Path:
    """Write a photo of one face, which comes with Matplotlib and is in the public domain."""
    from matplotlib.cbook import get_sample_data

    path = folder / "portrait.jpg"
    with get_sample_data("grace_hopper.jpg") as file, Image.open(file) as image:
        image.convert("RGB").save(path, quality=95)
    return path


def group(folder: Path) -> Path:
    """Write the same face ten times into a photo of 12 megapixels."""
    noise = np.random.default_rng(0).normal(110, 20, (3000, 4000, 3))
    photo = Image.fromarray(noise.clip(0, 255).astype(np.uint8))
    with Image.open(portrait(folder)) as face:
        larger = face.resize((640, 750))
    for i in range(10):
        photo.paste(larger, (100 + i % 5 * 760, 200 + i // 5 * 1300))
    path = folder / "group.jpg"
    photo.save(path, quality=90)
    return path


if __name__ == "__main__":
    main()
