"""Write what FER-2013's labels probably are, from votes and from networks that have not seen them.

    python combine.py fer2013.csv combined.npy --votes fer2013new.csv --unseen \
        ../results/fer2013_unseen.npy ../results/fer2013_second_unseen.npy

A regression learns how FER-2013's label goes with what each network says of an image, and with
what ten people of FER+ say of it: one person's label and ten people's votes do not mean the same.
It is fitted on four fifths of the images and asked about the fifth, copies and near duplicates of
an image staying together, so that nothing has seen the label that it is asked for. The result is
for `train.py --unseen`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from _votes import Votes, read_votes
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from ferclassifier import load_fer2013
from ferclassifier.audit import audit_images

_SMALLEST = 1e-4
_PRIOR_VOTES = 0.5


def main() -> None:
    """Combine them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("output", type=Path, help="the .npy file to write")
    parser.add_argument("--votes", type=Path, help="fer2013new.csv")
    parser.add_argument(
        "--unseen",
        type=Path,
        nargs="+",
        default=[],
        help="what networks say that have not seen the images, in a file for each of their kinds",
    )
    parser.add_argument("--limit", type=int, help="use only the first images, to try it out")
    args = parser.parse_args()

    train = load_fer2013(args.data, subset="train")
    images = train.images[: args.limit]
    y = train.target[: args.limit]
    opinions = [np.load(file).astype(np.float32) for file in args.unseen]
    evidence = [np.log(np.maximum(opinion, _SMALLEST)) for opinion in opinions]
    if args.votes is not None:
        evidence.append(evidence_of(read_votes(args.votes, "train")))
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    proba = cross_val_predict(
        LogisticRegression(C=0.1, solver="newton-cholesky"),
        np.hstack([part[: args.limit] for part in evidence]),
        y,
        cv=folds.split(images, y, audit_images(images, y).same_image),
        method="predict_proba",
    )
    np.save(args.output, proba.astype(np.float16))
    said = np.unique(y)[proba.argmax(axis=1)]
    print(
        f"{args.output}: {accuracy_score(y, said):.4f} of the labels, log-loss "
        f"{log_loss(y, proba):.4f}"
    )


def evidence_of(votes: Votes) -> NDArray[np.float64]:
    """Return votes on the scale of log-probabilities, and their shares."""
    counts = votes.counts + _PRIOR_VOTES
    total = votes.counts.sum(axis=1, keepdims=True)
    return np.hstack(
        [np.log(counts / counts.sum(axis=1, keepdims=True)), votes.counts / np.maximum(total, 1)]
    )


if __name__ == "__main__":
    main()
