"""Score the expression network of face-api.js, on FER-2013's PublicTest.

    npm pack @vladmandic/face-api
    tar -xzf vladmandic-face-api-*.tgz
    python benchmarks/peers/face_api_network.py fer2013.csv package/model

It is what web pages use most for expressions: four blocks of separable convolutions, each fed by
the sum of all before it, on RGB faces of 112 by 112 pixels; the weights are kept as bytes. Built
anew here from its weights; `--pixels` writes images for the JavaScript package to answer as well
(face_api_answers.cjs), and `--answers` compares what it said of them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))
from _scores import score_rows

from _shared.machine import machine, table
from _shared.public_test import public_test

EMOTIONS = ["neutral", "happy", "sad", "angry", "fear", "disgust", "surprise"]
SIDE = 112
MEAN_RGB = (122.782, 117.001, 104.298)
N_COMPARED = 50


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("models", type=Path, help="the folder of face-api's weights")
    parser.add_argument("--pixels", type=Path, help="write some images as JSON, and stop")
    parser.add_argument("--answers", type=Path, help="what the package answered to these, as JSON")
    args = parser.parse_args()
    test = public_test(args.data)
    if args.pixels is not None:
        args.pixels.write_text(json.dumps(test.images[:N_COMPARED].tolist()))
        return
    weights = read_weights(args.models)
    proba = np.concatenate([answers(weights, part) for part in np.array_split(test.images, 40)])
    if args.answers is not None:
        theirs = np.array(json.loads(args.answers.read_text()))
        print(f"largest difference to the package: {abs(theirs - proba[:N_COMPARED]).max():.1e}")
    order = np.argsort(EMOTIONS)
    rows = score_rows(test, proba[:, order], sorted(EMOTIONS))
    print(machine())
    print(f"{sum(weight.size for weight in weights.values()):,} weights")
    print(table(rows))


def read_weights(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Return the weights by name; those that are kept as bytes have a scale and a least value."""
    name = "face_expression_model"
    (group,) = json.loads((folder / f"{name}-weights_manifest.json").read_text())
    content = (folder / f"{name}.bin").read_bytes()
    weights, start = {}, 0
    for entry in group["weights"]:
        form = entry.get("quantization")
        dtype = np.dtype(form["dtype"] if form else entry["dtype"])
        size = int(np.prod(entry["shape"]))
        values = np.frombuffer(content, dtype, size, start).astype(np.float32)
        start += size * dtype.itemsize
        if form:
            values = values * np.float32(form["scale"]) + np.float32(form["min"])
        weights[entry["name"]] = values.reshape(entry["shape"])
    if start != len(content):
        raise ValueError(f"Got {len(content)} bytes, but expected {start}.")
    return weights


def answers(weights: dict[str, Any], images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the probabilities of gray images, prepared as the package does."""
    x = tf.repeat(tf.constant(images[..., np.newaxis], tf.float32), 3, axis=-1)
    x = tf.compat.v1.image.resize_bilinear(x, (SIDE, SIDE))
    x = (x - tf.constant(MEAN_RGB)) / 255
    for i in range(4):
        x = block(weights, f"dense{i}", x)
    features = tf.reduce_mean(x, axis=(1, 2))
    proba = tf.nn.softmax(features @ weights["fc/weights"] + weights["fc/bias"])
    return np.asarray(proba)


def block(weights: dict[str, Any], name: str, x: Any) -> Any:
    """Return a block's output: what its four convolutions gave, summed."""
    total = tf.nn.relu(convolved(weights, f"{name}/conv0", x, stride=2))
    for i in (1, 2, 3):
        total += convolved(weights, f"{name}/conv{i}", tf.nn.relu(total), stride=1)
    return tf.nn.relu(total)


def convolved(weights: dict[str, Any], name: str, x: Any, *, stride: int) -> Any:
    """Return a convolution's output; only the first one of the network is not separable."""
    strides = [1, stride, stride, 1]
    if f"{name}/filters" in weights:
        x = tf.nn.conv2d(x, weights[f"{name}/filters"], strides, "SAME")
    else:
        parts = (weights[f"{name}/{part}_filter"] for part in ("depthwise", "pointwise"))
        x = tf.nn.separable_conv2d(x, *parts, strides, "SAME")
    return x + weights[f"{name}/bias"]


if __name__ == "__main__":
    main()
