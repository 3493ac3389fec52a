"""The command ``train``: a model like that of the classes, written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from click.testing import Result

from ferclassifier import EMOTIONS, FERClassifier, load_fer2013, load_pretrained
from ferclassifier._files.checkpoint import Checkpoint
from ferclassifier.images import read_image
from helpers import FAST, assert_fails, run

IN_THREE_EPOCHS = (*FAST, "--epochs", 3)


def assert_as_if_never_interrupted(found: Path, fer2013: Path) -> None:
    alone = found.with_name("alone.safetensors")
    assert run("train", fer2013, "--output", alone, *IN_THREE_EPOCHS).exit_code == 0
    X = load_fer2013(fer2013).images
    proba, expected = (FERClassifier.load(path).predict_proba(X) for path in (found, alone))
    np.testing.assert_array_equal(proba, expected)


class TestTrain:
    def test_says_what_it_read_and_where_the_model_is(
        self, training: tuple[Path, Result], fer2013: Path
    ) -> None:
        path, result = training
        assert result.exit_code == 0
        assert "24 images: angry " in result.stdout
        assert "Epoch 1/1: " in result.stdout
        assert f"Next: ferclassifier evaluate {fer2013} --model {path}" in result.stdout
        assert result.stderr == ""
        assert list(path.parent.iterdir()) == [path]

    def test_fits_the_classifier_with_names_as_labels(
        self, clf: FERClassifier, fer2013: Path
    ) -> None:
        train = load_fer2013(fer2013, subset="train")
        same = FERClassifier(architecture="gap_cnn", epochs=1, random_state=0, augmentation=None)
        same.fit(train.images, train.target)
        np.testing.assert_array_equal(clf.classes_, sorted(EMOTIONS))
        np.testing.assert_array_equal(
            clf.predict_proba(train.images), same.predict_proba(train.images)
        )

    def test_json_is_all_of_stdout(self, faces: Path, tmp_path: Path) -> None:
        path = tmp_path / "own.joblib"
        options = ("--layout", "folder", "--class-weight", "sqrt", "--learning-rate", "0.01")
        result = run("train", faces, "--output", path, *FAST, *options, "--json")
        told = json.loads(result.stdout)
        assert told["model"] == str(path)
        assert told["classes"] == ["calm", "excited"]
        assert (told["n_images"], told["n_skipped"], told["epochs"]) == (10, 0, 1)
        assert set(told["history"]) >= {"loss", "accuracy"}
        assert "Epoch 1/1: " in result.stderr
        clf = joblib.load(path)
        assert clf.image_shape_ == (48, 48, 1)
        assert (clf.class_weight, clf.learning_rate) == ("sqrt", 0.01)

    def test_a_name_of_another_kind_of_file_is_refused_before_training(
        self, faces: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "model.h5"
        result = run("train", faces, "--layout", "folder", "--output", path, *FAST)
        assert_fails(result, f"{path}: this is the name of a file of Keras", "model.safetensors")
        assert "Reading" not in result.output
        space = tmp_path / "space.toml"
        space.write_text("[space]\nepochs = [1]\n")
        result = run("search", faces, "--layout", "folder", "--space", space, "--model", path)
        assert_fails(result, f"{path}: this is the name of a file of Keras")
        assert "Reading" not in result.output

    def test_without_a_name_the_file_holds_no_code(
        self, faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        result = run("train", faces, "--layout", "folder", *FAST)
        assert result.exit_code == 0, result.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
        assert FERClassifier.load("model.safetensors").n_iter_ == 1

    def test_few_images_start_from_a_released_model(self, faces: Path, tmp_path: Path) -> None:
        path = tmp_path / "own.safetensors"
        options = ("--layout", "folder", "--output", path, "--epochs", "1", "--initial-weights")
        result = run("train", faces, *options, "tiny")
        assert result.exit_code == 0, result.stderr
        facts = [m._network_facts() for m in (FERClassifier.load(path), load_pretrained("tiny"))]
        assert facts[0].architecture == facts[1].architecture
        assert_fails(run("train", faces, "--force", *options, "tny"), "Did you mean 'tiny'?")

    def test_a_model_without_code(self, faces: Path, tmp_path: Path) -> None:
        path = tmp_path / "own.safetensors"
        result = run("train", faces, "--layout", "folder", "--output", path, *FAST)
        assert result.exit_code == 0, result.stderr
        clf = FERClassifier.load(path)
        rows = json.loads(run("predict", faces, "--model", path, "--json").stdout)
        assert len(rows) == 10
        for row in rows:
            expected = clf.predict_proba([read_image(row["path"], size=(48, 48))])[0]
            np.testing.assert_allclose(list(row["probabilities"].values()), expected, atol=1e-4)

    @pytest.mark.usefixtures("fits_learn_nothing")
    def test_existing_output_is_kept_unless_forced(
        self, fer2013: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "model.joblib"
        path.write_text("precious")
        assert_fails(run("train", fer2013, "--output", path), "exists", "--force")
        assert path.read_text() == "precious"

        def dump_half(value: Any, file: Any, **_: Any) -> None:
            file.write(b"half")
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as full_disk:
            full_disk.setattr(joblib, "dump", dump_half)
            result = run("train", fer2013, "--output", path, "--force")
        assert_fails(result, "No space left on device")
        assert path.read_text() == "precious"
        assert list(tmp_path.iterdir()) == [path]

        assert run("train", fer2013, "--output", path, "--force").exit_code == 0
        assert isinstance(joblib.load(path), FERClassifier)
        assert list(tmp_path.iterdir()) == [path]

    def test_output_is_checked_before_training(self, fer2013: Path, tmp_path: Path) -> None:
        assert_fails(run("train", fer2013, "--output", tmp_path / "no" / "x"), "there is no folder")
        assert_fails(run("train", fer2013, "--output", tmp_path), "this is a folder")
        assert_fails(run("train", fer2013, "--output", os.devnull, "--force"), "a device or a pipe")
        if Path("/proc/self").is_dir():  # a folder in which not even root can create a file
            assert_fails(run("train", fer2013, "--output", "/proc/self/x"), "cannot be written")
        assert list(tmp_path.iterdir()) == []

    def test_interruption_leaves_nothing(
        self, fer2013: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(*_: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(FERClassifier, "fit", interrupt)
        result = run("train", fer2013, "--output", tmp_path / "x")
        assert result.exit_code == 130
        assert result.stderr.splitlines()[-1] == "Aborted"
        assert list(tmp_path.iterdir()) == []

    def test_the_same_command_goes_on_from_a_checkpoint(
        self, fer2013: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        checkpoint = tmp_path / "fit.checkpoint"
        again = ("train", fer2013, "--output", tmp_path / "found.safetensors", *IN_THREE_EPOCHS)
        again += ("--checkpoint", checkpoint)
        write = Checkpoint.write

        def write_and_stop(*args: Any) -> None:
            write(*args)
            raise KeyboardInterrupt

        with monkeypatch.context() as interrupted:
            interrupted.setattr(Checkpoint, "write", write_and_stop)
            assert run(*again).exit_code == 130
        assert checkpoint.exists()
        result = run(*again)
        assert result.exit_code == 0, result.output
        assert "Epoch 1/3" not in result.stdout
        assert list(tmp_path.iterdir()) == [tmp_path / "found.safetensors"]
        assert_as_if_never_interrupted(tmp_path / "found.safetensors", fer2013)

    def test_a_kill_before_the_model_is_written_loses_nothing(
        self, fer2013: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The checkpoint was removed at the end of the fit, when there was no model yet."""
        checkpoint = tmp_path / "fit.checkpoint"
        again = ("train", fer2013, "--output", tmp_path / "found.safetensors", *IN_THREE_EPOCHS)
        again += ("--checkpoint", checkpoint)
        stands, write = [], Checkpoint.write

        def note_and_fail(*_: Any) -> None:
            stands.append(checkpoint.read_bytes())  # what a process that is killed now leaves
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as killed:
            killed.setattr(FERClassifier, "save", note_and_fail)
            assert_fails(run(*again), "No space left on device")
        assert stands == [checkpoint.read_bytes()]
        written = []
        monkeypatch.setattr(Checkpoint, "write", lambda *args: written.append(write(*args)))
        result = run(*again)
        assert result.exit_code == 0, result.output
        assert not written  # an epoch would have
        assert list(tmp_path.iterdir()) == [tmp_path / "found.safetensors"]
        assert_as_if_never_interrupted(tmp_path / "found.safetensors", fer2013)

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            (["--architecture", "lenet"], ["'lenet'", "'compact'"]),
            (["--epochs", "0"], ["--epochs"]),
            (["--learning-rate", "fast"], ["'fast'", "number or 'auto'"]),
            (["--learning-rate", "0"], ["--learning-rate"]),
            (["--augmentation", "wild"], ["'wild'", "'standard'", "'none'"]),
            (["--layout", "folder", "--subset", "test"], ["--layout folder has no subsets"]),
            (["--subset", "test", "--layout", "folder"], ["--layout folder has no subsets"]),
            (["--colour"], ["--colour", "See 'ferclassifier train --help'"]),
        ],
    )
    def test_misuse(self, fer2013: Path, args: list[str], words: list[str]) -> None:
        assert_fails(run("train", fer2013, *args), *words, code=2)

    def test_missing_argument_and_unknown_command(self) -> None:
        assert_fails(run("train"), "'DATA'", code=2)
        assert_fails(run("teach"), "'teach'", "See 'ferclassifier --help'", code=2)
