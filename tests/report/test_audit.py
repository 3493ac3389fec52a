"""The report of an audit shows every finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ferclassifier.audit import audit_images
from ferclassifier.report import audit_report
from helpers import patterns
from mislabelled import NAMES, X


@pytest.fixture(scope="module")
def audit() -> Any:
    images, labels = patterns(60, seed=2)
    images[7], images[9], images[50] = images[3], 128, images[4]
    groups = np.where(np.arange(60) < 40, "Training", "PublicTest")
    return audit_images(images, np.array(NAMES)[labels], groups=groups)


def test_audit_report_shows_every_finding(audit: Any) -> None:
    report = audit_report(audit, data_name="Stripes")
    page, text = report.to_html(), report.to_markdown()
    kinds = [finding.kind for finding in audit.findings]
    assert {"exact-duplicates", "constant"} <= set(kinds)
    for finding in audit.findings:
        assert f"<h2>{finding.title}</h2>" in page
        assert finding.title in text
    assert "Training 3" in text
    assert "PublicTest 50" in text
    assert {name: report.data[name] for name in audit.to_dict()} == audit.to_dict()
    assert json.loads(report.to_json()) == report.data


def test_a_large_set_is_cut_such_that_every_group_and_label_is_seen() -> None:
    images, _ = patterns(60, seed=3)
    images[:20] = images[0]
    labels = np.where(np.arange(60) == 15, "rare", "frequent")
    groups = np.where(np.arange(60) == 18, "test", "train")
    text = audit_report(audit_images(images, labels, groups=groups)).to_markdown()
    (line,) = {line for line in text.splitlines() if "and 14 more" in line}
    assert "rare, train 15" in line
    assert "frequent, test 18" in line


def test_images_have_the_names_that_are_given(audit: Any) -> None:
    names = [f"face-{i}.png" for i in range(60)]
    text = audit_report(audit, image_names=names).to_markdown()
    assert "face-3.png" in text
    assert "Training 3" not in text
    with pytest.raises(ValueError, match=r"Got 2 image_names.*60 images"):
        audit_report(audit, image_names=names[:2])


def test_names_may_be_a_series_of_paths(audit: Any) -> None:
    names = pd.Series([Path(f"face-{i}.png") for i in range(60)], index=range(100, 160))
    assert "face-3.png" in audit_report(audit, image_names=names).to_markdown()


def test_only_an_audit_can_be_reported() -> None:
    with pytest.raises(TypeError, match="Got ndarray, but expected what"):
        audit_report(X)  # type: ignore[arg-type]


def test_pictures_are_limited(audit: Any) -> None:
    assert audit_report(audit, n_pictures=0).to_html().count("<img") == 0
    assert audit_report(audit, n_pictures=1).to_html().count("<img") < (
        audit_report(audit).to_html().count("<img")
    )


def test_an_audit_without_findings_says_so() -> None:
    audit = audit_images(np.random.default_rng(0).integers(0, 255, (60, 12, 12), dtype=np.uint8))
    assert audit.findings == []
    assert "Nothing was found." in audit_report(audit).to_html()
