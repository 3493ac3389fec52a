"""What images that stand in Training add to the score on PublicTest.

    python benchmarks/shared_images.py fer2013.csv --model model.joblib

The model is one of benchmarks/fer2013_accuracy.py, fitted on Training. PublicTest is scored whole,
without the images that stand in Training pixel for pixel, and without those of which Training has a
near duplicate as well, as the audit finds them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import joblib
import numpy as np

from _machine import machine, table
from ferclassifier import EMOTIONS, load_fer2013
from ferclassifier.audit import audit_images
from ferclassifier.metrics import emotion_report


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--model", type=Path, required=True, help="a file of joblib.dump")
    args = parser.parse_args()

    faces = load_fer2013(args.data, subset="all")
    rows = np.isin(faces.usage, ["train", "validation"])
    images, labels, usage = faces.images[rows], faces.target[rows], faces.usage[rows]
    test = np.flatnonzero(usage == "validation")
    audit = audit_images(images, labels, groups=usage)
    exact = np.append(audit["across-groups"].indices, audit["constant"].indices)
    near = np.setdiff1d(audit["near-across-groups"].indices, exact)
    proba = joblib.load(args.model).predict_proba(images[test])
    truth = np.array(EMOTIONS)[labels[test]]

    lines = []
    for name, left_out in (
        ("all of PublicTest", np.array([], dtype=int)),
        ("without copies", exact),
        ("without copies and near duplicates", np.concatenate([exact, near])),
        ("the copies alone", np.setdiff1d(test, exact)),
        ("the near duplicates alone", np.setdiff1d(test, near)),
    ):
        kept = ~np.isin(test, left_out)
        scores = emotion_report(truth[kept], proba[kept], classes=EMOTIONS)
        low, high = scores.accuracy_interval
        lines.append(
            {
                "images": name,
                "number": f"{scores.n_images:,}",
                "accuracy": f"{scores.accuracy:.4f}",
                "95 % interval": f"{low:.3f} to {high:.3f}",
                "macro-F1": f"{scores.macro_f1:.4f}",
                "ECE": f"{scores.expected_calibration_error:.4f}",
            }
        )
    print(machine(), "\n")
    print(table(lines))


if __name__ == "__main__":
    main()
