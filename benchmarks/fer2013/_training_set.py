"""What a network learns from: images, labels, and what is learned beside the labels."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier import load_fer2013

sys.path.insert(0, str(Path(__file__).parents[1]))
from _votes import read_votes

from _shared.public_test import load


class TrainingSet(NamedTuple):
    """The Training images of FER-2013, or the first of them.

    Attributes
    ----------
    images : ndarray of shape (n, 48, 48), uint8
    emotions : ndarray of shape (n,), str
        The labels of FER-2013.
    labels : ndarray of shape (n,), str
        Those to learn: the same, or what most people voted for.
    soft_targets : ndarray of shape (n, n_classes), float32, or None
    learned : ndarray of shape (m,), int
        The images to learn from.
    """

    images: NDArray[np.uint8]
    emotions: NDArray[np.str_]
    labels: NDArray[np.str_]
    soft_targets: NDArray[np.float32] | None
    learned: NDArray[np.intp]

    def rows(self, batch_size: int, among: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
        """Return the images to learn from, some of them twice, so that all batches are full.

        JAX would compile a step of its own for what is left over, which takes as long as some
        epochs.
        """
        rows = self.learned if among is None else np.intersect1d(self.learned, among)
        missing = -len(rows) % batch_size
        twice = np.random.default_rng(0).choice(rows, min(missing, len(rows)), replace=False)
        return np.append(rows, twice)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what is learned."""
    parser.add_argument("--limit", type=int, help="use only the first images, to try it out")
    parser.add_argument(
        "--votes",
        type=Path,
        metavar="FILE",
        help="fer2013new.csv: the eight emotions of FER+ are learned, as [votes] says in the "
        'configuration: from which images ("majority" or "emotion"), and what the votes count '
        "beside --unseen",
    )
    parser.add_argument(
        "--unseen",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="what cross_fit.py wrote, in one file or one a fold: it is learned beside the labels",
    )


def training_set(args: argparse.Namespace, config: dict[str, Any]) -> TrainingSet:
    """Read what the options and a configuration ask for."""
    faces = load_fer2013(args.data, subset="train")
    images = faces.images[: args.limit]
    emotions = faces.target[: args.limit]
    opinions = teachers_opinions(config["teachers"], images) if "teachers" in config else []
    if args.unseen is not None:
        opinions.append(joined([np.load(file)[: len(images)] for file in args.unseen]))
    soft_targets = np.mean(opinions, axis=0, dtype=np.float32) if opinions else None
    if args.votes is None:
        return TrainingSet(images, emotions, emotions, soft_targets, np.arange(len(images)))

    votes = read_votes(args.votes, "train")
    shares = votes.shares[: len(images)]
    if soft_targets is not None:
        share = np.float32(config["votes"]["share"])
        shares = share * shares + (1 - share) * soft_targets
    learned = {"majority": votes.has_majority, "emotion": votes.is_emotion}
    rows = np.flatnonzero(learned[config["votes"]["images"]][: len(images)])
    return TrainingSet(images, emotions, votes.plurality[: len(images)], shares, rows)


def teachers_opinions(teachers: dict[str, Any], X: Any) -> list[NDArray[np.float32]]:
    """Return the probabilities that each teacher gives the training images."""
    opinions = []
    for name in teachers["models"]:
        teacher = load(name)
        teacher.set_params(test_time_augmentation=teachers.get("test_time_augmentation"))
        opinions.append(teacher.predict_proba(X))
        print(f"{name} teaches", flush=True)
    return opinions


def joined(parts: list[NDArray[Any]]) -> NDArray[np.float32]:
    """Return, for each image, the mean of the files in which it has a row."""
    stacked = np.stack(parts).astype(np.float32)
    known = ~np.isnan(stacked).any(axis=2)
    if not known.any(axis=0).all():
        raise SystemExit(
            f"{(~known.any(axis=0)).sum():,} of {known.shape[1]:,} images have no row in any of "
            "the files given to --unseen: give the files of all folds."
        )
    mean: NDArray[np.float32] = np.nanmean(stacked, axis=0)
    return mean / mean.sum(axis=1, keepdims=True)
