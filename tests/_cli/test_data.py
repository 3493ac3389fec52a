"""The data that commands read: what is wrong with them is said in one line."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from ferclassifier import make_faces
from helpers import assert_fails, run
from image_trees import row, write_csv


class TestData:
    @pytest.fixture(autouse=True)
    def _output(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fits_learn_nothing: None
    ) -> None:
        monkeypatch.chdir(tmp_path)

    def test_missing_and_bad_files(self, tmp_path: Path) -> None:
        assert_fails(run("train", "missing.csv"), "missing.csv", "no such file")
        (tmp_path / "table.csv").write_text("a,b\n1,2\n")
        assert_fails(run("train", "table.csv"), "table.csv", "emotion")
        (tmp_path / "rows.csv").write_text("emotion,pixels,Usage\n3,1 2 3,Training\n")
        assert_fails(run("train", "rows.csv"), "row 1", "got 3 pixels")

    def test_bad_images_can_be_skipped(self, faces: Path, tmp_path: Path) -> None:
        shutil.copytree(faces, "own")
        Path("own/calm/broken.png").write_text("no image")
        assert_fails(run("train", "own", "--layout", "folder"), "broken.png")
        result = run(
            *("train", "own", "--layout", "folder", "--on-error", "skip", "--json"),
            *("--output", "own.joblib"),  # which takes what has learned nothing
        )
        assert json.loads(result.stdout)["n_skipped"] == 1
        assert "Warning: own: 1 image skipped (unreadable image: 1)." in result.stderr

    def test_what_is_no_image_is_told(self, faces: Path, tmp_path: Path) -> None:
        """Files of other suffixes vanished, a whole class at a time."""
        shutil.copytree(faces, "own")
        for i, path in enumerate(sorted(Path("own/calm").iterdir())):
            path.rename(path.with_suffix(("", ".jfif")[i % 2]))
        Path("own/frown").mkdir()
        Path("own/frown/1.svg").write_text("<svg/>")
        result = run("train", "own", "--layout", "folder", "--output", "m.joblib", "--json")
        told = json.loads(result.stdout)
        assert (told["n_images"], told["n_skipped"]) == (10, 1)
        (line,) = [line for line in result.stderr.splitlines() if line.startswith("Warning: own")]
        assert line == (
            "Warning: own: 1 file left out, no image that can be read (.svg: 1); nothing is read "
            "from 'frown'."
        )

    def test_splits_are_no_classes(self, faces: Path, tmp_path: Path) -> None:
        for split in ("train", "val"):
            shutil.copytree(faces, Path("own") / split)
        assert_fails(
            run("train", "own", "--layout", "folder"), "'train' and 'val' are named", "own/train"
        )

    def test_packed_data(self, tmp_path: Path) -> None:
        csv = write_csv(tmp_path / "fer.csv", *(row(k % 2) for k in range(4)))
        Path("fer.csv.gz").write_bytes(gzip.compress(csv.read_bytes()))
        result = run("train", "fer.csv.gz", "--output", "m.joblib", "--json")
        assert json.loads(result.stdout)["n_images"] == 4

    def test_own_classes_are_pointed_to_the_option(self, faces: Path) -> None:
        assert_fails(run("train", faces), "'calm'", "--layout folder")

    def test_a_warning_is_one_line(self, model: Path, tmp_path: Path) -> None:
        image = Image.fromarray(make_faces(2, n_classes=2, random_state=0)[0][0])
        for folder in ("data/train/happy", "data/test/happy"):
            Path(folder).mkdir(parents=True)
            image.save(Path(folder) / "1.png")
        result = run("evaluate", "data", "--model", model, "--json")
        assert result.exit_code == 0
        assert json.loads(result.stdout)["n_images"] == 1
        (line,) = result.stderr.splitlines()
        assert line.startswith("Warning: data: nothing tells the validation images")
