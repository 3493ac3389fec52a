"""What a fit through FERClassifier costs beside the same network in plain Keras.

    python benchmarks/fits/fit_overhead.py fer2013.csv

Both train the same network on the same images with the same settings, taking turns; every fit
builds and compiles its network anew. The figure is the median of the ratios of neighbours. The
estimator ends with statistics of unchanged images, which plain Keras has no step for: what they
take stands beside it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

import keras
import numpy as np

from ferclassifier import RECIPES, FERClassifier, load_fer2013
from ferclassifier._keras import network
from ferclassifier._keras.loss import Crossentropy
from ferclassifier._keras.random_augmentation import RandomAugmentation
from ferclassifier._keras.statistics import recompute_statistics
from ferclassifier.architectures import get_architecture
from ferclassifier.augmentation import PRESETS

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table

BATCH, RATE, DECAY, SMOOTHING = 64, 0.08, 0.005, 0.1


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--images", type=int, default=6000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    train = load_fer2013(args.data, subset="train")
    X, y = train.images[: args.images], train.target_codes[: args.images]

    rows = []
    for precision in ("float32", "mixed_bfloat16"):
        plain, ours, statistics_step = [], [], []
        for repeat in range(args.repeats + 1):
            seconds = fit_plainly(X, y, precision, args.epochs)
            estimator_seconds, statistics_seconds = fit_estimator(X, y, precision, args.epochs)
            if repeat:  # the first round warms up
                plain.append(seconds)
                ours.append(estimator_seconds)
                statistics_step.append(statistics_seconds)
        ratios = [b / a for a, b in zip(plain, ours, strict=True)]
        rows.append(
            {
                "precision": precision,
                "plain Keras, s": f"{statistics.median(plain):.2f}",
                "FERClassifier, s": f"{statistics.median(ours):.2f}",
                "of it statistics, s": f"{statistics.median(statistics_step):.2f}",
                "ratio, median": f"{statistics.median(ratios):.3f}",
                "ratios": ", ".join(f"{ratio:.3f}" for ratio in ratios),
            }
        )
    print(f"{len(X):,} images, {args.epochs} epochs, {args.repeats} repeats; {machine()}\n")
    print(table(rows))


def fit_plainly(X: Any, y: Any, precision: str, epochs: int) -> float:
    """Fit as a Keras user would, on the array."""
    start = time.perf_counter()
    keras.config.set_dtype_policy(precision)
    inputs = keras.Input((*X.shape[1:], 1))
    x = keras.layers.Rescaling(1 / 127.5, -1, dtype="float32")(inputs)
    x = RandomAugmentation(PRESETS["standard"].to_dict(), dtype="float32")(x)
    model = keras.Model(inputs, get_architecture("compact")(x, 7))
    keras.config.set_dtype_policy("float32")
    steps = -(-len(X) // BATCH) * epochs
    warmup = max(1, round(0.04 * steps))
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=RATE, warmup_steps=warmup
    )
    optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=DECAY)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    model.compile(optimizer, Crossentropy(), metrics=["accuracy"], jit_compile=False)
    labels = np.eye(7, dtype="float32")[y] * (1 - SMOOTHING) + SMOOTHING / 7
    model.fit(X[..., None], labels, batch_size=BATCH, epochs=epochs, verbose=0)
    return time.perf_counter() - start


def fit_estimator(X: Any, y: Any, precision: str, epochs: int) -> tuple[float, float]:
    """Fit through the estimator, with no compiled network to reuse.

    Returns the seconds of the fit, and how many of them the statistics of unchanged images took.
    """
    network.training_pool._idle.clear()
    network.predicting_pool._idle.clear()
    statistics_step = []

    def timed(*args: Any) -> None:
        start = time.perf_counter()
        recompute_statistics(*args)
        statistics_step.append(time.perf_counter() - start)

    start = time.perf_counter()
    with mock.patch.object(network, "recompute_statistics", timed):
        params = {**RECIPES["plain"], "epochs": epochs, "precision": precision}
        FERClassifier(**params, random_state=0).fit(X, y)
    return time.perf_counter() - start, sum(statistics_step)


if __name__ == "__main__":
    main()
