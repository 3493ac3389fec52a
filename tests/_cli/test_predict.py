"""The command ``predict``: a line for each file, as the classifier predicts it."""

from __future__ import annotations

import json
from pathlib import Path

import joblib
import numpy as np
import pytest

from ferclassifier import FERClassifier
from ferclassifier.images import read_image
from helpers import assert_fails, run


class TestPredict:
    def test_predictions_are_those_of_the_classifier(
        self, clf: FERClassifier, faces: Path, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "ferclassifier._cli.commands.predict._IMAGES_PER_BATCH", 4
        )  # 10 images are 3 batches
        result = run("predict", faces, "--model", model, "--json")
        rows = json.loads(result.stdout)
        paths = sorted(faces.rglob("*.png"))
        images = [read_image(path, size=(48, 48)) for path in paths]
        assert [row["path"] for row in rows] == list(map(str, paths))
        assert [row["label"] for row in rows] == clf.predict(images).tolist()
        np.testing.assert_allclose(
            [list(row["probabilities"].values()) for row in rows],
            clf.predict_proba(images),
            atol=1e-4,
        )
        assert (result.exit_code, result.stderr) == (0, "")

    def test_a_line_for_each_file(self, clf: FERClassifier, faces: Path, model: Path) -> None:
        first, second = sorted(faces.rglob("*.png"))[:2]
        lines = run("predict", first, second, "--model", model).stdout.splitlines()
        probabilities = clf.predict_proba([read_image(first, size=(48, 48))])[0]
        path, label, probability = lines[0].split()
        assert (path, label) == (str(first), clf.classes_[probabilities.argmax()])
        assert float(probability) == pytest.approx(probabilities.max(), abs=1e-3)
        assert len(lines) == 2

        (line,) = run("predict", first, "--all", "--model", model).stdout.splitlines()
        assert line.split()[3::2] == clf.classes_.tolist()
        assert sum(map(float, line.split()[4::2])) == pytest.approx(1, abs=5e-3)

    def test_bad_files_do_not_stop_the_others(
        self, faces: Path, model: Path, tmp_path: Path
    ) -> None:
        good = next(faces.rglob("*.png"))
        broken = tmp_path / "broken.png"
        broken.write_text("no image")
        args = ("predict", tmp_path / "missing.png", good, broken, "--model", model)
        result = run(*args)
        assert result.exit_code == 1
        assert [line.split()[0] for line in result.stdout.splitlines()] == [str(good)]
        errors = result.stderr.splitlines()
        assert errors[0] == f"Error: {tmp_path / 'missing.png'}: there is no such file"
        assert errors[1].startswith(f"Error: {broken}: not an image")
        assert len(errors) == 2

        result = run(*args, "--json")
        assert result.exit_code == 1
        missing, predicted, unreadable = json.loads(result.stdout)
        assert set(missing) == set(unreadable) == {"path", "error"}
        assert predicted["path"] == str(good)

    def test_images_take_the_size_of_the_model(self, faces: Path, stripes_model: Path) -> None:
        path = next(faces.rglob("*.png"))
        (row,) = json.loads(run("predict", path, "--model", stripes_model, "--json").stdout)
        expected = joblib.load(stripes_model).predict([read_image(path, size=(12, 12))])
        assert [row["label"]] == expected.tolist()
        assert run("predict", path, "--model", stripes_model).exit_code == 0

    def test_images_of_many_pixels(self, faces: Path, model: Path) -> None:
        paths = sorted(faces.rglob("*.png"), key=lambda path: int(path.stem))
        limit = ("--max-pixels", 60 * (48 + 4))  # each is one pixel wider than the one before
        result = run("predict", *paths, "--model", model, *limit)
        assert result.exit_code == 1
        assert [line.split()[0] for line in result.stdout.splitlines()] == list(map(str, paths[:5]))
        assert all("raise max_pixels" in line for line in result.stderr.splitlines())
        train = ("train", faces, "--layout", "folder", *limit)
        assert_fails(run(*train, "--output", faces.parent / "x"), "pixels, but at most")

    def test_a_folder_without_images(self, model: Path, tmp_path: Path) -> None:
        assert_fails(run("predict", tmp_path, "--model", model), str(tmp_path), "no images")
        (tmp_path / "1.svg").write_text("<svg/>")
        assert_fails(run("predict", tmp_path, "--model", model), "no images", ".svg: 1")

    def test_a_folder_of_other_suffixes(self, faces: Path, model: Path, tmp_path: Path) -> None:
        """Files called .jfif, or nothing, were left out without a word."""
        images = sorted(faces.rglob("*.png"))[:3]
        for image, name in zip(images, ("1", "2.jfif", "3.PNG"), strict=True):
            (tmp_path / name).write_bytes(image.read_bytes())
        (tmp_path / "4.tga").write_bytes(bytes(18))
        (tmp_path / "notes.txt").write_text("x")
        result = run("predict", tmp_path, "--model", model, "--json")
        assert result.exit_code == 0
        rows = json.loads(result.stdout)
        assert [row["path"] for row in rows] == [
            str(tmp_path / n) for n in ("1", "2.jfif", "3.PNG")
        ]
        assert result.stderr == (
            f"Warning: {tmp_path}: 1 file left out, no image that can be read (.tga: 1).\n"
        )
