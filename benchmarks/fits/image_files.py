"""A fit on image files beside a fit on the same images as an array: speed and memory.

    python benchmarks/fits/image_files.py FOLDER

FOLDER holds a subfolder of JPEG files for each class. Both fits train the same network, by turns; a
ratio above 1 means that files are faster. In the first epoch the files are decoded; what has been
decoded is kept if there is little of it, as of FER-2013. Memory is that of processes of their
own, as growth above the same process once TensorFlow runs, and once the network has been trained
on one batch.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, memory_mb, reset_peak, table


def main() -> None:
    """Compare the speed here, and the memory in processes of their own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--limit", type=int, help="use only so many images, to try it out")
    parser.add_argument("--memory", choices=["files", "array"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    paths, y = files_of(args.folder, args.limit)
    if args.memory:
        print_memory(args.memory, paths, y)
        return
    compare_speed(paths, y, args.repeats, args.epochs)
    rows = []
    for kind in ("array", "files"):
        command = [sys.executable, __file__, str(args.folder), "--memory", kind]
        if args.limit:
            command += ["--limit", str(args.limit)]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        names = ("above TensorFlow, MB", "above TensorFlow with the network, MB")
        growth = run.stdout.split()[-1].split(";")
        rows.append({"fit on": kind, **dict(zip(names, growth, strict=True))})
    print(table(rows))


def files_of(folder: Path, limit: int | None) -> tuple[Any, Any]:
    """Return the paths of all files, shuffled, and the names of their folders."""
    paths = np.array(sorted(str(path) for path in folder.glob("*/*.jpg")))
    paths = np.random.default_rng(0).permutation(paths)[:limit]
    return paths, np.array([Path(path).parent.name for path in paths])


def plain(epochs: int) -> dict[str, Any]:
    """Return the recipe of the figures that stand in the docs, for so many epochs."""
    from ferclassifier import RECIPES

    return {**RECIPES["plain"], "epochs": epochs}


def compare_speed(paths: Any, y: Any, repeats: int, epochs: int) -> None:
    """Fit by turns, and print the seconds of the first epoch and of the whole fit."""
    from ferclassifier import FERClassifier, ImageReader

    X = ImageReader().transform(paths)
    FERClassifier(**plain(1), random_state=0).fit(X[:64], y[:64])  # compile
    seconds: dict[str, list[list[float]]] = {"array": [], "files": []}
    for repeat in range(repeats):
        for kind, data in (("array", X), ("files", paths)):
            clf = FERClassifier(**plain(epochs), random_state=repeat)
            start = time.perf_counter()
            clf.fit(data, y)
            whole = time.perf_counter() - start
            seconds[kind].append([clf.history_["seconds"][0], whole])
    print(f"{machine()}\n\n{len(paths):,} files")
    rows = []
    for i, part in enumerate(("the first epoch", f"a fit of {epochs} epochs")):
        array, files = ([times[i] for times in seconds[kind]] for kind in ("array", "files"))
        ratios = [a / f for a, f in zip(array, files, strict=True)]
        rows.append(
            {
                "of": part,
                "array, s": _list(array, 1),
                "files, s": _list(files, 1),
                "speed of files to array": _list(ratios, 2),
                "median": f"{statistics.median(ratios):.2f}",
            }
        )
    print(f"{table(rows)}\n", flush=True)


def _list(values: list[float], digits: int) -> str:
    return ", ".join(f"{value:.{digits}f}" for value in values)


def print_memory(kind: str, paths: Any, y: Any) -> None:
    """Fit for an epoch and print the growth of memory from two points on."""
    import keras

    from ferclassifier import FERClassifier, ImageReader

    data = ImageReader().transform(paths) if kind == "array" else paths
    keras.ops.convert_to_numpy(keras.ops.ones(3) + 1)  # start TensorFlow's threads
    before_network = memory_mb()
    clf = FERClassifier(**plain(1), random_state=0).fit(data[:64], y[:64])
    with_network = memory_mb()
    del clf  # the next fit takes over its network
    reset_peak()
    FERClassifier(**plain(1), random_state=0).fit(data, y)
    peak = memory_mb("VmHWM")
    print(f"{peak - before_network:.0f};{peak - with_network:.0f}")


if __name__ == "__main__":
    main()
