"""What Keras's validation_split says of rows that are sorted by their class.

    python benchmarks/pitfalls/validation_split.py fer2013.csv

A small network of plain Keras, trained alike on the same images of Training: once with
``validation_split=0.2`` on rows in the order of their classes, as a folder for each class gives
them, where the last fifth is held out before anything is shuffled, and once with a stratified
fifth. PublicTest tells what each network is worth.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np
from sklearn.model_selection import train_test_split

from ferclassifier import load_fer2013

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table


def main() -> None:
    """Fit both ways and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--images", type=int, default=7000)
    parser.add_argument("--epochs", type=int, default=8)
    args = parser.parse_args()

    train = load_fer2013(args.data, subset="train")
    test = load_fer2013(args.data, subset="validation")
    chosen = np.random.default_rng(0).choice(len(train.images), args.images, replace=False)
    X, y = train.images[chosen, ..., None], train.target_codes[chosen]
    X_test, y_test = test.images[..., None], test.target_codes

    by_class = np.argsort(y, kind="stable")
    X_fit, X_held, y_fit, y_held = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    ways: dict[str, tuple[Any, Any, dict[str, Any]]] = {
        "`validation_split=0.2`, sorted": (X[by_class], y[by_class], {"validation_split": 0.2}),
        "a stratified fifth": (X_fit, y_fit, {"validation_data": (X_held, y_held)}),
    }
    rows: list[dict[str, object]] = []
    for way, (images, labels, held_out) in ways.items():
        keras.utils.set_random_seed(0)
        model = network()
        fitted = model.fit(images, labels, epochs=args.epochs, batch_size=64, verbose=0, **held_out)
        n_fit = args.images * 4 // 5
        held = labels[n_fit:] if "validation_split" in held_out else y_held
        rows.append(
            {
                "held out": way,
                "classes held out": len(np.unique(held)),
                "accuracy in training": f"{fitted.history['accuracy'][-1]:.3f}",
                "accuracy held out": f"{fitted.history['val_accuracy'][-1]:.3f}",
                "accuracy on PublicTest": f"{model.evaluate(X_test, y_test, verbose=0)[1]:.3f}",
            }
        )
    print(f"{machine()}\n\n{table(rows)}")


def network() -> keras.Model:
    """Return a compiled network of three blocks."""
    layers = keras.layers
    blocks = [
        layer
        for width in (32, 64, 128)
        for layer in (
            layers.Conv2D(width, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
        )
    ]
    model = keras.Sequential(
        [
            keras.Input((48, 48, 1)),
            layers.Rescaling(1 / 127.5, offset=-1),
            *blocks,
            layers.GlobalAveragePooling2D(),
            layers.Dense(7, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


if __name__ == "__main__":
    main()
