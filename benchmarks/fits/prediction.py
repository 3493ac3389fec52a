"""What `predict` costs beside a direct call of the compiled network.

    python benchmarks/fits/prediction.py

One image at a time and in batches, with the default network, without views (the default) and with
a mirror image. The direct call is a `tf.function` of the float32 network and the same views, made
here.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from ferclassifier import FERClassifier, make_faces

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table


def main() -> None:
    """Run the benchmark."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    X, y = make_faces(512, random_state=0)
    clf = FERClassifier("compact", epochs=1, random_state=0).fit(X, y)
    model = clf._network.keras_model

    @tf.function
    def plain(images: Any) -> Any:
        return model(images, training=False)

    @tf.function
    def mirrored(images: Any) -> Any:
        both = tf.concat([images, tf.reverse(images, [2])], axis=0)
        return tf.reduce_mean(tf.reshape(model(both, training=False), (2, -1, 7)), axis=0)

    rows = []
    for views, direct in ((None, plain), ("flip", mirrored)):
        clf.set_params(test_time_augmentation=views)
        for n in (1, 256):
            images = X[:n]
            batch = images[..., None]
            calls: list[Callable[[], Any]] = [
                lambda direct=direct, batch=batch: (
                    direct(tf.constant(batch)).numpy().argmax(axis=1)
                ),
                lambda images=images: clf.predict(images),
            ]
            first, second = _medians(calls, repeats=400 if n == 1 else 30)
            rows.append(
                {
                    "views": views or "none",
                    "images": n,
                    "direct, ms": f"{first * 1e3:.2f}",
                    "predict, ms": f"{second * 1e3:.2f}",
                    "ratio": f"{second / first:.2f}",
                }
            )
    print(machine(), "\n")
    print(table(rows))


def _medians(calls: list[Callable[[], Any]], repeats: int) -> list[float]:
    times: list[list[float]] = [[] for _ in calls]
    for repeat in range(repeats + 5):
        for call, seen in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            if repeat >= 5:
                seen.append(time.perf_counter() - start)
    return [statistics.median(seen) for seen in times]


if __name__ == "__main__":
    main()
