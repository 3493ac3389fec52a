"""What a small fit costs beyond its arithmetic, in a process that has fitted before or has not.

    python benchmarks/fits/small_fits.py fer2013.csv
    python benchmarks/fits/small_fits.py fer2013.csv --grids plain default
    python benchmarks/fits/small_fits.py fer2013.csv --accuracy

One process fits again and again, each time with one parameter changed. The arithmetic is the median
processor time of a training step, of which the first is left out, times the number of steps; what
is left of the fit's processor time is beyond it: building, tracing, compiling, the statistics of
unchanged images, checks, and what lies between the steps. The last row is a fit in a new worker
process of joblib's, imports included. With --grids, searches of twelve fits each are timed as
wholes, by turns.
With --accuracy, fits that end with the statistics of few images are scored beside the same fits
that end with those of as many as a long one takes, on as many other images.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

from ferclassifier import RECIPES, FERClassifier, load_fer2013

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table

# Two widths and two sizes of batches around those of a recipe, and three rates around its own.
GRIDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": (
        dict(RECIPES["plain"]),
        {
            "architecture_params": [{"filters": (24, 48, 96, 192)}, {}],
            "batch_size": [32, 64],
            "learning_rate": [0.02, 0.04, 0.08],
        },
    ),
    "default": (
        {},
        {
            "architecture_params": [{"filters": (48, 96)}, {}],
            "batch_size": [64, 128],
            "learning_rate": [0.06, 0.12, 0.24],
        },
    ),
    "default, small batches": (
        {},
        {
            "architecture_params": [{"filters": (48, 96)}, {}],
            "batch_size": [32, 64],
            "learning_rate": [0.06, 0.12, 0.24],
        },
    ),
}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--cases", nargs="*", help="only these rows of the table")
    parser.add_argument("--grids", nargs="+", choices=list(GRIDS), help="time searches instead")
    parser.add_argument("--rounds", type=int, default=3, help="of --grids")
    parser.add_argument("--accuracy", action="store_true", help="score fits instead")
    args = parser.parse_args()
    train = load_fer2013(args.data, subset="train")
    X, y = train.images[: args.images], train.target_codes[: args.images]
    if args.grids:
        rounds = range(args.rounds)
        rows = [timed_search(name, X, y, args.epochs) for _ in rounds for name in args.grids]
        print(f"{machine()}\n\n{table(rows)}")
        return
    if args.accuracy:
        n = len(X)
        others = train.images[n : 2 * n], train.target_codes[n : 2 * n]
        print(table([accuracies(X, y, *others, args.epochs, seed) for seed in range(3)]))
        return
    plain = {**RECIPES["plain"], "epochs": args.epochs}
    half = len(X) // 2
    cases: dict[str, tuple[int, dict[str, Any]]] = {
        "first": (len(X), {}),
        "again": (len(X), {}),
        "learning rate": (len(X), {"learning_rate": 0.02}),
        "batch size": (len(X), {"batch_size": 32}),
        "number of images": (half, {}),
        "epochs": (len(X), {"epochs": args.epochs + 1}),
        "augmentation": (len(X), {"augmentation": "light"}),
        "label smoothing": (len(X), {"label_smoothing": 0.05}),
        "weight decay": (len(X), {"weight_decay": 0.001}),
        "architecture": (len(X), {"architecture": "gap_cnn"}),
    }
    rows = []
    for name, (n, params) in cases.items():
        if not args.cases or name in args.cases:
            rows.append(measured(name, X[:n], y[:n], {**plain, **params}))
            print(rows[-1], file=sys.stderr, flush=True)
    if not args.cases or "worker" in args.cases:
        rows.append(measured_in_worker(X, y, plain))
    print(f"{len(X):,} images, {args.epochs} epochs, seconds; {machine()}\n")
    print(table(rows))


def measured(name: str, X: Any, y: Any, params: dict[str, Any]) -> dict[str, object]:
    """Fit once, and return a row of the table."""
    from ferclassifier._keras import compiled, network

    steps: list[float] = []
    of_statistics: list[float] = []
    n_built = 0

    class TimedPart(network.PartOfFit):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            super().on_train_batch_begin(batch, logs)
            self._step_began = time.process_time()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            steps.append(time.process_time() - self._step_began)
            super().on_train_batch_end(batch, logs)

    recompute, build = network.recompute_statistics, compiled.build_network

    def timed_statistics(*args: Any, **kwargs: Any) -> None:
        began = time.process_time()
        recompute(*args, **kwargs)
        of_statistics.append(time.process_time() - began)

    def counted_build(*args: Any, **kwargs: Any) -> Any:
        nonlocal n_built
        n_built += 1
        return build(*args, **kwargs)

    wall, processor = time.perf_counter(), time.process_time()
    with (
        mock.patch.object(network, "PartOfFit", TimedPart),
        mock.patch.object(network, "recompute_statistics", timed_statistics),
        mock.patch.object(compiled, "build_network", counted_build),
    ):
        FERClassifier(**params, random_state=0).fit(X, y)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    arithmetic = statistics.median(steps[1:]) * len(steps)
    return {
        "what is new": name,
        "wall": f"{wall:.1f}",
        "processor": f"{processor:.1f}",
        "arithmetic": f"{arithmetic:.1f}",
        "beyond it": f"{processor - arithmetic:.1f}",
        "of it statistics": f"{sum(of_statistics):.1f}",
        "of it first step": f"{steps[0]:.1f}",
        "networks built": n_built,
    }


def measured_in_worker(X: Any, y: Any, params: dict[str, Any]) -> dict[str, object]:
    """Fit once in a new worker process, and return a row of the table."""
    from joblib.externals.loky import get_reusable_executor

    wall = time.perf_counter()
    row = get_reusable_executor(max_workers=1).submit(_row_of_worker, X, y, params).result()
    # All that the process has used, from its start.
    return {**row, "wall": f"{time.perf_counter() - wall:.1f}"}


def _row_of_worker(X: Any, y: Any, params: dict[str, Any]) -> dict[str, object]:
    row = measured("worker process", X, y, params)
    used = time.process_time()
    beyond = used - float(str(row["arithmetic"]))
    return {**row, "processor": f"{used:.1f}", "beyond it": f"{beyond:.1f}"}


def accuracies(
    X: Any, y: Any, others: Any, their_labels: Any, epochs: int, seed: int
) -> dict[str, object]:
    """Return the accuracy and log-loss of a fit that ends with the statistics of few images."""
    from sklearn.metrics import log_loss

    from ferclassifier._keras import statistics as of_normalisations

    row: dict[str, object] = {"seed": seed}
    for name, fewest in (("few", of_normalisations._FEWEST_IMAGES), ("many", len(X))):
        with mock.patch.object(of_normalisations, "_FEWEST_IMAGES", fewest):
            clf = FERClassifier(**{**RECIPES["plain"], "epochs": epochs}, random_state=seed).fit(
                X, y
            )
        proba = clf.predict_proba(others)
        row[f"accuracy, {name}"] = f"{(proba.argmax(axis=1) == their_labels).mean():.4f}"
        row[f"log-loss, {name}"] = f"{log_loss(their_labels, proba):.4f}"
    return row


def timed_search(name: str, X: Any, y: Any, epochs: int) -> dict[str, object]:
    """Return the time of a search over two widths, two batch sizes and three rates."""
    from sklearn.model_selection import GridSearchCV, ShuffleSplit

    n = len(X)
    params, grid = GRIDS[name]
    search = GridSearchCV(
        FERClassifier(**{**params, "epochs": epochs}, random_state=0),
        grid,
        cv=ShuffleSplit(1, test_size=min(200, n // 10), random_state=0),
        refit=False,
        error_score="raise",
    )
    wall, processor = time.perf_counter(), time.process_time()
    search.fit(X, y)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    row: dict[str, object] = {
        "search": name,
        "seconds": f"{wall:.0f}",
        "processor seconds": f"{processor:.0f}",
        "best score": f"{search.best_score_:.3f}",
    }
    print(row, file=sys.stderr, flush=True)
    return row


if __name__ == "__main__":
    main()
