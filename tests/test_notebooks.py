"""What is left last in a cell of a notebook, or of a shell, is shown in a few lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ferclassifier import FaceCropper, detect_faces, make_faces, read_video
from ferclassifier.audit import audit_images
from ferclassifier.metrics import coverage_accuracy_curve, emotion_report, reliability_curve
from ferclassifier.report import audit_report

# A name that would be a tag, and one that would be a formula.
CLASSES = ["<b>", "$x$", "sad"]
N = 300
CODES = np.arange(N) % 3
PROBA = np.random.default_rng(0).dirichlet([1, 1, 1], N)
LABELS = np.array(CLASSES)[CODES]


def report() -> Any:
    return emotion_report(
        LABELS,
        PROBA,
        classes=CLASSES,
        votes=np.eye(3, dtype=int)[CODES] * 10,
        vote_names=CLASSES,
        groups=np.array(["<i>", "$old$", None], dtype=object)[CODES],
    )


def audit() -> Any:
    images, _ = make_faces(N, random_state=0)
    images[4] = images[6]
    images[8] = 0
    return audit_images(images, LABELS, groups=np.array(["train", "<i>"])[np.arange(N) % 2])


def curve(function: Any) -> Any:
    return function(LABELS, PROBA, classes=CLASSES)


# What is shown, its line, and what the notebook shows of it, if that is more.
SHOWN: dict[str, tuple[Callable[[], Any], str, list[str]]] = {
    "audit": (
        audit,
        "<ImageAudit of 300 images: exact-",
        ["<td>Constant images</td>", "<p>Suggested for"],
    ),
    "finding": (
        lambda: audit()["constant"],
        "<Finding constant: 1 image>",
        ["<p>Constant images (constant)</p>", "<p>All pixels of 1 image"],
    ),
    "finding of none": (
        lambda: audit()["dark"],
        "<Finding dark: 0 images>",
        ["(dark)</p>"],
    ),
    "report of an audit": (
        lambda: audit_report(audit()),
        "Report(title='What is wrong with 300 images')",
        ["<iframe"],
    ),
    "scores": (report, "<EmotionReport of 300 images: accuracy", ["&lt;b&gt;", "<p>Accuracy"]),
    "groups": (
        lambda: report().groups,
        "<GroupScores of 2 groups>",
        ["&lt;i&gt;", "<p>Groups: accuracy", "100 images of no known group"],
    ),
    "votes": (
        lambda: report().votes,
        "<VoteScores of 300 images: agrees with a rater on ",
        ["<th>10</th>", "<p>Agrees with a rater on"],
    ),
    "reliability": (
        lambda: curve(reliability_curve),
        "<ReliabilityCurve of 15 bins: error ",
        ["<th>0.933 to 1.000</th>", "<p>Calibration error"],
    ),
    "coverage": (
        lambda: curve(coverage_accuracy_curve),
        "<CoverageAccuracyCurve of 300 thresholds: area under risk ",
        ["<th>0.1</th>", "<th>1.0</th>", "<p>Area under risk"],
    ),
    "faces": (lambda: detect_faces(make_faces(1)[0][0]), "<Faces: 1 face found>", ["<th>0</th>"]),
    "crops": (
        lambda: FaceCropper().crop(list(make_faces(3)[0])),
        "<FaceCrops: 3 crops of 48 x 48>",
        [],
    ),
    "frame": (
        lambda: next(read_video(np.zeros((3, 20, 30, 3), np.uint8))),
        "<VideoFrame 0 at 0.00 s: 20 x 30 x 3>",
        [],
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_line_and_a_table(name: str) -> None:
    make, line, parts = SHOWN[name]
    value = make()
    assert repr(value).startswith(line)
    assert len(repr(value)) < 120
    if parts:
        html = value._repr_html_()
        assert all(part in html for part in parts)
        assert not any(tag in html for tag in ("<b>", "<i>"))


@pytest.mark.parametrize("name", ["audit", "groups", "scores"])
def test_a_dollar_begins_no_formula(name: str) -> None:
    html = SHOWN[name][0]()._repr_html_()
    assert "$" in html
    assert html.startswith('<div class="tex2jax_ignore mathjax_ignore">')
