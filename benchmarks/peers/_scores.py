"""The scores of a network that came from elsewhere, on PublicTest."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from _shared.public_test import PublicTest
from ferclassifier.metrics import emotion_report


def score_rows(test: PublicTest, proba: NDArray[Any], classes: list[str]) -> list[dict[str, Any]]:
    """Return a row for each subset of PublicTest; columns of `proba` are in the order of names."""
    rows = []
    for name, kept in test.subsets.items():
        report = emotion_report(test.labels[kept], proba[kept], classes=classes)
        rows.append(
            {
                "images": name.replace("_", " "),
                "number": f"{report.n_images:,}",
                "accuracy": f"{report.accuracy:.4f}",
                "macro-F1": f"{report.macro_f1:.4f}",
                "ECE": f"{report.expected_calibration_error:.4f}",
            }
        )
    return rows
