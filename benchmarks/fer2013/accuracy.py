"""Train FERClassifier on FER-2013's Training images and score it on PublicTest.

    python benchmarks/fer2013/accuracy.py fer2013.csv

Prints the table of docs/benchmarks.md and writes a line per epoch as CSV. `--set` changes a
parameter, `--model` keeps the fitted classifier.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, memory_mb, reset_peak, table
from _shared.runs import parameters, write_history


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, help="use only the first images, to try it out")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--log", type=Path, default=Path("benchmarks/results/fer2013_epochs.csv"))
    parser.add_argument("--model", type=Path)
    args = parser.parse_args()

    import joblib
    import keras
    from sklearn.metrics import f1_score, log_loss, recall_score

    from ferclassifier import EMOTIONS, FERClassifier, load_fer2013

    train = load_fer2013(args.data, subset="train")
    test = load_fer2013(args.data, subset="validation")
    X, y = train.images[: args.limit], train.target_codes[: args.limit]
    params = parameters(args.set)

    args.log.parent.mkdir(parents=True, exist_ok=True)
    log = keras.callbacks.CSVLogger(args.log)
    clf = FERClassifier(random_state=args.seed, verbose=2, callbacks=[log], **params)
    reset_peak()
    before, start, cpu = memory_mb(), time.perf_counter(), time.process_time()
    clf.fit(X, y)
    minutes = (time.perf_counter() - start) / 60
    cpu_minutes = (time.process_time() - cpu) / 60
    peak = memory_mb("VmHWM")
    write_history(args.log, clf.history_)

    print(f"\n{machine()}\n")
    rows = []
    for views in (None, "flip", "ten_crop"):
        proba = clf.set_params(test_time_augmentation=views).predict_proba(test.images)
        predicted = clf.classes_[proba.argmax(axis=1)]
        recall = recall_score(test.target_codes, predicted, average=None)
        f1 = f1_score(test.target_codes, predicted, average=None)
        rows.append(
            {
                "views": views or "none",
                "accuracy": f"{(predicted == test.target_codes).mean():.4f}",
                "macro-F1": f"{f1.mean():.4f}",
                "log-loss": f"{log_loss(test.target_codes, proba):.4f}",
                **{
                    f"{name} recall / F1": f"{r:.2f} / {f:.2f}"
                    for name, r, f in zip(EMOTIONS, recall, f1, strict=True)
                },
            }
        )
    print(table(rows))
    seconds = sorted(clf.history_["seconds"])
    print(
        f"\n{clf.n_iter_} epochs of {len(X):,} images in {minutes:.1f} minutes "
        f"({cpu_minutes:.1f} minutes of processor time on {machine().split()[0]} cores); seconds "
        f"per epoch: fastest {seconds[0]:.1f}, median {seconds[len(seconds) // 2]:.1f}; memory at "
        f"its peak {peak:.0f} MB, {peak - before:.0f} MB above the process before the fit"
    )
    if args.model:
        clf.set_params(callbacks=None, verbose=0, test_time_augmentation=None)
        joblib.dump(clf, args.model)


if __name__ == "__main__":
    main()
