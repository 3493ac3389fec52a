"""Folders of any size are sorted, by runs in a file where they are large."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ferclassifier.photos import _sorted_folder
from ferclassifier.photos._sorted_folder import sorted_entries


@pytest.mark.parametrize("run", [1, 2, 7, 20, 21, 100])
def test_runs_are_merged(tmp_path: Path, run: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sorted_folder, "_RUN", run)
    monkeypatch.setattr(_sorted_folder, "_BLOCK", 16)
    names = [f"{i * 7919 % 20}.png" for i in range(18)] + ["line\nend", os.fsdecode(b"\xff")]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    assert list(sorted_entries(str(tmp_path))) == sorted(
        [*((name, False) for name in names), ("folder", True)]
    )


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(sorted_entries(str(tmp_path / "x")))
