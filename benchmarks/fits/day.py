"""A day of work in one process: whether its memory and its open files stay what they are.

    python benchmarks/fits/day.py

Calls `predict_proba` on 1 to 32 images again and again, by a model with TensorFlow and by one of
ONNX in turn, fits new classifiers of three sizes of network, and writes reports as pages, mixed as
they would be. Prints the memory, the open files and the threads on the way. What is measured is the
process, not Python's objects: what no garbage collection frees is in it, too.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ferclassifier import FERClassifier, make_faces
from ferclassifier.export import OnnxFERClassifier, export_onnx
from ferclassifier.report import evaluation_report

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, memory_mb, table

_SHOWN = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_IMAGES = 64


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--predictions", type=int, default=50_000)
    parser.add_argument("--fits", type=int, default=300)
    parser.add_argument("--reports", type=int, default=200)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tasks = {
            work: n
            for work, n in zip(
                (Predictions(Path(folder)), fit, Reports(Path(folder))),
                (args.predictions, args.fits, args.reports),
                strict=True,
            )
            if n
        }
        rows = run(tasks)
    print(f"\n{machine()}\n\n{table(rows)}")


def run(tasks: dict[Callable[[int], object], int]) -> list[dict[str, object]]:
    """Do each task so many times, all of them evenly spread, and measure on the way."""
    start, rows = time.perf_counter(), []
    order = sorted(
        ((i + 0.5) / n, place, i) for place, n in enumerate(tasks.values()) for i in range(n)
    )
    works = list(tasks)
    done = [0] * len(works)
    shown = list(_SHOWN)
    for share, place, i in order:
        while shown and share > shown[0]:
            rows.append(measured(shown.pop(0), start, done))
            print(rows[-1], flush=True)
        works[place](i)
        done[place] += 1
    rows.append(measured(1.0, start, done))
    return rows


def measured(share: float, start: float, done: list[int]) -> dict[str, object]:
    """Return what the process takes now."""
    gc.collect()
    return {
        "done": f"{share:.0%}",
        "tasks": " + ".join(f"{n:,}" for n in done),
        "memory, MB": f"{memory_mb():.0f}",
        "of it no files, MB": f"{memory_mb('RssAnon'):.0f}",
        "open files": len(os.listdir("/proc/self/fd")),
        "threads of Python": threading.active_count(),
        "threads": len(os.listdir("/proc/self/task")),
        "minutes": f"{(time.perf_counter() - start) / 60:.1f}",
    }


def small_classifier(seed: int, width: int = 8) -> FERClassifier:
    """Return a classifier whose fit is a matter of a second."""
    return FERClassifier(
        "gap_cnn",
        architecture_params={"filters": (width,), "dense": 16},
        epochs=1,
        random_state=seed,
        learning_rate=0.01 + 0.0001 * seed,
    )


class Predictions:
    """Asks a model for the probabilities of some images, another number of them each time."""

    def __init__(self, folder: Path) -> None:
        self._X, y = make_faces(_IMAGES, random_state=0)
        clf = small_classifier(0).fit(self._X, y)
        export_onnx(clf, folder / "model.onnx")
        self._models = (clf, OnnxFERClassifier(folder / "model.onnx"))
        self._expected = clf.predict_proba(self._X)

    def __call__(self, i: int) -> None:
        """Predict, and compare with the first answer."""
        n = 1 + i % 32
        found = self._models[i % 2].predict_proba(self._X[:n])
        if not np.allclose(found, self._expected[:n], atol=1e-4):
            raise SystemExit(f"prediction {i} is another than the first one")


def fit(i: int) -> None:
    """Fit a new classifier to images of its own."""
    X, y = make_faces(_IMAGES, random_state=i)
    small_classifier(i, width=(8, 12, 16)[i % 3]).fit(X, y).predict(X[:3])


class Reports:
    """Evaluates a model, and writes a page."""

    def __init__(self, folder: Path) -> None:
        self._X, self._y = make_faces(_IMAGES, random_state=1)
        self._clf = small_classifier(1).fit(self._X, self._y)
        self._path = folder / "report.html"

    def __call__(self, i: int) -> None:
        """Write a report of some images."""
        rows = np.random.default_rng(i).permutation(_IMAGES)[: _IMAGES // 2]
        evaluation_report(self._clf, self._X[rows], self._y[rows]).save(self._path)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of scores of few images
    main()
