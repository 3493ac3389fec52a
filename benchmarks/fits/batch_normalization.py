"""What TensorFlow's fused BatchNorm kernel saves of a training step.

    python benchmarks/fits/batch_normalization.py

Trains the default network on made-up images with Keras's layer and with the package's, taking
turns, in float32 and in mixed bfloat16.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ferclassifier.architectures import _layers, compact
from ferclassifier.architectures._batch_normalization import BatchNormalization

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=30)
    args = parser.parse_args()
    rows = []
    for precision in ("float32", "mixed_bfloat16"):
        steps = [
            training_step(layer, precision, args.batch)
            for layer in (keras.layers.BatchNormalization, BatchNormalization)
        ]
        times: list[list[float]] = [[], []]
        for repeat in range(args.repeats + 5):
            for step, seen in zip(steps, times, strict=True):
                start = time.perf_counter()
                step()
                if repeat >= 5:
                    seen.append(time.perf_counter() - start)
        theirs, ours = (statistics.median(seen) * 1e3 for seen in times)
        rows.append(
            {
                "precision": precision,
                "Keras's layer, ms": f"{theirs:.1f}",
                "fused kernel, ms": f"{ours:.1f}",
                "ratio": f"{ours / theirs:.2f}",
            }
        )
    print(f"batches of {args.batch}; {machine()}\n")
    print(table(rows))


def training_step(layer: type, precision: str, batch: int) -> Callable[[], Any]:
    """Compile a step of the default network with one kind of normalisation."""
    for module in (compact, _layers):
        module.BatchNormalization = layer  # type: ignore[misc, assignment]
    keras.config.set_dtype_policy(precision)
    inputs = keras.Input((48, 48, 1))
    model = keras.Model(inputs, compact.build(inputs, 7))
    keras.config.set_dtype_policy("float32")
    model.compile(keras.optimizers.SGD(0.01, 0.9), "categorical_crossentropy", jit_compile=False)
    rng = np.random.default_rng(0)
    images = rng.normal(size=(batch, 48, 48, 1)).astype("float32")
    labels = np.eye(7, dtype="float32")[rng.integers(0, 7, batch)]
    batches = iter(tf.data.Dataset.from_tensors((images, labels)).repeat())
    model.make_train_function()
    return lambda: float(next(iter(tf.nest.flatten(model.train_function(batches)))))


if __name__ == "__main__":
    main()
