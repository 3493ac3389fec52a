"""Write what networks say of the Training images that they have not seen, for others to learn from.

    python benchmarks/fer2013/cross_fit.py benchmarks/fer2013/vgg_fold.toml fer2013.csv unseen.npy

The images are divided into folds, copies and near duplicates of one image staying together, and
each fold is predicted by a network that is trained on the others: a teacher that has learned an
image by heart repeats its label, right or wrong (Dao et al., "Knowledge Distillation as
Semiparametric Inference", arXiv:2104.09732). `--fold` does one fold alone, so that they can be
trained side by side, each into a file of its own; rows of images that are seen are NaN.
"""

from __future__ import annotations

import argparse
import time
import tomllib
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from ferclassifier import EMOTIONS, FERClassifier, load_fer2013
from ferclassifier.audit import audit_images


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
    args = parser.parse_args()

    params = tomllib.loads(args.config.read_text())["classifier"]
    if args.epochs is not None:
        params["epochs"] = args.epochs
    train = load_fer2013(args.data, subset="train")
    X, y = train.images, np.array(EMOTIONS)[train.target]
    folds = StratifiedGroupKFold(args.folds, shuffle=True, random_state=0)
    groups = audit_images(X, y).same_image
    unseen = np.full((len(y), len(EMOTIONS)), np.nan, dtype=np.float32)
    for number, (seen, held_out) in enumerate(folds.split(X, y, groups)):
        if args.fold not in (None, number):
            continue
        start = time.perf_counter()
        clf = FERClassifier(**params, verbose=2).fit(X[seen], y[seen])
        unseen[held_out] = clf.predict_proba(X[held_out])
        np.save(args.output, unseen)
        print(
            f"fold {number}: {clf.score(X[held_out], y[held_out]):.4f} of {len(held_out):,} labels "
            f"in {(time.perf_counter() - start) / 60:.1f} minutes",
            flush=True,
        )


if __name__ == "__main__":
    main()
