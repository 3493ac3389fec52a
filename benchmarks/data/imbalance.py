"""Compare remedies for FER-2013's unequal classes with equal numbers of training steps.

    python benchmarks/data/imbalance.py fer2013.csv

Every remedy trains `compact` on the Training images with three seeds and is scored on PublicTest.
Each run that ends adds a line to the CSV file; runs that stand in it are not made again, so that
an interrupted comparison goes on. Prints the table of docs/imbalance.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table
from _shared.runs import append_run, read_runs

RESULTS = Path(__file__).parents[1] / "results" / "imbalance.csv"
BATCH = 64
REMEDIES: dict[str, dict[str, Any]] = {
    "none": {},
    'class_weight="balanced"': {"class_weight": "balanced"},
    'class_weight="sqrt"': {"class_weight": "sqrt"},
    'loss="focal"': {"loss": "focal"},
    "AugmentingOverSampler": {},
    'AugmentingOverSampler(strength="standard")': {},
    "RandomOverSampler": {},
}


def main() -> None:
    """Run what is missing, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--epochs", type=int, default=7, help="on the images as they are")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--skip", action="append", default=[], metavar="REMEDY")
    parser.add_argument("--limit", type=int, help="use only the first images, to try it out")
    parser.add_argument("--log", type=Path, default=RESULTS)
    args = parser.parse_args()

    from ferclassifier import load_fer2013

    train = load_fer2013(args.data, subset="train")
    test = load_fer2013(args.data, subset="validation")
    X, y = train.images[: args.limit], train.target_codes[: args.limit]

    done = read_runs(args.log)
    for seed in range(args.seeds):
        for remedy in REMEDIES:
            is_done = (remedy, str(seed)) in {(run["remedy"], run["seed"]) for run in done}
            if is_done or remedy in args.skip:
                continue
            run = _run(remedy, seed, X, y, test, args.epochs)
            append_run(args.log, run)
            done = read_runs(args.log)
            print(f"{remedy}, seed {seed}: {run}", flush=True)
    print(f"\n{machine()}\n\n{_summary(done)}")


def _run(remedy: str, seed: int, X: Any, y: Any, test: Any, epochs: int) -> dict[str, Any]:
    from imblearn.over_sampling import RandomOverSampler
    from sklearn.metrics import f1_score, log_loss, recall_score

    from ferclassifier import EMOTIONS, RECIPES, AugmentingOverSampler, FERClassifier

    steps = epochs * -(-len(X) // BATCH)
    start = time.perf_counter()
    if remedy.startswith("AugmentingOverSampler"):
        strength = "standard" if "standard" in remedy else "sharp"
        X, y = AugmentingOverSampler(strength=strength, random_state=seed).fit_resample(X, y)
    elif remedy == "RandomOverSampler":
        rows, y = RandomOverSampler(random_state=seed).fit_resample(X.reshape(len(X), -1), y)
        X = rows.reshape(-1, *X.shape[1:])
    epochs = max(1, round(steps / -(-len(X) // BATCH)))
    params = {**RECIPES["plain"], "epochs": epochs, "batch_size": BATCH, **REMEDIES[remedy]}
    clf = FERClassifier(**params, augmentation="light", random_state=seed).fit(X, y)
    seconds = time.perf_counter() - start

    proba = clf.predict_proba(test.images)
    predicted = clf.classes_[proba.argmax(axis=1)]
    recalls = recall_score(test.target_codes, predicted, average=None)
    scores = {
        "accuracy": float((predicted == test.target_codes).mean()),
        "macro_f1": float(f1_score(test.target_codes, predicted, average="macro")),
        "log_loss": float(log_loss(test.target_codes, proba)),
        **{f"recall_{name}": r for name, r in zip(EMOTIONS, recalls, strict=True)},
    }
    return {
        "remedy": remedy,
        "seed": seed,
        "images": len(X),
        "epochs": epochs,
        "steps": epochs * -(-len(X) // BATCH),
        "seconds": round(seconds),
        **{name: f"{value:.4f}" for name, value in scores.items()},
    }


def published_table() -> str:
    """Return the table of what is kept, as docs/imbalance.md shows it."""
    return _summary(read_runs(RESULTS))


def _summary(runs: list[dict[str, str]]) -> str:
    rows: list[dict[str, object]] = []
    for remedy in REMEDIES:
        of_remedy = [run for run in runs if run["remedy"] == remedy]
        if not of_remedy:
            continue
        shown = {
            "accuracy": "accuracy",
            "macro-F1": "macro_f1",
            "disgust's recall": "recall_disgust",
            "log-loss": "log_loss",
        }
        scores = {title: [float(run[name]) for run in of_remedy] for title, name in shown.items()}
        rows.append(
            {
                "remedy": f"`{remedy}`" if "=" in remedy else remedy,
                "seeds": len(of_remedy),
                "steps": of_remedy[0]["steps"],
                **{
                    title: f"{np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"
                    for title, values in scores.items()
                },
            }
        )
    return table(rows)


if __name__ == "__main__":
    main()
