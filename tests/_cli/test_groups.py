"""Groups come from a table, by the names of images."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from ferclassifier import FERClassifier, load_fer2013
from ferclassifier._cli.groups import groups_in
from ferclassifier.exceptions import DataError
from ferclassifier.metrics import emotion_report
from helpers import run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Groups of the rows of FER-2013, in any order; of row 26 it is not known."""
    rows = [f"row {i},{'old' if i % 2 else 'young'},x" for i in range(40, 0, -1) if i != 26]
    path = tmp_path / "groups.csv"
    path.write_text("\n".join(["\ufeffimage,age,camera", *rows, ""]), encoding="utf-8")
    return path


def test_scores_are_those_of_the_groups(
    clf: FERClassifier, fer2013: Path, model: Path, table: Path
) -> None:
    command = ("evaluate", fer2013, "--model", model, "--groups", table, "--by", "age")
    told = json.loads(run(*command, "--json").stdout)
    data = load_fer2013(fer2013, subset="validation")
    groups = np.array(
        [
            None if name == "row 26" else ("young", "old")[int(name[4:]) % 2]
            for name in data.filenames
        ]
    )
    assert (groups == None).sum() == 1  # noqa: E711
    expected = emotion_report(
        data.target, clf.predict_proba(data.images), classes=clf.classes_, groups=groups
    )
    assert told["groups"] == expected.to_dict()["groups"]
    screen = run(*command).stdout
    assert max(map(len, screen.splitlines())) <= 100
    for word in ("95 % interval", "old", "young", "Groups: accuracy"):
        assert word in screen


def test_the_page_tells_them(fer2013: Path, model: Path, table: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    options = ("--groups", table, "--by", "age", "--report", page)
    result = run("evaluate", fer2013, "--model", model, *options)
    assert result.exit_code == 0
    assert "<h2>Groups</h2>" in page.read_text()


def test_images_are_named_by_their_paths_below_the_data(tmp_path: Path) -> None:
    table = tmp_path / "groups.csv"
    name = os.fsdecode(b"happy/\xff.png")
    table.write_bytes(b"group,image\nold,happy/\xff.png\nyoung,sad/2.png\n")
    data = tmp_path / "faces"
    names = [str(data / name), str(data / "sad/2.png"), str(data / "sad/3.png")]
    assert groups_in(table, None, data, names) == ["old", "young", None]


@pytest.mark.parametrize(
    ("text", "by", "words"),
    [
        ("name,age\na,1\n", None, "columns 'name' and 'age', but expected a CSV file with"),
        ("image\nrow 1\n", None, "columns 'image', but expected"),
        ("", None, "expected a CSV file"),
        ("image,age,sex\nrow 1,1,f\n", None, "Say by which to group: --by age"),
        ("image,age\nrow 1,1\n", "sex", "no column 'sex' to group by, only 'age'"),
        ("image,age\nrow 1,1\nrow 1,2\n", None, "names the image 'row 1' twice"),
        ("image,age\nrow 9,1\n", None, "of none of the 1 image. Name them as in 'row 1'"),
        ("image,age\nrow 1,\n", None, "of none of the 1 image"),
    ],
)
def test_what_is_no_such_table_is_refused(
    text: str, by: str | None, words: str, tmp_path: Path
) -> None:
    table = tmp_path / "groups.csv"
    table.write_text(text)
    with pytest.raises(DataError, match=words):
        groups_in(table, by, tmp_path / "fer2013.csv", ["row 1"])


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        groups_in(tmp_path / "none.csv", None, tmp_path, ["row 1"])


def test_a_column_needs_a_table(fer2013: Path, model: Path) -> None:
    result = run("evaluate", fer2013, "--model", model, "--by", "age")
    assert "--by names a column of the file that --groups names" in result.stderr
