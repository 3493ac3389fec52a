"""How many images are kept, and how accurately, if unsure predictions are rejected.

    python benchmarks/insight/coverage.py fer2013.csv --model model.joblib

PublicTest before and after calibration. The temperature is fitted on one half of the images (drawn
at random, of each class as many) and scored on the other, and the other way round, so that no image
helps to calibrate its own probabilities.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from ferclassifier.inspection import CoverageDisplay
from ferclassifier.metrics import coverage_accuracy_curve, emotion_report

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import table
from _shared.public_test import cross_calibrated, load, names_of, public_test

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument(
        "--model", required=True, help="a file of joblib.dump or save, or the name of a model"
    )
    parser.add_argument("--picture", metavar="FILE", help="draw the curves before and after")
    args = parser.parse_args()

    test = public_test(args.data)
    clf = load(args.model)
    clf.temperature_ = 1.0
    y, classes, plain = test.labels, names_of(clf.classes_), clf.predict_proba(test.images)
    calibrated, temperatures = cross_calibrated(plain, y, classes)

    print(_rates(y, {"": plain, ", calibrated": calibrated}, classes), "\n")
    for name, proba in (("before", plain), ("after", calibrated)):
        scores = emotion_report(y, proba, classes=classes)
        area = coverage_accuracy_curve(y, proba, classes=classes).area_under_risk
        print(
            f"{name}: ECE {scores.expected_calibration_error:.4f}, log-loss {scores.log_loss:.4f}, "
            f"accuracy {scores.accuracy:.4f}, area under risk {area:.4f}"
        )
    print("temperatures of the halves:", ", ".join(f"{t:.3f}" for t in temperatures))
    if args.picture:
        _draw(args.picture, y, {"as trained": plain, "calibrated": calibrated}, classes)


def _rates(y: Any, by_name: dict[str, Any], classes: Any) -> str:
    rows = []
    for threshold in THRESHOLDS:
        row: dict[str, object] = {"`reject_below`": f"{threshold:.1f}"}
        for name, proba in by_name.items():
            kept = proba.max(axis=1) >= np.float32(threshold)
            right = classes[proba.argmax(axis=1)] == y
            row[f"coverage{name}"] = f"{kept.mean():.3f}"
            row[f"accuracy{name}"] = f"{right[kept].mean():.3f}" if kept.any() else ""
        rows.append(row)
    return table(rows)


def _draw(path: str, y: Any, by_name: dict[str, Any], classes: Any) -> None:
    ax = None
    for name, proba in by_name.items():
        display = CoverageDisplay.from_predictions(y, proba, classes=classes, name=name, ax=ax)
        ax = display.ax_
    display.figure_.savefig(path, dpi=120, bbox_inches="tight")


if __name__ == "__main__":
    main()
