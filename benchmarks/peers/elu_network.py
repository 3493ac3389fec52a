"""Train the network that FER-2013 notebooks copy most, as they train it, and score it honestly.

    python benchmarks/peers/elu_network.py fer2013.csv

Six convolutions with exponential linear units, Adam at 0.001, batches of 32, at most 92 epochs on
nine tenths of the images, the rate divided where the other tenth stands still, and the epoch kept
that this tenth liked best. So the tenth has chosen the epoch, and is no test; PublicTest is. An
interrupted run goes on where it stopped when the same command is given again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split

from ferclassifier import FERClassifier, load_fer2013

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table
from _shared.public_test import public_test
from _shared.runs import write_history

LOG = Path(__file__).parents[1] / "results" / "peers_elu_network.csv"
CHECKPOINT = Path(tempfile.gettempdir()) / "elu_network.checkpoint"


def main() -> None:
    """Train, and print the scores on both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--epochs", type=int, default=92)
    parser.add_argument("--limit", type=int, help="use only the first images, to try it out")
    parser.add_argument("--log", type=Path, default=LOG)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--model", type=Path, help="where to save the network")
    args = parser.parse_args()

    train = load_fer2013(args.data, subset="train")
    X, y = train.images[: args.limit], train.target[: args.limit]
    X, X_val, y, y_val = train_test_split(X, y, test_size=0.1, stratify=y, random_state=0)
    clf = FERClassifier(
        architecture="elu_cnn",
        optimizer="adam",
        learning_rate=0.001,
        learning_rate_schedule="plateau",
        batch_size=32,
        epochs=args.epochs,
        early_stopping=True,
        patience=args.epochs,
        label_smoothing=0.0,
        weight_decay=0.0,
        checkpoint=args.checkpoint,
        random_state=0,
        verbose=2,
    )
    clf.fit(X, y, X_val=X_val, y_val=y_val)
    write_history(args.log, clf.history_)
    if args.model is not None:
        clf.set_params(checkpoint=None, verbose=0).save(args.model)
    test = public_test(args.data)
    print(machine())
    print(
        f"{clf.n_iter_} epochs in {sum(clf.history_['seconds']) / 60:.0f} minutes, the one of "
        f"number {clf.best_epoch_} kept"
    )
    rows: list[dict[str, object]] = []
    add_row(rows, "the tenth that chose the epoch", y_val, clf.predict(X_val))
    predicted = clf.predict(test.images)
    for name, kept in test.subsets.items():
        add_row(rows, f"PublicTest, {name.replace('_', ' ')}", test.labels[kept], predicted[kept])
    print(table(rows))


def add_row(rows: list[dict[str, object]], name: str, labels: Any, predicted: Any) -> None:
    """Add the scores on some images."""
    rows.append(
        {
            "images": name,
            "number": f"{len(labels):,}",
            "accuracy": f"{accuracy_score(labels, predicted):.4f}",
            "macro-F1": f"{f1_score(labels, predicted, average='macro'):.4f}",
        }
    )


if __name__ == "__main__":
    main()
