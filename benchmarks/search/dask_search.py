"""What a second Dask worker saves in a grid search.

    python benchmarks/search/dask_search.py fer2013.csv

The same grid of eight fits on a cluster of one worker process and on one of two, taking turns;
every fit has one TensorFlow thread. Both clusters have fitted before, so that the figure is that of
a long search; what the first one took is printed beside it. The figure is the median of the ratios
of neighbours.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV

from ferclassifier import RECIPES, FERClassifier, load_fer2013, make_faces
from ferclassifier._cli.cluster import describe
from ferclassifier.parallel import resilient

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table

GRID = {"learning_rate": [0.01, 0.02, 0.04, 0.08]}
N_FOLDS = 2


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", help="FER-2013 as CSV, folder or zip; else drawn faces")
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    X, y = read(args.data, args.images)

    with started(1) as one, started(2) as two:
        seconds: dict[Any, list[float]] = {one: [], two: []}
        scores = []
        for client in seconds:
            starting, score = search(client, X, y, args.epochs)
            print(f"{describe(client)}; the first search took {starting:.1f} s", flush=True)
            scores.append(score)
        for _ in range(args.repeats):
            for client, times in seconds.items():
                taken, score = search(client, X, y, args.epochs)
                times.append(taken)
                scores.append(score)
    if len(set(scores)) > 1:
        raise RuntimeError(f"equal searches had the scores {scores}")
    print_ratios(*seconds.values())
    print(f"\n{len(X):,} images, {args.epochs} epochs, {args.repeats} repeats; {machine()}")


def read(path: str | None, n_images: int) -> tuple[Any, Any]:
    """Return images and labels."""
    if path is None:
        return make_faces(n_images, random_state=0)
    train = load_fer2013(path, subset="train")
    return train.images[:n_images], train.target[:n_images]


@contextmanager
def started(n_workers: int) -> Iterator[Client]:
    """Start worker processes with a TensorFlow thread each."""
    with (
        LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            env={"OMP_NUM_THREADS": "1"},
            dashboard_address=":0",
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def search(client: Client, X: Any, y: Any, epochs: int) -> tuple[float, tuple[float, ...]]:
    """Search, and return the seconds and the scores."""
    clf = FERClassifier(**{**RECIPES["plain"], "epochs": epochs}, random_state=0)
    found = GridSearchCV(clf, GRID, cv=N_FOLDS, refit=False, error_score="raise")
    start = time.perf_counter()
    with parallel_config("dask", client=resilient(client)):
        found.fit(X, y)
    return time.perf_counter() - start, tuple(found.cv_results_["mean_test_score"])


def print_ratios(one: list[float], two: list[float]) -> None:
    ratios = [b / a for a, b in zip(one, two, strict=True)]
    rows = [
        {"one worker, s": f"{a:.1f}", "two workers, s": f"{b:.1f}", "ratio": f"{ratio:.3f}"}
        for a, b, ratio in zip(one, two, ratios, strict=True)
    ]
    print(f"\n{table(rows)}")
    print(
        f"\nratio: median {statistics.median(ratios):.3f}, from {min(ratios):.3f} to "
        f"{max(ratios):.3f}; {os.getloadavg()[0]:.1f} processes were running at the end"
    )


if __name__ == "__main__":
    main()
