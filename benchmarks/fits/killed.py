"""Fits, saves, searches and folders of photos that are killed at random moments, and gone on with.

    python benchmarks/fits/killed.py

Each is a process that gets SIGKILL at moments drawn evenly from the time that it takes
undisturbed; then the same call or command runs to its end. What comes out is compared, bit for
bit, with what an undisturbed process gave: probabilities, the score of each fold, the rows of a
table. Saves replace one model by another again and again, and what stands there after each kill
has to be one of the two. Prints how many were right, and what files were left.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

import ferclassifier._keras.network  # no process has to import it again
from ferclassifier import FERClassifier, make_faces
from ferclassifier._cli import main as command
from ferclassifier.export import export_onnx

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import table

# What remembers something beside weights: every one has to come back as it was.
RECIPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "mixup": {"mixup": 0.2},
    "averaged weights": {"average_weights": True},
    "progressive size": {"progressive_resizing": 0.5},
    "early stopping": {"early_stopping": True, "patience": 3, "validation_fraction": 0.3},
    "plateau": {
        "learning_rate_schedule": "plateau",
        "early_stopping": True,
        "patience": 4,
        "validation_fraction": 0.3,
    },
    "all of them": {
        "mixup": 0.2,
        "average_weights": True,
        "progressive_resizing": 0.5,
        "early_stopping": True,
        "validation_fraction": 0.3,
    },
}
_SPACE = """
[space]
learning_rate = [0.01, 0.02, 0.04]
[fixed]
architecture = "gap_cnn"
architecture_params = { filters = [8], dense = 16 }
epochs = 6
random_state = 0
[search]
cv = 2
method = "METHOD"
"""
_IMAGES = 96
# A process that is killed before it has begun shows nothing.
_EARLIEST = 0.1


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fits", type=int, default=20)
    parser.add_argument("--saves", type=int, default=50)
    parser.add_argument("--searches", type=int, default=20)
    parser.add_argument("--folders", type=int, default=20)
    parser.add_argument("--kills", type=int, default=1, help="of each")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    random.seed(args.seed)
    rows = []
    for name, n, trials in (
        ("fits", args.fits, killed_fits),
        ("saves", args.saves, killed_saves),
        ("searches", args.searches, killed_searches),
        ("folders of photos", args.folders, killed_folders),
    ):
        start = time.perf_counter()
        results = []
        with tempfile.TemporaryDirectory() as folder:
            for what, n_kills, is_right, left in islice(trials(Path(folder), args.kills), n):
                results.append((n_kills, is_right, left))
                print(f"{name}: {what}: {'right' if is_right else 'WRONG'}", *left, flush=True)
        if results:
            kills, right, left = zip(*results, strict=True)
            rows.append(
                {
                    "what": name,
                    "kills": sum(kills),
                    "right at the end": f"{sum(right)} of {len(results)}",
                    "files left": sum(map(len, left)),
                    "minutes": f"{(time.perf_counter() - start) / 60:.1f}",
                }
            )
    print(f"\n{table(rows)}")


Trial = tuple[str, int, bool, list[str]]


def killed_fits(folder: Path, n_kills: int) -> Iterator[Trial]:
    """Fit each recipe by turns."""
    undisturbed: dict[str, float] = {}
    for i, name in enumerate(cycle(RECIPES)):
        expected, found = folder / f"{name}.npy", folder / f"{i}.npy"
        if name not in undisturbed:
            undisturbed[name] = seconds_of(fit, name, folder / "undisturbed", expected)
        checkpoint = folder / f"{i}.checkpoint"
        kill(n_kills, undisturbed[name], [found, checkpoint], fit, name, checkpoint, found)
        seconds_of(fit, name, checkpoint, found)
        is_right = expected.read_bytes() == found.read_bytes()
        yield name, n_kills, is_right, names_like(folder, f"*{i}.checkpoint*")


def fit(name: str, checkpoint: Path, output: Path) -> None:
    """Fit a recipe, and write down what it predicts and how it went."""
    X, y = make_faces(_IMAGES, random_state=0)
    clf = FERClassifier(
        "gap_cnn",
        architecture_params={"filters": (8,), "dense": 16},
        epochs=12,
        batch_size=16,
        random_state=0,
        checkpoint=checkpoint,
        **RECIPES[name],
    ).fit(X, y)
    history = [clf.history_[key] for key in sorted(clf.history_) if key != "seconds"]
    with output.open("wb") as file:
        np.save(file, clf.predict_proba(X))
        np.save(file, np.array(history))


def killed_saves(folder: Path, _: int) -> Iterator[Trial]:
    """Replace one model by another, and look which of the two is there."""
    run_alone(write_models, folder)
    known = {path.read_bytes() for path in folder.glob("model*")}
    path = folder / "saved.safetensors"
    shutil.copy(folder / "model0.safetensors", path)
    while True:
        before = path.stat().st_mtime_ns
        process = started(save_again_and_again, folder, path)
        while path.stat().st_mtime_ns == before:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.5))
        end(process)
        left = names_like(folder, ".saved*")
        for name in left:
            (folder / name).unlink()
        yield "save", 1, path.read_bytes() in known, left


def write_models(folder: Path) -> None:
    """Write two models that are not equal, and of some size."""
    X, y = make_faces(_IMAGES, random_state=0)
    params = {"filters": (64,), "dense": 16_384}
    for seed in range(2):
        clf = FERClassifier("gap_cnn", architecture_params=params, epochs=1, random_state=seed)
        clf.fit(X, y)
        clf.save(folder / f"model{seed}.safetensors")


def save_again_and_again(folder: Path, path: Path) -> None:
    """Save two models by turns, for ever."""
    models = [FERClassifier.load(folder / f"model{i}.safetensors") for i in range(2)]
    for clf in cycle(models):
        clf.save(path)


def killed_searches(folder: Path, n_kills: int) -> Iterator[Trial]:
    """Search by a grid and by halving, by turns."""
    data = folder / "faces.csv"
    write_csv(data)
    undisturbed: dict[str, float] = {}
    for i, method in enumerate(cycle(("grid", "halving"))):
        space, expected = folder / f"{method}.toml", folder / f"{method}.csv"
        space.write_text(_SPACE.replace("METHOD", method))
        given = ("search", data, "--space", space, "--output")
        if method not in undisturbed:
            undisturbed[method] = seconds_of(ferclassifier, *given, expected)
        output, checkpoint = folder / f"{i}.csv", folder / f"{i}.checkpoint"
        call = (*given, output, "--checkpoint", checkpoint)
        kill(n_kills, undisturbed[method], [output, checkpoint], ferclassifier, *call)
        if checkpoint.exists() or not output.exists():  # or else it was killed as it was done
            seconds_of(ferclassifier, *call)
        is_right = scores_in(output) == scores_in(expected)
        yield method, n_kills, is_right, names_like(folder, f"*{i}.checkpoint*", f".{i}.csv*")


def scores_in(path: Path) -> list[dict[str, str]]:
    """Return the lines of a table of scores, without the times."""
    with path.open() as file:
        return [
            {name: value for name, value in row.items() if "_time" not in name}
            for row in csv.DictReader(file)
        ]


def killed_folders(folder: Path, n_kills: int) -> Iterator[Trial]:
    """Predict a folder of photos to tables of the three kinds, by one process or two."""
    photos = folder / "photos"
    write_photos(photos)
    run_alone(write_onnx, folder / "model.onnx")
    given = ("predict", photos, "--model", folder / "model.onnx")
    kinds = [(kind, n) for kind in ("csv", "jsonl", "parquet") for n in (1, 2)]
    undisturbed: dict[tuple[str, int], float] = {}
    for i, (kind, workers) in enumerate(cycle(kinds)):
        options = ("--workers", workers, f"--{kind}")
        expected, output = folder / f"expected-{workers}.{kind}", folder / f"{i}.{kind}"
        if (kind, workers) not in undisturbed:
            undisturbed[kind, workers] = seconds_of(ferclassifier, *given, *options, expected)
        seconds = undisturbed[kind, workers]
        kill(n_kills, seconds, [output], ferclassifier, *given, *options, output)
        seconds_of(ferclassifier, *given, *options, output)
        is_right = expected.read_bytes() == output.read_bytes()
        left = names_like(folder, f".{i}.*", f"{i}.{kind}.*")
        yield f"{kind}, {workers} at a time", n_kills, is_right, left


def write_csv(path: Path) -> None:
    """Write drawn faces in the form of FER-2013."""
    X, y = make_faces(_IMAGES, random_state=0)
    names = sorted(set(y.tolist()))
    lines = [
        f"{names.index(label)},{' '.join(map(str, image.ravel()))},Training\n"
        for image, label in zip(X, y, strict=True)
    ]
    path.write_text("emotion,pixels,Usage\n" + "".join(lines))


def write_photos(folder: Path) -> None:
    """Write photos of one to three portraits."""
    import matplotlib as mpl

    folder.mkdir()
    portrait = Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    with Image.open(portrait) as image:
        face = image.convert("RGB").resize((160, 190))
    for i in range(40):
        photo = Image.new("RGB", (520, 200), (i, 90, 120))
        for j in range(1 + i % 3):
            photo.paste(face, (j * 170, i % 10))
        photo.save(folder / f"{i:03d}.png")


def write_onnx(path: Path) -> None:
    """Write a model that photos are predicted by."""
    X, y = make_faces(_IMAGES, random_state=0)
    clf = FERClassifier(
        "gap_cnn", architecture_params={"filters": (8,), "dense": 16}, epochs=3, random_state=0
    )
    export_onnx(clf.fit(X, y), path)


def ferclassifier(*args: object) -> None:
    """Run the command line, as a process of its own does."""
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - until the process ends
    command([str(arg) for arg in args], prog_name="ferclassifier")


def started(task: Callable[..., object], *args: object) -> multiprocessing.Process:
    """Start a process that has imported all, and computed nothing."""
    process = multiprocessing.get_context("fork").Process(target=task, args=args)
    process.start()
    return process


def end(process: multiprocessing.Process) -> None:
    """Kill a process, as nothing can be done against."""
    process.kill()
    process.join()


def run_alone(task: Callable[..., object], *args: object) -> None:
    """Run a task in a process of its own, to its end."""
    process = started(task, *args)
    process.join()
    if process.exitcode:
        raise SystemExit(f"{task.__name__} {args} ended with {process.exitcode}")


def seconds_of(task: Callable[..., object], *args: object) -> float:
    """Return how long a task takes, in a process of its own."""
    start = time.perf_counter()
    run_alone(task, *args)
    return time.perf_counter() - start


def kill(
    n: int, seconds: float, outputs: list[Path], task: Callable[..., object], *args: object
) -> None:
    """Kill a task at so many random moments; if it ends before one, begin anew."""
    n_killed = 0
    while n_killed < n:
        start = time.perf_counter()
        process = started(task, *args)
        process.join(random.uniform(_EARLIEST, 1) * seconds)
        if process.exitcode is None:
            end(process)
            n_killed += 1
            continue
        seconds, n_killed = time.perf_counter() - start, 0
        for path in outputs:
            path.unlink(missing_ok=True)


def names_like(folder: Path, *patterns: str) -> list[str]:
    """Return what files are there."""
    return sorted(path.name for pattern in patterns for path in folder.glob(pattern))


if __name__ == "__main__":
    assert keras.backend.backend() == "tensorflow"
    main()
