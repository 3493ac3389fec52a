"""Train a released model on FER-2013's Training images, as its configuration file says.

    python benchmarks/fer2013/train.py benchmarks/fer2013/compact.toml fer2013.csv my.safetensors

An interrupted run goes on where it stopped when the same command is given again: its state lies
beside the model, in a file that ends in ".checkpoint". KERAS_BACKEND=jax or torch trains on what
these find, a GPU for instance. The log, a line per epoch, has the scores on PublicTest, which
choose nothing: the weights of the last epoch are kept.
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier import EMOTIONS, FERClassifier, load_fer2013

sys.path.insert(0, str(Path(__file__).parents[1]))
from _public_test import load, weights_of
from _runs import write_history

HERE = Path(__file__).parent
LOGS = HERE.parent / "results"


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", type=Path, help="a .toml file of this folder")
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("model", type=Path, help="the file to write")
    parser.add_argument("--seed", type=int, help="instead of the configuration's")
    parser.add_argument("--initial-weights", help="instead of the configuration's")
    parser.add_argument("--epochs", type=int, help="instead of the configuration's")
    parser.add_argument("--limit", type=int, help="use only the first images, to try it out")
    parser.add_argument(
        "--unseen",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="what cross_fit.py wrote, in one file or one a fold: it is learned beside the labels",
    )
    parser.add_argument("--log", type=Path, help="default: benchmarks/results/fer2013_CONFIG.csv")
    args = parser.parse_args()

    config = tomllib.loads(args.config.read_text())
    given = {
        "random_state": args.seed,
        "epochs": args.epochs,
        "initial_weights": args.initial_weights,
    }
    params = config["classifier"] | {k: v for k, v in given.items() if v is not None}
    log = args.log or LOGS / f"fer2013_{args.config.stem}.csv"

    train = load_fer2013(args.data, subset="train")
    test = load_fer2013(args.data, subset="validation")
    names = np.array(EMOTIONS)
    X, y = train.images[: args.limit], names[train.target[: args.limit]]
    views = params.pop("test_time_augmentation", None)
    if "initial_weights" in params:
        params["initial_weights"] = str(weights_of(params["initial_weights"]))
    clf = FERClassifier(
        **params,
        checkpoint=args.model.with_suffix(".checkpoint"),
        callbacks=[history_logger(log)],
        verbose=2,
    )
    start = time.perf_counter()
    clf.fit(
        X,
        y,
        X_val=test.images,
        y_val=names[test.target],
        soft_targets=soft_targets(config.get("teachers"), args.unseen, X),
    )
    minutes = (time.perf_counter() - start) / 60
    write_history(log, clf.history_)
    clf.set_params(
        callbacks=None,
        checkpoint=None,
        initial_weights=None,  # a file of this machine
        verbose=0,
        test_time_augmentation=views,
    )
    clf.save(args.model, dtype="float16")
    print(
        f"{args.model}: {clf.n_iter_} epochs, {sum(clf.history_['seconds']) / 60:.0f} minutes of "
        f"training, the last {minutes:.0f} of them now; {args.model.stat().st_size / 1e6:.2f} MB; "
        f"PublicTest {clf.score(test.images, names[test.target]):.4f}"
    )


def soft_targets(teachers: dict[str, Any] | None, unseen: list[Path] | None, X: Any) -> Any:
    """Return the mean of what the teachers and the networks that have not seen an image say."""
    opinions = [] if teachers is None else teachers_opinions(teachers, X)
    if unseen is not None:
        opinions.append(joined([np.load(file)[: len(X)] for file in unseen]))
    return np.mean(opinions, axis=0) if opinions else None


def teachers_opinions(teachers: dict[str, Any], X: Any) -> list[NDArray[np.float32]]:
    """Return the probabilities that each teacher gives the training images."""
    opinions = []
    for name in teachers["models"]:
        teacher = load(name)
        teacher.set_params(test_time_augmentation=teachers.get("test_time_augmentation"))
        opinions.append(teacher.predict_proba(X))
        print(f"{name} teaches", flush=True)
    return opinions


def joined(parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return, for each image, the mean of the files in which it has a row."""
    stacked = np.stack(parts)
    known = ~np.isnan(stacked).any(axis=2)
    if not known.any(axis=0).all():
        raise SystemExit(
            f"{(~known.any(axis=0)).sum():,} of {known.shape[1]:,} images have no row in any of "
            "the files given to --unseen: give the files of all folds."
        )
    mean: NDArray[np.float32] = np.nanmean(stacked, axis=0)
    return mean


def history_logger(path: Path) -> Any:
    """Return a callback that adds a line to the log after each epoch."""
    from ferclassifier._keras import keras  # as FERClassifier sets it up

    return keras.callbacks.CSVLogger(path, append=True)


if __name__ == "__main__":
    main()
