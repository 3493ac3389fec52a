"""The commands that train and score the released models, on drawn faces."""

from __future__ import annotations

import csv
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferclassifier import EMOTIONS, FERClassifier, make_faces
from ferclassifier.architectures import get_architecture
from ferclassifier.persistence import load_model

FOLDER = Path(__file__).parents[1] / "benchmarks" / "fer2013"
CONFIGS = sorted(FOLDER.glob("*.toml"))


@pytest.fixture(scope="module")
def faces_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn faces in the form of fer2013.csv, for training and for PublicTest."""
    path = tmp_path_factory.mktemp("fer2013") / "fer2013.csv"
    images, codes = make_faces(70, random_state=0)
    usage = ["Training"] * 42 + ["PublicTest"] * 28
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["emotion", "pixels", "Usage"])
        for image, code, part in zip(images, codes, usage, strict=True):
            writer.writerow([code, " ".join(map(str, image.ravel())), part])
    return path


def run(script: str, *args: Any) -> str:
    command = [sys.executable, FOLDER / script, *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_there_are_configurations() -> None:
    assert {"best", "compact"} <= {path.stem for path in CONFIGS}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_configuration_is_one_of_the_classifier(path: Path) -> None:
    config = tomllib.loads(path.read_text())
    assert set(config) <= {"classifier", "teachers"}
    clf = FERClassifier(**config["classifier"])
    clf._validate_params()
    get_architecture(clf.architecture, clf.architecture_params)
    assert isinstance(clf.random_state, int)


def test_a_model_is_trained_logged_saved_and_scored(faces_csv: Path, tmp_path: Path) -> None:
    config = tmp_path / "tiny.toml"
    config.write_text(
        "[classifier]\n"
        'architecture = "compact"\n'
        "random_state = 0\n"
        "epochs = 9\n"
        'test_time_augmentation = "flip"\n'
        "[classifier.architecture_params]\n"
        "filters = [4, 8]\n"
    )
    model, log = tmp_path / "tiny.safetensors", tmp_path / "log.csv"
    run("train.py", config, faces_csv, model, "--epochs", 2, "--log", log)
    clf = load_model(model)
    assert clf.classes_.tolist() == sorted(EMOTIONS)
    assert clf.test_time_augmentation == "flip"
    with log.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert {"loss", "val_accuracy", "seconds"} <= set(rows[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "log.csv",
        "tiny.safetensors",
        "tiny.toml",
    ]

    printed = run("evaluate.py", faces_csv, model)
    images, codes = make_faces(70, random_state=0)
    clf.set_params(test_time_augmentation="flip")
    accuracy = clf.score(images[42:], np.array(EMOTIONS)[codes[42:]])
    assert f"{accuracy:.4f}" in printed
    assert "temperature fitted on all of PublicTest" in printed
