"""The files of models: which reader reads them, and what is refused without being run."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from ferclassifier import FERClassifier, FERVotingClassifier, load_fer2013
from ferclassifier._cli.model_files import model_for_photos
from ferclassifier._files.container import is_model_file
from helpers import DATA, FAST, assert_fails, run, tiny_classifier


class _Hostile:
    """An object whose pickle makes a file when it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self._path,)


class TestModelFile:
    def test_what_is_no_model(self, fer2013: Path, tmp_path: Path) -> None:
        path = tmp_path / "x.joblib"
        assert_fails(run("predict", "x.png", "--model", path), "x.joblib", "no such file")
        assert_fails(run("predict", "x.png", "--model", tmp_path), "this is a folder")
        path.write_text("hello")
        assert_fails(run("predict", "x.png", "--model", path), "cannot be loaded as a model")
        path.write_bytes(b"")
        assert_fails(run("evaluate", fer2013, "--model", path), "cannot be loaded as a model")
        joblib.dump({"a": 1}, path)
        assert_fails(run("predict", "x.png", "--model", path), "dict", "FERClassifier")
        joblib.dump(FERClassifier(), path)
        assert_fails(run("predict", "x.png", "--model", path), "has not been fitted")

    def test_a_file_without_code_that_is_damaged(
        self, fer2013: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "model.joblib"  # a file without code is one under any name
        content = bytearray((DATA / "protocol1.safetensors").read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        monkeypatch.setattr(joblib, "load", None)  # not to be tried then
        assert_fails(run("evaluate", fer2013, "--model", path), "model.joblib", "it is damaged")

    def test_an_ensemble(self, faces: Path, tmp_path: Path) -> None:
        path = DATA / "protocol1_voting.safetensors"
        rows = json.loads(run("predict", faces, "--model", path, "--json").stdout)
        pickled = tmp_path / "model.joblib"
        joblib.dump(FERVotingClassifier.load(path), pickled)
        assert rows == json.loads(run("predict", faces, "--model", pickled, "--json").stdout)
        assert len(rows) == 10
        joblib.dump(FERVotingClassifier([]), pickled)
        assert_fails(run("predict", faces, "--model", pickled), "has not been fitted")

    @pytest.mark.parametrize(
        "name", ["x.safetensors", "x.SafeTensors", "x", "x.bin", "x.joblib.gz", "x.pkl.safetensors"]
    )
    @pytest.mark.parametrize("command", ["predict", "evaluate", "audit"])
    def test_a_pickle_under_another_name_is_not_run(
        self, fer2013: Path, tmp_path: Path, command: str, name: str
    ) -> None:
        """The code of a pickle named .safetensors ran: what was no such file went to joblib."""
        joblib.dump(_Hostile(tmp_path / "it-ran"), tmp_path / name)
        assert_fails(run(command, fer2013, "--model", tmp_path / name), name, "pickle", ".joblib")
        assert not (tmp_path / "it-ran").exists()

    @pytest.mark.skipif(not hasattr(os, "symlink"), reason="there are no links")
    @pytest.mark.parametrize(
        ("link", "target"), [("x.joblib", "y.safetensors"), ("x.safetensors", "y.joblib")]
    )
    def test_a_pickle_behind_a_link_is_not_run_if_either_name_says_that_it_is_none(
        self, tmp_path: Path, link: str, target: str
    ) -> None:
        joblib.dump(_Hostile(tmp_path / "it-ran"), tmp_path / target)
        (tmp_path / link).symlink_to(target)
        assert_fails(run("predict", "x.png", "--model", tmp_path / link), "this is a")
        assert not (tmp_path / "it-ran").exists()

    @pytest.mark.parametrize("name", ["x.joblib", "x.pkl", "x.PICKLE"])
    def test_names_that_joblib_reads(self, faces: Path, tmp_path: Path, name: str) -> None:
        joblib.dump(FERClassifier.load(DATA / "protocol1.safetensors"), tmp_path / name)
        result = run("predict", faces, "--model", tmp_path / name, "--json")
        assert len(json.loads(result.stdout)) == 10

    @pytest.mark.parametrize("name", ["x.SafeTensors", "x", "x.joblib"])
    def test_a_name_is_read_as_it_was_written(
        self, fer2013: Path, faces: Path, tmp_path: Path, name: str
    ) -> None:
        """A name in capitals was written by joblib, which no longer reads it."""
        assert run("train", fer2013, "--output", tmp_path / name, *FAST).exit_code == 0
        assert is_model_file(tmp_path / name) == (name != "x.joblib")
        assert run("predict", faces, "--model", tmp_path / name).exit_code == 0

    def test_another_process_loads_the_file_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.copy(DATA / "protocol1.safetensors", tmp_path / "x.safetensors")
        monkeypatch.chdir(tmp_path)
        model = model_for_photos(Path("x.safetensors"))
        pickled = pickle.dumps(model)
        assert len(pickled) < 500
        monkeypatch.chdir("/")
        again = pickle.loads(pickled)
        images = np.zeros((2, *again.image_shape), np.uint8)
        assert again.classes == model.classes
        np.testing.assert_array_equal(again.predict_proba(images), model.predict_proba(images))

    def test_model_is_required(self) -> None:
        assert_fails(run("evaluate", "x.csv"), "--model", code=2)

    def test_images_of_another_shape_than_the_model(
        self, fer2013: Path, stripes_model: Path
    ) -> None:
        assert_fails(
            run("evaluate", fer2013, "--model", stripes_model),
            "images of shape (48, 48, 1)",
            "expecting (12, 12, 1)",
        )

    def test_pixels_on_another_scale_than_the_model(
        self, fer2013: Path, faces: Path, tmp_path: Path
    ) -> None:
        data = load_fer2013(fer2013)
        path = tmp_path / "unit.joblib"
        joblib.dump(tiny_classifier(epochs=1).fit(data.images / 255, data.target), path)
        assert_fails(run("predict", faces, "--model", path), "[0, 255]", "Divide by 255")
