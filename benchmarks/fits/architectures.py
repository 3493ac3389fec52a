"""Compare the built-in architectures on FER-2013, trained alike.

    python benchmarks/fits/architectures.py fer2013.csv --images 5000 --epochs 6

Each architecture, at its defaults, trains on the same seeded, stratified part of the Training
images and is scored on PublicTest. `--set` changes a parameter of all of them. Each run that ends
adds a line to the CSV file; runs that stand in it are not made again, so that an interrupted
comparison goes on. Prints the table of docs/architectures.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table
from _shared.multiply_adds import multiply_adds
from _shared.runs import append_run, parameters, read_runs


def main() -> None:
    """Run what is missing, and print the table."""
    from ferclassifier import list_architectures, load_fer2013

    names = list_architectures()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--images", type=int, default=5_000, help="to train on")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--log", type=Path, default=Path("benchmarks/results/architectures.csv"))
    args = parser.parse_args()

    train = load_fer2013(args.data, subset="train")
    test = load_fer2013(args.data, subset="validation")
    X, y = _part(train.images, train.target_codes, args.images, args.seed)
    params = {"epochs": args.epochs, "random_state": args.seed, **parameters(args.set)}

    for name in args.only:
        key = {"architecture": name, "images": str(len(X)), "params": json.dumps(params)}
        if any(key.items() <= run.items() for run in read_runs(args.log)):
            continue
        run = {**key, **_run(name, params, X, y, test)}
        append_run(args.log, run)
        print(run, flush=True)
    print(f"\n{machine()}\n\n{_summary(read_runs(args.log), str(len(X)), json.dumps(params))}")


def _part(X: Any, y: Any, n_images: int, seed: int) -> tuple[Any, Any]:
    from sklearn.model_selection import train_test_split

    if n_images >= len(X):
        return X, y
    part, _, labels, _ = train_test_split(X, y, train_size=n_images, stratify=y, random_state=seed)
    return part, labels


def _run(name: str, params: dict[str, Any], X: Any, y: Any, test: Any) -> dict[str, Any]:
    from sklearn.metrics import f1_score

    from ferclassifier import FERClassifier

    clf = FERClassifier(name, **params).fit(X, y)
    model = clf._network.keras_model
    clf.predict_proba(test.images[:1])  # compiles
    start = time.perf_counter()
    predicted = clf.predict(test.images)
    seconds_of_prediction = time.perf_counter() - start
    # The first epoch compiles, too.
    seconds = median(clf.history_["seconds"][1:] or clf.history_["seconds"])
    return {
        "parameters": model.count_params(),
        "multiply_adds": multiply_adds(model),
        "seconds_per_epoch": f"{seconds:.2f}",
        "microseconds_per_image": f"{seconds / len(X) * 1e6:.0f}",
        "predictions_per_second": f"{len(test.images) / seconds_of_prediction:.0f}",
        "accuracy": f"{(predicted == test.target_codes).mean():.4f}",
        "macro_f1": f"{f1_score(test.target_codes, predicted, average='macro'):.4f}",
    }


def _summary(runs: list[dict[str, str]], images: str, params: str) -> str:
    return table(
        [
            {
                "architecture": f"`{run['architecture']}`",
                "parameters": f"{int(run['parameters']):,}",
                "multiplications": f"{int(run['multiply_adds']) / 1e6:.0f} million",
                "seconds per epoch": run["seconds_per_epoch"],
                "µs per image and epoch": run["microseconds_per_image"],
                "predictions per second": run["predictions_per_second"],
                "accuracy": run["accuracy"],
                "macro-F1": run["macro_f1"],
            }
            for run in runs
            if (run["images"], run["params"]) == (images, params)
        ]
    )


if __name__ == "__main__":
    main()
