"""What every report can do: it is saved by the ending of a name, shown, and compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferclassifier._utils.printable import printable_lines
from ferclassifier.audit import audit_images
from ferclassifier.report import audit_report, evaluation_report
from mislabelled import ROWS, WRONG, X


def test_json_is_what_data_says(report: Any) -> None:
    assert json.loads(report.to_json()) == report.data
    assert report.data["data"] == "Stripes"
    assert report.data["history"]["loss"]
    assert report.data["model"]["architecture"] == "gap_cnn"


@pytest.mark.parametrize("suffix", [".html", ".md", ".json", ".HTML"])
def test_the_ending_decides_what_is_saved(report: Any, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"report{suffix}"
    path.write_text("old")
    report.save(str(path))
    texts = {".html": report.to_html, ".md": report.to_markdown, ".json": report.to_json}
    assert path.read_text(encoding="utf-8") == texts[suffix.lower()]()
    assert list(tmp_path.iterdir()) == [path]


def test_other_endings_are_refused_before_anything_is_written(report: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"report\.pdf.*ends in \.html, \.md or \.json"):
        report.save(tmp_path / "report.pdf")
    assert not list(tmp_path.iterdir())


def test_where_nothing_can_be_written_is_named(report: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"report\.html: there is no folder"):
        report.save(tmp_path / "nowhere" / "report.html")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(IsADirectoryError, match=r"folder\.html: this is a folder"):
        report.save(tmp_path / "folder.html")


def test_notebooks_show_the_page(report: Any) -> None:
    shown = report._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "&lt;!DOCTYPE html&gt;" in shown


def test_reports_can_be_compared_and_hashed(report: Any) -> None:
    assert report == report
    assert len({report, report}) == 1


def test_names_of_any_kind_can_be_written_and_read_again(linear: Any, tmp_path: Path) -> None:
    """Names of files that were no UTF-8 ended every form of a report in a UnicodeEncodeError."""
    hostile = ["a\udcff", "\x1b[31mb", "\u202ec\r\n"]
    names = [f"{i}\udcfe\x1b]0;x\x07.png" for i in range(60)]
    told = {"image_names": names, "title": hostile[0], "data_name": hostile[1]}
    images = X.copy()
    images[1] = images[0]
    for report in (
        evaluation_report(linear, ROWS / 255, WRONG, display_labels=hostile, **told),
        audit_report(audit_images(images, np.array(hostile)[WRONG]), **told),
    ):
        for suffix in (".html", ".md", ".json"):
            path = tmp_path / f"report{suffix}"
            report.save(path)
            text = path.read_text(encoding="utf-8")
            assert printable_lines(text) == text
        read = json.loads(text)
        assert (read["title"], read["data"]) == (hostile[0], hostile[1])
        html = report._repr_html_()
        assert printable_lines(html) == html
    report = evaluation_report(linear, ROWS / 255, WRONG, display_labels=hostile, **told)
    read = json.loads(report.to_json())
    assert list(read["scores"]["classes"]) == hostile
    assert {row["name"] for row in read["mistakes"]} <= set(names)
    shown = r"\udcfe\x1b]0;x\x07.png"
    assert f"{read['mistakes'][0]['index']}{shown}" in report.to_html()
