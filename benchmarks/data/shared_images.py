"""What images that stand in Training add to the score on PublicTest.

    python benchmarks/data/shared_images.py fer2013.csv --model model.joblib

The model is one of benchmarks/fer2013/accuracy.py, fitted on Training. PublicTest is scored whole,
without the images that stand in Training pixel for pixel, and without those of which Training has a
near duplicate as well, as the audit finds them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ferclassifier.metrics import emotion_report

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table
from _shared.public_test import load, names_of, public_test


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--model", required=True, help="a file of joblib.dump or save, or a name")
    args = parser.parse_args()

    test = public_test(args.data)
    without_copies, without_near = (
        test.subsets[name] for name in ("without_copies", "without_near_duplicates")
    )
    clf = load(args.model)
    classes, proba = names_of(clf.classes_), clf.predict_proba(test.images)

    lines = []
    for name, kept in (
        ("all of PublicTest", test.subsets["all"]),
        ("without copies", without_copies),
        ("without copies and near duplicates", without_near),
        ("the copies alone", ~without_copies),
        ("the near duplicates alone", without_copies & ~without_near),
    ):
        scores = emotion_report(test.labels[kept], proba[kept], classes=classes)
        low, high = scores.accuracy_interval
        lines.append(
            {
                "images": name,
                "number": f"{scores.n_images:,}",
                "accuracy": f"{scores.accuracy:.4f}",
                "95 % interval": f"{low:.3f} to {high:.3f}",
                "macro-F1": f"{scores.macro_f1:.4f}",
                "calibration error": f"{scores.expected_calibration_error:.4f}",
            }
        )
    print(machine(), "\n")
    print(table(lines))


if __name__ == "__main__":
    main()
