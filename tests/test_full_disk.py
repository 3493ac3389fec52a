"""Whatever is written is written whole, or not at all: on a full disk, and where nothing may be.

The disk is full as soon as a file is longer than some bytes, which a limit of the system sees to.
With a real one, for the same table:

    mount -t tmpfs -o size=1m none /mnt/small
    FULL_DISK=/mnt/small pytest tests/test_full_disk.py tests/datasets/test_kaggle.py
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from ferclassifier import FERClassifier
from ferclassifier._cli.model_files import write_any_model
from ferclassifier._files.search_scores import SearchScores
from ferclassifier.export import export_onnx
from ferclassifier.report import Report, evaluation_report
from ferclassifier.video import VideoTimeline
from full_disks import folder_on_the_disk, full, needs_full_disks
from helpers import FAST, assert_fails, patterns, run, tiny_classifier
from photo_files import side_model, write_face
from video_files import hopper, scene, write_video

pytestmark = needs_full_disks


class Sources(NamedTuple):
    """What is read; tests must not change it."""

    model: FERClassifier
    report: Report
    photos: Path
    onnx: Path
    film: Path
    csv: Path
    space: Path


@pytest.fixture(scope="module")
def sources(fitted: FERClassifier, csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Sources:
    folder = tmp_path_factory.mktemp("sources")
    for i in range(60):  # whose rows do not fit into what is left of a page
        write_face(folder / "photos" / f"{i:02d}.png")
    space = folder / "space.toml"
    space.write_text(
        '[space]\nepochs = [1]\n[fixed]\narchitecture = "gap_cnn"\naugmentation = "none"\n'
        "architecture_params = { filters = [8], dense = 16 }\n[search]\ncv = 2\n"
    )
    film = write_video(folder / "film.mp4", [scene((hopper(150), 60, 60))] * 3)
    report = evaluation_report(fitted, *patterns(12))
    return Sources(
        fitted, report, folder / "photos", side_model(folder / "m.onnx"), film, csv, space
    )


def save(sources: Sources, path: Path) -> None:
    sources.model.save(path)


def pickle(sources: Sources, path: Path) -> None:
    write_any_model(sources.model, path)


def export(sources: Sources, path: Path) -> None:
    export_onnx(sources.model, path)


def report(sources: Sources, path: Path) -> None:
    sources.report.save(path)


def checkpoint(_: Sources, path: Path) -> None:
    X, y = patterns(30)
    tiny_classifier(epochs=2, checkpoint=path).fit(X, y)
    path.write_bytes(b"a checkpoint is removed at the end")


def subtitles(_: Sources, path: Path) -> None:
    row = {"frame": 0, "face": 0, "left": 0, "top": 0, "right": 9, "bottom": 9}
    shown = {"emotion": "sad", "probability": 1.0, "detection": 1.0, "happy": 0.0, "sad": 1.0}
    rows = [{"time": i / 2, **row, **shown} for i in range(9)]
    VideoTimeline.from_rows(rows, classes=("happy", "sad")).to_srt(path)


def train(sources: Sources, path: Path) -> Any:
    return run("train", sources.csv, "--output", path, "--force", *FAST)


def search(sources: Sources, path: Path) -> Any:
    return run("search", sources.csv, "--space", sources.space, "--output", path, "--force")


def table(sources: Sources, path: Path) -> Any:
    option = f"--{path.suffix.removeprefix('.')}"
    return run("predict", sources.photos, "--model", sources.onnx, option, path)


def annotated(sources: Sources, path: Path) -> Any:
    return run("predict", sources.photos, "--model", sources.onnx, "--annotate", path)


def crops(sources: Sources, path: Path) -> Any:
    return run("crop", sources.photos, "--output", path)


def film(sources: Sources, path: Path) -> Any:
    kinds = {".csv": "--csv", ".mp4": "--annotate", ".png": "--timeline"}
    return run("video", sources.film, "--model", sources.onnx, kinds[path.suffix], path)


Write = Callable[[Sources, Path], Any]
WRITERS: dict[str, tuple[Write, str]] = {
    "a model": (save, "model.safetensors"),
    "a pickle": (pickle, "model.joblib"),
    "an ONNX file": (export, "model.onnx"),
    "a page": (report, "report.html"),
    "a report in Markdown": (report, "report.md"),
    "a report as JSON": (report, "report.json"),
    "a checkpoint": (checkpoint, "fit.checkpoint"),
    "train": (train, "trained.safetensors"),
    "search": (search, "scores.csv"),
    "predict --csv": (table, "rows.csv"),
    "predict --jsonl": (table, "rows.jsonl"),
    "predict --parquet": (table, "rows.parquet"),
    "predict --annotate": (annotated, "copies"),
    "crop": (crops, "faces"),
    "video --csv": (film, "film.csv"),
    "video --annotate": (film, "film.mp4"),
    "video --timeline": (film, "film.png"),
    "subtitles": (subtitles, "subtitles.srt"),
}
OF_LINES = ("predict --csv", "predict --jsonl")
OF_ROWS = (*OF_LINES, "predict --parquet")
# Its graph is made in the folder for temporary files, which the limit fills as well.
NAMED_BY = {} if os.environ.get("FULL_DISK") else {"an ONNX file": r"too large|model\.onnx"}
OF_FOLDERS = ("predict --annotate", "crop")


def content(folder: Path) -> dict[str, bytes]:
    """All that is in a folder; of folders in it, nothing but their names."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"a folder"
        for path in folder.rglob("*")
    }


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nothing in a folder be changed, not by root either."""
    paths = [folder, *folder.rglob("*")]
    before = {path: path.stat().st_mode for path in paths}
    for path, mode in before.items():
        path.chmod(mode & ~0o222)
    try:
        with nobody_special():
            yield
    finally:
        for path, mode in before.items():
            path.chmod(mode)


@contextmanager
def nobody_special() -> Iterator[None]:
    """Take from root, in this thread, the right to write where the mode of a file forbids it."""
    if os.geteuid():
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    rights = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, rights) == 0
    overrides = rights[0] & 0b10
    rights[0] -= overrides
    assert libc.capset(header, rights) == 0
    try:
        yield
    finally:
        rights[0] += overrides
        assert libc.capset(header, rights) == 0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with folder_on_the_disk(tmp_path) as path:
        yield path


@pytest.mark.parametrize("name", WRITERS)
def test_what_stood_there_stays(name: str, sources: Sources, folder: Path, tmp_path: Path) -> None:
    """Of a table that is gone on with, all of its rows; of a folder, all of its files."""
    write, file = WRITERS[name]
    elsewhere, path = tmp_path / "elsewhere" / file, folder / "there" / file
    elsewhere.parent.mkdir()
    path.parent.mkdir()
    result = write(sources, elsewhere)  # all is loaded, and it works
    assert result is None or result.exit_code == 0, result.output
    assert content(elsewhere.parent)
    if name in OF_FOLDERS:
        path.mkdir()
        (path / "other.png").write_bytes(b"old")
    elif name in OF_ROWS:
        one = sources._replace(photos=sources.photos / "00.png")
        assert table(one, path).exit_code == 0
    elif name != "a checkpoint":
        path.write_bytes(b"old")
    before = content(path.parent)
    for disk in (full, read_only):
        with disk(path.parent):
            if result is None:
                with pytest.raises(OSError, match=NAMED_BY.get(name, file)):
                    write(sources, path)
            else:
                assert_fails(write(sources, path), file)
        after = content(path.parent)
        if name in OF_LINES:  # whole photos that there was still room for
            assert after[file][: len(before[file])] == before[file]
            assert after[file].endswith(b"\n")
            before[file] = after[file]
        assert after == before


def interruption() -> Any:
    """Ctrl+C after two epochs."""
    import keras

    def interrupt(epoch: int, _: Any) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    return keras.callbacks.LambdaCallback(on_epoch_end=interrupt)


def test_a_checkpoint_of_before_stays(folder: Path) -> None:
    """A fit ends with the first epoch that it cannot write down, and goes on from those before."""
    X, y = patterns(30)
    expected = tiny_classifier(epochs=3).fit(X, y).predict_proba(X)
    path = folder / "fit.checkpoint"
    clf = tiny_classifier(epochs=3, checkpoint=path)
    with pytest.raises(KeyboardInterrupt):
        clf.set_params(callbacks=[interruption()]).fit(X, y)
    before = content(folder)
    assert list(before) == [path.name]
    clf.set_params(callbacks=None)
    with full(folder), pytest.raises(OSError, match=path.name):
        clf.fit(X, y)
    assert content(folder) == before
    np.testing.assert_array_equal(clf.fit(X, y).predict_proba(X), expected)
    assert content(folder) == {}


@pytest.mark.skipif(
    bool(os.environ.get("FULL_DISK")), reason="a line fits into what is left of a page"
)
def test_a_score_that_cannot_be_kept_does_not_end_a_search(
    sources: Sources, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hours of the other fits would be lost, though their scores are known."""
    path, begin = folder / "search.checkpoint", SearchScores.begin
    with ExitStack() as stack:

        def fill(*args: Any) -> int:
            n = begin(*args)
            stack.enter_context(full(folder))
            return n

        monkeypatch.setattr(SearchScores, "begin", fill)
        result = run("search", sources.csv, "--space", sources.space, "--checkpoint", path)
    assert result.exit_code == 0, result.output
    warning = f"Warning: {path}: a score cannot be kept"
    assert [line for line in result.stderr.splitlines() if line.startswith(warning)]
    assert content(folder) == {}
