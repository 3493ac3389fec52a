"""How fast saliency is, and how much of a network's evidence it finds.

    python benchmarks/insight/saliency.py
    python benchmarks/insight/saliency.py --model model.joblib --data fer2013.csv

The first draws faces and fits the default network for an epoch, which is enough for speed: the
median of five turns, after one that compiles.

The second takes a model that `joblib.dump` or `save` has written, and the validation images. The
tenth of the pixels where a map is highest is hidden under the image's mean, and the log-odds of the
predicted class fall; or it is all that is left of an image blurred over 6 pixels, and they rise.
Beside the three methods stand a map that is highest in the middle of each image, gradients alone,
and Grad-CAM as it was published, at the last layer.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from keras import Model
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from ferclassifier import FERClassifier, load_fer2013, make_faces
from ferclassifier._cli.model_files import read_any_model
from ferclassifier._keras.explainer import _gradients, _log_odds, _stages
from ferclassifier.images._maps import resized
from ferclassifier.inspection import saliency

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table

METHODS = ("gradcam", "gradient", "occlusion")
SHARE = 0.1


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--data")
    parser.add_argument("--images", type=int, default=300)
    args = parser.parse_args()
    print(machine(), "\n")
    if args.model is None:
        faces, labels = make_faces(256, random_state=0)
        clf = FERClassifier("compact", epochs=1, random_state=0).fit(faces, labels)
        print(table([_speed(clf, faces, method) for method in METHODS]))
    else:
        images = load_fer2013(args.data, subset="validation").images[: args.images]
        print(table(_evidence(read_any_model(args.model), images)))


def _speed(clf: Any, faces: NDArray[Any], method: Any) -> dict[str, object]:
    row: dict[str, object] = {"method": method}
    for n_images in (1, 24, len(faces)):
        times = []
        for _ in range(6):
            start = time.perf_counter()
            saliency(clf, faces[:n_images], method)
            times.append(time.perf_counter() - start)
        seconds = statistics.median(times[1:])
        row[f"{n_images} faces, s"] = f"{seconds:.2f}"
    row["images/s"] = f"{len(faces) / seconds:,.0f}"
    return row


def _evidence(clf: Any, images: NDArray[Any]) -> list[dict[str, object]]:
    codes = clf.predict_proba(images).argmax(axis=1)

    def log_odds(seen: NDArray[Any]) -> NDArray[Any]:
        proba = clf.predict_proba(seen)
        its_own = proba[np.arange(len(codes)), codes]
        return np.log(its_own) - np.log(proba.sum(axis=1) - its_own)

    blurred = np.rint(gaussian_filter(images.astype(np.float32), (0, 6, 6))).astype(np.uint8)
    mean = np.rint(images.mean(axis=(1, 2), keepdims=True)).astype(np.uint8)
    full, empty = log_odds(images), log_odds(blurred)
    rows = []
    for name, make in _maps(clf, images, codes).items():
        highest = _highest(make())
        rows.append(
            {
                "map": name,
                "fall": f"{(full - log_odds(np.where(highest, mean, images))).mean():.2f}",
                "rise": f"{(log_odds(np.where(highest, images, blurred)) - empty).mean():.2f}",
            }
        )
    return rows


def _highest(maps: NDArray[Any]) -> NDArray[np.bool_]:
    """Choose the same number of pixels of each image, at random where a map is level."""
    noise = np.random.default_rng(0).random(maps.shape) * 1e-6
    flat = (maps + noise).reshape(len(maps), -1)
    ranks = np.argsort(np.argsort(-flat, axis=1), axis=1)
    chosen: NDArray[np.bool_] = ranks < SHARE * flat.shape[1]
    return chosen.reshape(maps.shape)


def _maps(
    clf: Any, images: NDArray[Any], codes: NDArray[Any]
) -> dict[str, Callable[[], NDArray[Any]]]:
    model = clf._network.keras_model
    pixels = images[..., np.newaxis].astype(np.float32)
    _, height, width = images.shape
    rows, columns = np.mgrid[:height, :width]
    middle = -np.hypot(rows - 0.55 * height, columns - 0.5 * width)

    def gradients_alone() -> NDArray[Any]:
        found = _at(model, pixels, codes)
        return gaussian_filter(np.abs(found[..., 0]), (0, 1, 1))

    def published() -> NDArray[Any]:
        last = _stages(model)[-1]
        features = Model(model.input, last).predict(pixels, verbose=0)
        weights = _at(Model(last, model.output), features, codes).mean(axis=(1, 2), keepdims=True)
        return resized(np.maximum((features * weights).sum(axis=-1), 0), (height, width))

    return {
        "middle of the image": lambda: np.repeat(middle[np.newaxis], len(images), axis=0),
        "gradients alone": gradients_alone,
        "Grad-CAM as published": published,
        **{f"`{method}`": lambda m=method: saliency(clf, images, m) for method in METHODS},
    }


def _at(model: Any, inputs: NDArray[Any], codes: NDArray[Any]) -> NDArray[Any]:
    """Return the gradients of the log-odds at a network's inputs, in batches."""
    import tensorflow as tf

    parts = []
    for start in range(0, len(inputs), 100):
        part = slice(start, start + 100)
        chosen = codes[part]
        (found,) = _gradients(
            lambda x, c=chosen: _log_odds(model(x[0], training=False), c),
            [tf.constant(inputs[part])],
        )
        parts.append(found.numpy())
    return np.concatenate(parts)


if __name__ == "__main__":
    main()
