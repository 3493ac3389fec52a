"""Train FER-2013 as typical projects do, and score on PublicTest what they would have claimed.

    python benchmarks/peers/projects.py fer2013.csv plain weighted elu default
    python benchmarks/peers/projects.py                      # only the table

"plain", "weighted" and "elu" are plot_plain_cnn.py, plot_class_weights.py and plot_elu_network.py
of examples/projects: they train on nine tenths of Training, and claim the accuracy on the other
tenth. "default" is ``FERClassifier()`` on all of Training. What each gave is a row of
benchmarks/results/projects.csv; one that stands there is not trained again, and an interrupted one
goes on where it stopped when the same command is given again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table
from _shared.runs import append_run, read_runs

RESULTS = Path(__file__).parents[1] / "results" / "projects.csv"


def plain_cnn(inputs: Any, n_classes: int) -> Any:
    """Build three convolutions with poolings, and two dense layers."""
    from keras import layers

    x = inputs
    for filters in (32, 64, 128):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(128, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(0.5)(x)
    return layers.Dense(n_classes, activation="softmax", dtype="float32")(x)


AS_KERAS_DOES: dict[str, Any] = {
    "optimizer": "adam",
    "batch_size": 64,
    "label_smoothing": 0.0,
    "weight_decay": 0.0,
}
PROJECTS: dict[str, dict[str, Any]] = {
    "plain": AS_KERAS_DOES
    | {
        "architecture": plain_cnn,
        "learning_rate_schedule": "constant",
        "epochs": 50,
        "augmentation": None,
    },
    "weighted": AS_KERAS_DOES
    | {
        "architecture": "gap_cnn",
        "architecture_params": {"filters": (32, 64, 128, 256)},
        "learning_rate_schedule": "plateau",
        "epochs": 60,
        "early_stopping": True,
        "augmentation": "light",
        "class_weight": "balanced",
    },
    "elu": AS_KERAS_DOES
    | {
        "architecture": "elu_cnn",
        "batch_size": 32,
        "learning_rate_schedule": "plateau",
        "epochs": 92,
        "early_stopping": True,
        "patience": 92,
    },
    "default": {},
}


def main() -> None:
    """Train what has no row yet, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("projects", nargs="*", metavar="PROJECT", help=f"of {list(PROJECTS)}")
    parser.add_argument("--epochs", type=int, help="fewer of them, to try it out")
    parser.add_argument("--limit", type=int, help="use only the first images, to try it out")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--checkpoints", type=Path, default=Path(tempfile.gettempdir()))
    args = parser.parse_args()
    if unknown := set(args.projects) - set(PROJECTS):
        parser.error(f"no project {sorted(unknown)}; there are {list(PROJECTS)}")
    for name in (args.projects or PROJECTS) if args.data is not None else ():
        if name not in {run["project"] for run in read_runs(args.results)}:
            train(name, args)
    print(table([dict(run) for run in read_runs(args.results)]))


def train(name: str, args: argparse.Namespace) -> None:
    """Fit one project, and write its row."""
    from sklearn.metrics import accuracy_score, f1_score
    from sklearn.model_selection import train_test_split

    from ferclassifier import FERClassifier, load_fer2013

    train, test = (load_fer2013(args.data, subset=subset) for subset in ("train", "validation"))
    X, y = train.images[: args.limit], train.target[: args.limit]
    validation: dict[str, Any] = {}
    if name != "default":
        X, X_val, y, y_val = train_test_split(X, y, test_size=0.1, stratify=y, random_state=0)
        validation = {"X_val": X_val, "y_val": y_val}
    clf = FERClassifier(
        **PROJECTS[name],
        checkpoint=args.checkpoints / f"project_{name}.checkpoint",
        random_state=0,
        verbose=2,
    )
    if args.epochs is not None:
        clf.set_params(epochs=args.epochs)
    start = time.process_time()
    clf.fit(X, y, **validation)
    processor = time.process_time() - start
    claimed = f"{accuracy_score(y_val, clf.predict(X_val)):.4f}" if validation else ""
    predicted = clf.predict(test.images)
    run = {
        "project": name,
        "claimed": claimed,
        "accuracy": f"{accuracy_score(test.target, predicted):.4f}",
        "macro_f1": f"{f1_score(test.target, predicted, average='macro'):.4f}",
        "train_accuracy": f"{clf.history_['accuracy'][-1]:.4f}",
        "epochs": clf.n_iter_,
        "best_epoch": clf.best_epoch_ or "",
        "minutes": f"{sum(clf.history_['seconds']) / 60:.1f}",
        # Of the process that ended the fit: all of it, unless it was interrupted.
        "processor_minutes": f"{processor / 60:.1f}",
    }
    append_run(args.results, run)
    print(machine(), run, sep="\n", flush=True)


if __name__ == "__main__":
    main()
