"""A table in Parquet, and the journal from which it is made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ferclassifier.exceptions import DataError
from ferclassifier.photos import _parquet
from ferclassifier.photos._listing import Photo
from ferclassifier.photos._parquet import ParquetTable
from ferclassifier.photos._rows import COLUMNS, FoundFace, Outcome, class_columns, rows_of

pytest.importorskip("pyarrow")


def rows(name: str, n_faces: int, classes: Sequence[Any]) -> list[dict[str, Any]]:
    face = FoundFace((1, 2, 30, 40), 0.75, (0.25, 0.75))
    return list(rows_of(Outcome(Photo(name), (face,) * n_faces), classes))


def write(
    path: Path, photos: dict[str, int], *, finishes: bool = True, classes: Any = ("happy", "sad")
) -> list[str]:
    table = ParquetTable(path, [*COLUMNS, *class_columns(classes)], classes)
    new = [name for name in photos if name not in table]
    for name in new:
        table.write(rows(name, photos[name], classes))
    if finishes:
        table.finish()
    table.close()
    return new


PHOTOS = {"a.png": 2, "none.png": 0, "b.png": 1}


def test_a_table_is_written_and_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_parquet, "_ROWS_OF_A_GROUP", 2)
    path = tmp_path / "x.parquet"
    assert write(path, PHOTOS) == list(PHOTOS)
    assert write(path, {**PHOTOS, "c\udcff.png": 3}) == ["c\udcff.png"]
    assert list(tmp_path.iterdir()) == [path]
    frame = pd.read_parquet(path)
    assert list(frame) == [*COLUMNS, "happy", "sad"]
    assert frame["path"].tolist() == [*["a.png"] * 2, "none.png", "b.png", *[r"c\udcff.png"] * 3]
    assert frame["face"].tolist()[:2] == [0, 1]
    assert frame["emotion"].isna().tolist() == [False, False, True, False, False, False, False]
    assert frame["probability"].dtype == "float32"
    before = path.stat()
    assert write(path, {**PHOTOS, "c\udcff.png": 3}) == []
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_an_interrupted_table_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    write(path, {"a.png": 2, "none.png": 0}, finishes=False)
    assert not path.exists()
    assert write(path, PHOTOS) == ["b.png"]
    assert pd.read_parquet(path)["path"].tolist() == ["a.png"] * 2 + ["none.png", "b.png"]
    write(path, {**PHOTOS, "c.png": 0}, finishes=False)
    assert write(path, {**PHOTOS, "c.png": 0, "d.png": 1}) == ["d.png"]
    assert pd.read_parquet(path)["path"].tolist()[-2:] == ["c.png", "d.png"]


def test_a_table_without_photos(tmp_path: Path) -> None:
    write(tmp_path / "x.parquet", {})
    assert len(pd.read_parquet(tmp_path / "x.parquet")) == 0


def test_labels_that_are_numbers_stay_numbers(tmp_path: Path) -> None:
    write(tmp_path / "x.parquet", {"a.png": 1}, classes=(3, 5))
    frame = pd.read_parquet(tmp_path / "x.parquet")
    assert frame["emotion"].tolist() == [5]
    assert list(frame)[-2:] == ["3", "5"]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_text("notes")
    with pytest.raises(DataError, match="no Parquet file"):
        write(path, PHOTOS)
    assert path.read_text() == "notes"
    path.unlink()
    write(path, PHOTOS)
    with pytest.raises(DataError, match="another table"):
        write(path, PHOTOS, classes=("calm", "excited"))


def test_pyarrow_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(ImportError, match=r"ferclassifier\[parquet\]"):
        write(tmp_path / "x.parquet", PHOTOS)
    assert list(tmp_path.iterdir()) == []
