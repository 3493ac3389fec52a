"""The command line writes reports, of scores and of data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from ferclassifier import EMOTIONS, load_fer2013, make_faces
from ferclassifier.audit import audit_images
from helpers import assert_fails, run, tiny_classifier

USAGES = ["Training"] * 20 + ["PublicTest"] * 15


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FER-2013 in small, with an image that stands in two parts, under two labels."""
    images, codes = make_faces(len(USAGES), random_state=0)
    images[30], codes[30] = images[2], (codes[2] + 1) % 7
    rows = zip(codes, images.reshape(len(images), -1), USAGES, strict=True)
    lines = [f"{code},{' '.join(map(str, pixels))},{usage}\n" for code, pixels, usage in rows]
    path = tmp_path_factory.mktemp("data") / "fer2013.csv"
    path.write_text("".join(["emotion,pixels,Usage\n", *lines]))
    return path


@pytest.fixture(scope="module")
def model(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the codes of FER-2013, as from Python."""
    train = load_fer2013(data, subset="train")
    path = tmp_path_factory.mktemp("model") / "model.joblib"
    joblib.dump(tiny_classifier(epochs=1).fit(train.images, train.target), path)
    return path


class TestEvaluate:
    def test_every_form_of_a_report_is_written(
        self, data: Path, model: Path, tmp_path: Path
    ) -> None:
        paths = [tmp_path / f"report.{suffix}" for suffix in ("html", "md", "json")]
        options = [option for path in paths for option in ("--report", path)]
        result = run("evaluate", data, "--model", model, *options)
        assert result.exit_code == 0, result.output
        assert result.stdout.endswith(f"Wrote {paths[0]} and {paths[1]} and {paths[2]}.\n")
        page, text, numbers = (path.read_text(encoding="utf-8") for path in paths)
        assert page.startswith("<!DOCTYPE html>")
        assert text.startswith("# How FERClassifier recognises 15 faces")
        scores = json.loads(numbers)["scores"]
        assert list(scores["classes"]) == list(EMOTIONS)
        assert scores["n_in_training"] == 1
        told = json.loads(run("evaluate", data, "--model", model, "--json").stdout)
        assert {name: told[name] for name in scores} == scores

    def test_with_json_nothing_else_is_printed(
        self, data: Path, model: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "report.html"
        result = run("evaluate", data, "--model", model, "--report", path, "--json")
        assert json.loads(result.stdout)["n_images"] == 15
        assert path.exists()

    @pytest.mark.parametrize("command", ["evaluate", "audit"])
    def test_what_cannot_be_written_is_said_before_the_work(
        self, command: str, data: Path, model: Path, tmp_path: Path
    ) -> None:
        there = tmp_path / "there.html"
        there.write_text("old")
        no_model = ["--model", tmp_path / "none.joblib"]  # which would be said later
        for name, words in (
            ("report.pdf", ["report.pdf", ".html, .md or .json"]),
            ("nowhere/report.html", ["there is no folder"]),
            ("there.html", ["the file exists; add --force"]),
        ):
            assert_fails(run(command, data, *no_model, "--report", tmp_path / name), *words)
        assert there.read_text() == "old"
        options = ["--report", there, "--force"]
        assert run(command, data, "--model", model, *options).exit_code == 0
        assert there.read_text().startswith("<!DOCTYPE html>")

    def test_what_is_missing_is_named(
        self, data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
        result = run("evaluate", data, "--model", model, "--report", tmp_path / "report.html")
        assert_fails(result, "jinja2", 'pip install "ferclassifier[report]"')


class TestAudit:
    def found(self, data: Path) -> Any:
        faces = load_fer2013(data, subset="all")
        return audit_images(faces.images, faces.target_names[faces.target], groups=faces.usage)

    def test_screen_and_json_hold_what_the_audit_found(self, data: Path) -> None:
        audit = self.found(data)
        assert len(audit["across-groups"]) == 2
        assert run("audit", data).stdout == f"Reading {data}\n\n{audit}\n"
        told = json.loads(run("audit", data, "--json").stdout)
        assert told == {"data": str(data), "subset": "all", **audit.to_dict()}

    def test_images_are_named_by_their_rows(self, data: Path, tmp_path: Path) -> None:
        path = tmp_path / "audit.md"
        result = run("audit", data, "--report", path)
        assert result.stdout.endswith(f"Wrote {path}.\n")
        text = path.read_text(encoding="utf-8")
        for name in ("train, row 3", "validation, row 31"):
            assert name in text

    def test_a_model_finds_labels_that_may_be_wrong(
        self, data: Path, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only on images that it was not trained on."""
        given: dict[str, Any] = {}

        def audit_and_note(*args: Any, **kwargs: Any) -> Any:
            given.update(kwargs)
            return audit_images(*args, **kwargs)

        monkeypatch.setattr("ferclassifier.audit.audit_images", audit_and_note)
        result = run("audit", data, "--model", model)
        assert result.exit_code == 0, result.output
        probabilities = given["y_proba"]
        assert np.isnan(probabilities[:20]).all()
        clf = joblib.load(model)
        expected = clf.predict_proba(load_fer2013(data, subset="validation").images)
        np.testing.assert_array_equal(probabilities[20:], expected)
        assert list(given["classes"]) == list(EMOTIONS)

    def test_a_folder_of_ones_own_is_one_group(self, tmp_path: Path) -> None:
        from PIL import Image

        images, _ = make_faces(6, random_state=0)
        for i, image in enumerate(images):
            path = tmp_path / "faces" / ("a" if i < 3 else "b") / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(images[0] if i == 4 else image).save(path)
        result = run("audit", tmp_path / "faces", "--layout", "folder", "--json")
        told = json.loads(result.stdout)
        kinds = {finding["kind"]: finding for finding in told["findings"]}
        assert sorted(kinds["exact-duplicates"]["indices"]) == [0, 4]
        assert "across-groups" not in kinds
