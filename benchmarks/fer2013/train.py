"""Train a released model on FER-2013's Training images, as its configuration file says.

    python benchmarks/fer2013/train.py benchmarks/fer2013/compact.toml fer2013.csv my.safetensors

An interrupted run goes on where it stopped when the same command is given again: its state lies
beside the model, in a file that ends in ".checkpoint". KERAS_BACKEND=jax or torch trains on what
these find, a GPU for instance. The log, a line per epoch, has the scores on PublicTest, which
choose nothing: the weights of the last epoch are kept. `--unwatched` leaves both out, which take a
tenth of the time on a GPU.
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ferclassifier import FERClassifier, load_fer2013

sys.path.insert(0, str(Path(__file__).parents[1]))
from _training_set import add_arguments, training_set
from _votes import read_votes

from _shared.public_test import weights_of
from _shared.runs import write_history

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
    parser.add_argument("--distillation-weight", type=float, help="instead of the configuration's")
    add_arguments(parser)
    parser.add_argument("--log", type=Path, help="default: benchmarks/results/fer2013_CONFIG.csv")
    parser.add_argument("--unwatched", action="store_true", help="no checkpoint and no PublicTest")
    args = parser.parse_args()

    config = tomllib.loads(args.config.read_text())
    given = {
        "random_state": args.seed,
        "epochs": args.epochs,
        "initial_weights": args.initial_weights,
        "distillation_weight": args.distillation_weight,
    }
    params = config["classifier"] | {k: v for k, v in given.items() if v is not None}
    log = args.log or LOGS / f"fer2013_{args.config.stem}.csv"
    views = params.pop("test_time_augmentation", None)
    if "initial_weights" in params:
        params["initial_weights"] = str(weights_of(params["initial_weights"]))

    train = training_set(args, config)
    clf = FERClassifier(**params, callbacks=[history_logger(log)], verbose=2)
    rows = train.rows(clf.batch_size)
    watched: dict[str, Any] = {}
    if not args.unwatched:
        clf.set_params(checkpoint=args.model.with_suffix(".checkpoint"))
        watched["X_val"], watched["y_val"] = public_test(args)
    start = time.perf_counter()
    clf.fit(
        train.images[rows],
        train.labels[rows],
        soft_targets=None if train.soft_targets is None else train.soft_targets[rows],
        **watched,
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
        f"training, the last {minutes:.0f} of them now; {args.model.stat().st_size / 1e6:.2f} MB"
        + (f"; PublicTest {clf.score(*watched.values()):.4f}" if watched else "")
    )


def public_test(args: argparse.Namespace) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the images of PublicTest and their labels, those with a majority if it is learned."""
    test = load_fer2013(args.data, subset="validation")
    if args.votes is None:
        return test.images, test.target
    votes = read_votes(args.votes, "validation")
    return test.images[votes.has_majority], votes.plurality[votes.has_majority]


def history_logger(path: Path) -> Any:
    """Return a callback that adds a line to the log after each epoch."""
    from ferclassifier._utils.keras_door import keras  # as FERClassifier sets it up

    return keras.callbacks.CSVLogger(path, append=True)


if __name__ == "__main__":
    main()
