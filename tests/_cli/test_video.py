"""The command ``video``: tables, pictures and copies, whole even if it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("av", reason="PyAV is not installed")

from ferclassifier.video import read_video
from helpers import assert_fails, run, start_in_foreground
from photo_files import side_model
from video_files import hopper, other_person, scene, write_video


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video")
    pictures = [scene((hopper(150), 60, 60), (other_person(140), 400, 60))] * 10
    write_video(path / "film.mp4", pictures, sound="aac")
    side_model(path / "model.onnx")
    return path


def test_all_that_can_be_written(folder: Path, tmp_path: Path) -> None:
    result = run(
        *("video", folder / "film.mp4", "--model", folder / "model.onnx"),
        *("--annotate", tmp_path / "seen.mp4", "--csv", tmp_path / "rows.csv"),
        *("--timeline", tmp_path / "film.png", "--srt", tmp_path / "film.srt"),
    )
    assert (result.exit_code, result.stderr) == (0, "")
    assert "2 faces in 10 frames" in result.stdout
    assert len(list(read_video(tmp_path / "seen.mp4"))) == 10
    table = pd.read_csv(tmp_path / "rows.csv")
    assert table["face"].tolist() == [0, 1] * 10
    assert (tmp_path / "film.png").read_bytes().startswith(b"\x89PNG")
    assert " --> " in (tmp_path / "film.srt").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("film.png", "film.srt", "rows.csv", "seen.mp4")
    ]


def test_a_summary_as_json(folder: Path) -> None:
    result = run(
        *("video", folder / "film.mp4", "--model", folder / "model.onnx", "--json"),
        *("--every", "0.2s", "--stop", "0.5"),
    )
    summary = json.loads(result.stdout)
    assert [row["face"] for row in summary] == [0, 1]
    assert [row["frames"] for row in summary] == [3, 3]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.mp4"], "no such file"),
        (["{folder}/model.onnx"], "no video"),
        (["{folder}/film.mp4", "--annotate", "{folder}/seen.gif"], "ends with .mp4"),
        (["{folder}/film.mp4", "--timeline", "{folder}/film.docx"], "ends with .png"),
        (["{folder}/film.mp4", "--csv", "{folder}/missing/rows.csv"], "no folder"),
        (["camera:4711"], "no camera"),
        (["{folder}/film.mp4", "--start", "2", "--stop", "1"], "stop=1.0"),
    ],
)
def test_what_goes_wrong_is_one_line(arguments: list[str], words: str, folder: Path) -> None:
    before = sorted(folder.iterdir())
    filled = [argument.format(folder=folder) for argument in arguments]
    assert_fails(run("video", *filled, "--model", folder / "model.onnx"), words)
    assert sorted(folder.iterdir()) == before


def test_what_is_no_time() -> None:
    assert_fails(run("video", "film.mp4", "--every", "often"), "no time such as 0.2", code=2)


def sizes_of_unfinished(pid: int, folder: Path) -> list[int]:
    """Of what a process is writing: files without a name, or else hidden ones."""
    sizes = [path.stat().st_size for path in folder.glob(".*")]
    for path in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(FileNotFoundError):  # it has been closed meanwhile
            name = os.readlink(path)
            if name.startswith(f"{folder}/") and name.endswith("(deleted)"):
                sizes.append(path.stat().st_size)
    return sizes


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise there")
@pytest.mark.parametrize(
    ("number", "line", "code"), [("SIGINT", "Aborted", 130), ("SIGTERM", "Terminated", 143)]
)
def test_signals_leave_whole_files(
    number: str, line: str, code: int, folder: Path, tmp_path: Path
) -> None:
    long = write_video(tmp_path / "long.mp4", [scene((hopper(150), 60, 60))] * 900, rate=30)
    process = start_in_foreground(
        *("video", long, "--model", folder / "model.onnx"),
        *("--csv", tmp_path / "rows.csv", "--annotate", tmp_path / "seen.mp4"),
    )
    deadline = time.monotonic() + 60
    while len(sizes := sizes_of_unfinished(process.pid, tmp_path)) < 2 or not all(sizes):
        assert time.monotonic() < deadline, process.communicate()
        time.sleep(0.1)
    process.send_signal(getattr(signal, number))
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr.strip()) == (code, line)
    table = pd.read_csv(tmp_path / "rows.csv")
    n_copied = len(list(read_video(tmp_path / "seen.mp4")))
    assert 10 < table["frame"].nunique() < 900
    assert abs(n_copied - table["frame"].nunique()) <= 1
    assert f"{table['frame'].nunique()} frames" in stdout.replace(",", "")
    assert not list(tmp_path.glob(".*"))
