"""Compute the statistics of a trained model's normalisations anew, on Training images.

    python benchmarks/fer2013/renormalise.py fer2013.csv old.safetensors new.safetensors

A fit ends with this. Models that were trained before it did have the statistics of augmented
images.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from ferclassifier import load_fer2013
from ferclassifier._keras.batches import Batches
from ferclassifier._keras.statistics import recompute_statistics

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.public_test import load


def main() -> None:
    """Compute them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("model", help="a file of clf.save, or a released model's name")
    parser.add_argument("output", type=Path, help="the file to write")
    args = parser.parse_args()

    train = load_fer2013(args.data, subset="train")
    clf = load(args.model)
    images = train.images[..., np.newaxis]
    batches = Batches(images, train.target_codes, len(clf.classes_), 64, seed=0, as_bytes=True)
    batches.on_epoch_begin()
    recompute_statistics(clf._network.keras_model, batches)
    clf.save(args.output, dtype="float16")


if __name__ == "__main__":
    main()
