"""Tables that are gone on with: what stands there is whole, whatever happened to the end of it."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ferclassifier._utils.printable import printable_lines
from ferclassifier.exceptions import DataError
from ferclassifier.photos import _tables
from ferclassifier.photos._listing import Photo
from ferclassifier.photos._rows import COLUMNS, FoundFace, Outcome, class_columns, rows_of
from ferclassifier.photos._tables import CsvTable, JsonLinesTable, LineTable

CLASSES = ["happy", "sad"]
KINDS = [CsvTable, JsonLinesTable]


def outcome(name: str, n_faces: int = 1, boxed: bool = True) -> Outcome:
    box = (1, 2, 30, 40) if boxed else None
    face = FoundFace(box, 0.75 if boxed else None, (0.25, 0.75))
    return Outcome(Photo(name), (face,) * n_faces)


OUTCOMES = [
    *(outcome("a.png"), outcome('b,"1".png', 3), outcome("none.png", 0)),
    *(outcome("crop.png", boxed=False), outcome("é\udcff\x1b\n.png", 2), outcome("last.png", 2)),
]


def write(kind: type[LineTable], path: Path, outcomes: Sequence[Outcome]) -> list[str]:
    """Write what is not there yet, as the command does, and return the names of it."""
    written = []
    table = kind(path, [*COLUMNS, *class_columns(CLASSES)])
    for one in [one for one in outcomes if one.photo.name not in table]:
        if one.photo.name not in table:
            table.write(list(rows_of(one, CLASSES)))
            written.append(one.photo.name)
    table.finish()
    table.close()
    return written


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_that_is_cut_anywhere_becomes_whole(
    kind: type[LineTable], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)  # hundreds take seconds
    path = tmp_path / "table"
    write(kind, path, OUTCOMES)
    whole = path.read_bytes()
    at_line_ends = (end for end in range(len(whole)) if b"\n" in whole[end - 1 : end + 1])
    for end in {*range(0, len(whole), 11), *at_line_ends}:
        path.write_bytes(whole[:end])
        write(kind, path, OUTCOMES)
        assert path.read_bytes() == whole


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_finished_is_not_done_again(kind: type[LineTable], tmp_path: Path) -> None:
    path = tmp_path / "table"
    assert len(write(kind, path, OUTCOMES[:3])) == 3
    before = path.read_bytes()
    assert write(kind, path, OUTCOMES[:3]) == []  # the last photo has no boxes
    assert path.read_bytes() == before
    assert write(kind, path, OUTCOMES) == [one.photo.name for one in OUTCOMES[3:]]
    assert write(kind, path, OUTCOMES) == ["last.png"]  # half of its faces might stand there


@pytest.mark.parametrize("kind", KINDS)
def test_other_photos_are_added(kind: type[LineTable], tmp_path: Path) -> None:
    """The last photo of before is lost by no command for others."""
    for one in OUTCOMES:
        assert write(kind, tmp_path / "one by one", [one]) == [one.photo.name]
    write(kind, tmp_path / "at once", OUTCOMES)
    assert (tmp_path / "one by one").read_bytes() == (tmp_path / "at once").read_bytes()
    before = (tmp_path / "at once").read_bytes()
    write(kind, tmp_path / "at once", [outcome("new.png", 0), *OUTCOMES])
    after = (tmp_path / "at once").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == before.count(b"\n") + 1


def test_pandas_reads_what_was_found(tmp_path: Path) -> None:
    write(CsvTable, tmp_path / "x.csv", OUTCOMES[:4])
    frame = pd.read_csv(tmp_path / "x.csv")
    assert list(frame) == [*COLUMNS, "happy", "sad"]
    assert frame["path"].tolist() == ["a.png", *['b,"1".png'] * 3, "none.png", "crop.png"]
    assert frame["emotion"].isna().tolist() == [False] * 4 + [True, False]
    assert frame["left"].isna().tolist() == [False] * 4 + [True, True]
    assert frame.loc[2, ["face", "right", "probability", "sad"]].tolist() == [1, 30, 0.75, 0.75]

    write(JsonLinesTable, tmp_path / "x.jsonl", OUTCOMES)
    rows = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text().splitlines()]
    assert rows == [row for one in OUTCOMES for row in rows_of(one, CLASSES)]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_written_that_a_terminal_obeys(kind: type[LineTable], tmp_path: Path) -> None:
    write(kind, tmp_path / "table", OUTCOMES)
    text = (tmp_path / "table").read_text(encoding="utf-8")
    assert printable_lines(text) == text


class TestFormulas:
    """A photo called =HYPERLINK(...).png would have been run by a spreadsheet."""

    @pytest.mark.parametrize("start", ["=", "+", "-", "@"])
    def test_a_path_is_the_same_file(self, tmp_path: Path, start: str) -> None:
        name = f"{start}cmd|' x'!A0.png"
        write(CsvTable, tmp_path / "x.csv", [outcome(name)])
        (row,) = csv.DictReader((tmp_path / "x.csv").read_text().splitlines())
        assert row["path"] == f"./{name}"
        assert os.path.normpath(row["path"]) == name
        assert write(CsvTable, tmp_path / "x.csv", [outcome(name), outcome("z.png", 0)]) == [
            *(name, "z.png")
        ]
        assert write(CsvTable, tmp_path / "x.csv", [outcome(name), outcome("z.png", 0)]) == []

    def test_standard_input_is_none(self, tmp_path: Path) -> None:
        write(CsvTable, tmp_path / "x.csv", [outcome("-")])
        assert "\n-,0," in (tmp_path / "x.csv").read_text()

    def test_a_class(self, tmp_path: Path) -> None:
        table = CsvTable(tmp_path / "x.csv", [*COLUMNS, *class_columns(["=1+1", "b"])])
        table.write(list(rows_of(outcome("a.png"), ["b", "=1+1"])))
        table.close()
        header, row = csv.reader((tmp_path / "x.csv").read_text().splitlines())
        assert header[-2:] == ["'=1+1", "b"]
        assert row[7] == "'=1+1"


class TestOtherFiles:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize(
        "content", [b"mine", b"my notes\n", b"\0" * 2**21, b'{"a": 1}\n', b"[]\n", b"1\n"]
    )
    def test_what_is_no_table_is_left_alone(
        self, kind: type[LineTable], tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "x"
        path.write_bytes(content)
        with pytest.raises(DataError, match="Write to another file") as caught:
            write(kind, path, OUTCOMES)
        assert len(str(caught.value)) < 500
        assert path.read_bytes() == content

    @pytest.mark.parametrize("face", ['"1"', "[1]", "1.5", "[" * 100_000 + "]" * 100_000])
    def test_a_face_that_is_no_number(self, tmp_path: Path, face: str) -> None:
        """It ended in a TypeError, or in too deep a recursion."""
        path = tmp_path / "x"
        write(JsonLinesTable, path, OUTCOMES[:1])
        path.write_text(path.read_text().replace('"face": 0', f'"face": {face}'))
        with pytest.raises(DataError, match="line 1 is no row of this table"):
            write(JsonLinesTable, path, OUTCOMES)

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_table_of_another_model(self, kind: type[LineTable], tmp_path: Path) -> None:
        path = tmp_path / "x"
        write(kind, path, OUTCOMES)
        before = path.read_bytes()
        with pytest.raises(DataError, match="x: "):
            kind(path, [*COLUMNS, "calm", "excited"])
        assert path.read_bytes() == before

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_line_that_was_broken_by_hand(self, kind: type[LineTable], tmp_path: Path) -> None:
        path = tmp_path / "x"
        write(kind, path, OUTCOMES)
        lines = path.read_bytes().split(b"\n")
        path.write_bytes(b"\n".join([*lines[:2], b'a,"b', *lines[2:]]))
        with pytest.raises(DataError, match="line 3 is no row of this table"):
            write(kind, path, OUTCOMES)


class _Full:
    """A file on a disk that takes some bytes more, and then no others."""

    def __init__(self, file: Any, n_bytes: int) -> None:
        self._file, self._left = file, n_bytes

    def write(self, data: memoryview) -> int:
        if not self._left:
            raise OSError(28, "No space left on device")
        n = self._file.write(data[: self._left])
        self._left -= n
        return int(n)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_bytes", [0, 100, 600, 1100])
def test_a_full_disk_leaves_whole_photos(
    kind: type[LineTable], tmp_path: Path, n_bytes: int
) -> None:
    path = tmp_path / "table"
    write(kind, path, OUTCOMES[:1])
    table = kind(path, [*COLUMNS, *class_columns(CLASSES)])
    table._file = _Full(table._file, n_bytes)  # type: ignore[assignment]
    rows = [list(rows_of(one, CLASSES)) for one in OUTCOMES * 9]
    with pytest.raises(OSError, match="No space left"):
        list(map(table.write, rows))
    table.close()
    assert path.read_bytes()[-1:] in (b"\n", b"")
    write(kind, path, OUTCOMES)
    whole = tmp_path / "whole"
    write(kind, whole, OUTCOMES)
    if n_bytes < 600:
        assert path.read_bytes() == whole.read_bytes()


def test_a_new_table_that_cannot_be_begun_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_tables.CsvTable, "_append", full)
    with pytest.raises(OSError, match="No space left"):
        CsvTable(tmp_path / "x.csv", COLUMNS)
    assert list(tmp_path.iterdir()) == []
