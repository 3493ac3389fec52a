"""Write the probabilities of a model on PublicTest, to compare backends.

    KERAS_BACKEND=jax python benchmarks/fer2013/predict.py fer2013.csv compact.safetensors jax.npy

The temperature is left out. `evaluate.py --backend jax=jax.npy` compares them.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import keras
import numpy as np

from ferclassifier import load_fer2013

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.public_test import load


def main() -> None:
    """Predict."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("model", help="a file of clf.save, or a released model's name")
    parser.add_argument("output", help="the .npy file to write")
    parser.add_argument(
        "--views",
        nargs="+",
        choices=["none", "flip", "ten_crop"],
        help="instead of the model's own; what is written has a first axis for them",
    )
    args = parser.parse_args()

    images = load_fer2013(args.data, subset="validation").images
    model = load(args.model)
    model.temperature_ = 1.0
    start = time.perf_counter()
    if args.views is None:
        proba = model.predict_proba(images)
    else:
        parts = []
        for views in args.views:
            model.set_params(test_time_augmentation=None if views == "none" else views)
            parts.append(model.predict_proba(images))
        proba = np.stack(parts)
    seconds = time.perf_counter() - start
    np.save(args.output, proba)
    print(f"{keras.backend.backend()}: {len(images):,} images in {seconds:.1f} seconds")


if __name__ == "__main__":
    main()
