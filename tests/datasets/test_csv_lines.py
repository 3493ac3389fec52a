"""Lines of CSV files are bounded, in their length and in their number."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from ferclassifier import load_fer2013
from ferclassifier.datasets import _csv_lines
from ferclassifier.datasets._csv_lines import lines_of
from ferclassifier.exceptions import DataError
from image_trees import row


def test_more_lines_than_a_data_set_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte of gzip may hold a thousand million empty lines, which took minutes."""
    monkeypatch.setattr(_csv_lines, "_MAX_LINES", 3)
    path = tmp_path / "fer2013.csv.gz"
    text = f"emotion,pixels,Usage\n{row()}\n\n"
    path.write_bytes(gzip.compress(text.encode()))
    assert len(load_fer2013(path).images) == 1
    path.write_bytes(gzip.compress(f"{text}\n\n".encode()))
    with pytest.raises(DataError, match=r"csv\.gz: more than 3 lines, .*split the file"):
        load_fer2013(path)


def test_the_rest_of_a_long_line_is_dropped() -> None:
    text = io.StringIO("a" * 200_000 + "\nb\n" + "c" * _csv_lines._MAX_LINE)
    assert [len(line) for line in lines_of(text, "x")] == [2**16, 2, 2**16]
