"""How far ONNX files answer as the classifiers from which they were made, and how right they are.

    python benchmarks/exported/agreement.py fer2013.csv compact best --views none flip
    python benchmarks/exported/agreement.py fer2013.csv plus --votes fer2013new.csv

On PublicTest: labels and probabilities against Keras's, and the accuracy of both, in float32 and in
whole numbers calibrated on 512 images of Training. The log-loss says what the temperature of the
model is worth with these views. With --votes the labels are what most of ten people say, of the
images on which most agree.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import log_loss

from ferclassifier import OnnxFERClassifier, export_onnx, load_fer2013

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "fer2013"))
from _votes import read_votes

from _shared.machine import machine, table
from _shared.public_test import load

CALIBRATION = 512


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("models", nargs="+", metavar="MODEL", help="released, or files of save")
    parser.add_argument("--views", nargs="+", choices=["none", "flip", "ten_crop"])
    parser.add_argument("--no-int8", action="store_true")
    parser.add_argument("--votes", metavar="FILE", help="fer2013new.csv, for eight emotions")
    args = parser.parse_args()
    test = load_fer2013(args.data, subset="validation")
    images, labels = test.images, test.target
    if args.votes is not None:
        votes = read_votes(args.votes, "validation")
        images, labels = images[votes.has_majority], votes.plurality[votes.has_majority]
    training = load_fer2013(args.data, subset="train").images
    calibration = training[:: len(training) // CALIBRATION][:CALIBRATION]

    precisions = [None] if args.no_int8 else [None, "int8"]
    rows = []
    for name in args.models:
        model = load(name)
        for views in args.views or [None]:
            if views is not None:
                model.set_params(test_time_augmentation=None if views == "none" else views)
            rows += _rows(name, model, images, labels, calibration, precisions)
    print(machine(), "\n")
    print(table(rows))


def _rows(
    name: str, model: Any, images: Any, true: Any, calibration: Any, precisions: list[Any]
) -> list[dict[str, object]]:
    expected = model.predict_proba(images)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for quantize in precisions:
            path = Path(folder) / f"{quantize}.onnx"
            export_onnx(model, path, quantize=quantize, calibration_images=calibration)
            answering = OnnxFERClassifier(path, n_threads=None)
            start = time.perf_counter()
            found = answering.predict_proba(images)
            seconds = time.perf_counter() - start
            labels, of_keras = (model.classes_[p.argmax(axis=1)] for p in (found, expected))
            rows.append(
                {
                    "model": name,
                    "views": getattr(model, "test_time_augmentation", "") or "none",
                    "computes in": quantize or "float32",
                    "same labels": f"{100 * np.mean(labels == of_keras):.2f} %",
                    "largest difference": f"{np.abs(found - expected).max():.1e}",
                    "accuracy": f"{100 * np.mean(labels == true):.2f} %",
                    "Keras's": f"{100 * np.mean(of_keras == true):.2f} %",
                    "log-loss": f"{log_loss(true, found, labels=model.classes_):.4f}",
                    "seconds": f"{seconds:.1f}",
                }
            )
    return rows


if __name__ == "__main__":
    main()
