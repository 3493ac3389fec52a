"""Write what networks say of the Training images that they have not seen, for others to learn from.

    python benchmarks/fer2013/cross_fit.py benchmarks/fer2013/vgg_fold.toml fer2013.csv unseen.npy

The images are divided into folds, copies and near duplicates of one image staying together, and
each fold is predicted by a network that is trained on the others: a teacher that has learned an
image by heart repeats its label, right or wrong (Dao et al., "Knowledge Distillation as
Semiparametric Inference", arXiv:2104.09732). `--fold` does one fold alone, so that they can be
trained side by side, each into a file of its own; rows of images that are seen are NaN.

The networks of the folds can be taught themselves: by what those of a first round said (`--unseen`;
each of these had seen the labels of other folds, but not that of the image which it judged), or by
votes (`--votes`).
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from ferclassifier import FERClassifier
from ferclassifier.audit import audit_images

sys.path.insert(0, str(Path(__file__).parents[1]))
from _training_set import add_arguments, training_set

from _shared.runs import append_run


def main() -> None:
    """Train a network for each fold, and predict the fold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", type=Path, help="a .toml file of this folder")
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("output", type=Path, help="the .npy file to write")
    parser.add_argument("--folds", type=int, default=5, help="into which the images are divided")
    parser.add_argument("--fold", type=int, help="from 0: the only one to predict")
    parser.add_argument("--epochs", type=int, help="instead of the configuration's")
    parser.add_argument("--log", type=Path, help="a .csv file to add a line per epoch to")
    add_arguments(parser)
    args = parser.parse_args()

    config = tomllib.loads(args.config.read_text())
    params = config["classifier"]
    if args.epochs is not None:
        params["epochs"] = args.epochs
    train = training_set(args, config)
    groups = audit_images(train.images, train.emotions).same_image
    unseen = np.full(
        (len(train.images), len(np.unique(train.labels[train.learned]))), np.nan, dtype=np.float32
    )
    folds = StratifiedGroupKFold(args.folds, shuffle=True, random_state=0)
    for number, (seen, held_out) in enumerate(folds.split(train.images, train.emotions, groups)):
        if args.fold not in (None, number):
            continue
        start = time.perf_counter()
        clf = FERClassifier(**params, verbose=2)
        rows = train.rows(clf.batch_size, among=seen)
        soft_targets = None if train.soft_targets is None else train.soft_targets[rows]
        clf.fit(train.images[rows], train.labels[rows], soft_targets=soft_targets)
        unseen[held_out] = clf.predict_proba(train.images[held_out])
        np.save(args.output, unseen)
        for epoch, (seconds, loss, accuracy) in enumerate(
            zip(*(clf.history_[key] for key in ("seconds", "loss", "accuracy")), strict=True), 1
        ):
            if args.log is not None:
                epochs = {"seconds": f"{seconds:.1f}", "loss": f"{loss:.3f}"}
                append_run(
                    args.log,
                    {"fold": number, "epoch": epoch, **epochs, "accuracy": f"{accuracy:.3f}"},
                )
        judged = np.intersect1d(train.learned, held_out)
        right = clf.classes_[unseen[judged].argmax(axis=1)] == train.labels[judged]
        print(
            f"fold {number}: {right.mean():.4f} of {len(judged):,} labels "
            f"in {(time.perf_counter() - start) / 60:.1f} minutes",
            flush=True,
        )


if __name__ == "__main__":
    main()
