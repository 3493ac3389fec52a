"""What tests of commands share: small data, and models trained on them once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from click.testing import Result
from PIL import Image

from ferclassifier import FERClassifier, load_fer2013
from helpers import FAST, faces_and_codes, patterns, run, tiny_classifier
from image_trees import row, spell, write_csv


def write_fer2013(path: Path, images: Any, codes: Any, usages: list[str]) -> Path:
    rows = zip(codes, map(spell, images), usages, strict=True)
    return write_csv(path, *(row(*values) for values in rows))


@pytest.fixture(scope="session")
def fer2013(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FER-2013 in small: 24 images for training, 9 for validation, and 7 for the test."""
    usages = ["Training"] * 24 + ["PublicTest"] * 9 + ["PrivateTest"] * 7
    images, codes = faces_and_codes(len(usages), random_state=0)
    return write_fer2013(tmp_path_factory.mktemp("data") / "fer2013.csv", images, codes, usages)


@pytest.fixture(scope="session")
def doubled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FER-2013 in small, with an image that stands in two parts, under two labels."""
    usages = ["Training"] * 20 + ["PublicTest"] * 15
    images, codes = faces_and_codes(len(usages), random_state=0)
    images[30], codes[30] = images[2], (codes[2] + 1) % 7
    return write_fer2013(tmp_path_factory.mktemp("data") / "fer2013.csv", images, codes, usages)


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one's own classes, with pictures of several sizes."""
    folder = tmp_path_factory.mktemp("faces")
    images, codes = faces_and_codes(10, n_classes=2, random_state=1)
    for i, (image, code) in enumerate(zip(images, codes, strict=True)):
        path = folder / ("calm", "excited")[code] / f"{i}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image).resize((48 + i, 60)).save(path)
    return folder


@pytest.fixture(scope="session")
def training(fer2013: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A model that the command line trained, and what it said."""
    path = tmp_path_factory.mktemp("model") / "model.joblib"
    return path, run("train", fer2013, "--output", path, *FAST)


@pytest.fixture(scope="session")
def model(training: tuple[Path, Result]) -> Path:
    path, result = training
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture(scope="session")
def clf(model: Path) -> FERClassifier:
    return joblib.load(model)


@pytest.fixture(scope="session")
def model_of_codes(doubled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the codes of FER-2013, as from Python."""
    train = load_fer2013(doubled, subset="train")
    path = tmp_path_factory.mktemp("model") / "model.joblib"
    joblib.dump(tiny_classifier(epochs=1).fit(train.images, train.target_codes), path)
    return path


@pytest.fixture(scope="session")
def stripes_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of images of 12 x 12 pixels whose labels are numbers."""
    path = tmp_path_factory.mktemp("stripes") / "stripes.joblib"
    joblib.dump(tiny_classifier(epochs=1).fit(*patterns(n_classes=7)), path)
    return path


@pytest.fixture
def fits_learn_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fits end at once, without a network."""

    def fit(clf: FERClassifier, X: Any, y: Any) -> None:
        clf.classes_, clf.n_iter_, clf.best_epoch_ = np.unique(y), 0, None
        clf.history_ = {"seconds": [0.0]}

    monkeypatch.setattr(FERClassifier, "fit", fit)
