"""Models and data whose classes are written in different ways, by commands that read both."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from PIL import Image

from ferclassifier import EMOTIONS
from helpers import assert_fails, run
from image_trees import row, spell, write_csv

SORTED = sorted(EMOTIONS)
OTHERWISE = ["Anger", "DISGUST", "fearful", "Happiness", "NEUTRAL", "sadness", "Surprised"]
N_IMAGES = 140
CODES = np.arange(N_IMAGES) % 7
# The first pixel of an image is its emotion.
FACES = np.random.default_rng(0).integers(0, 256, (N_IMAGES, 48, 48), dtype=np.uint8)
FACES[:, 0, 0] = CODES

Run = Callable[..., Result]


class Knowing:
    """A model that is right of 9 images in 10."""

    image_shape_ = (48, 48, 1)

    def __init__(self, classes: Any, meaning: Sequence[str]) -> None:
        self.classes_ = np.asarray(classes)
        self.meaning = np.array(meaning)

    def predict_proba(self, images: Any) -> np.ndarray:
        codes = images[:, 0, 0].copy()
        codes[::10] = (codes[::10] + 1) % 7
        emotions = np.array(EMOTIONS)[codes]
        likely = 0.02 + (emotions[:, np.newaxis] == self.meaning)
        return likely / likely.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def fer2013(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "fer2013.csv"
    return write_csv(path, *map(row, CODES, map(spell, FACES), ["PublicTest"] * N_IMAGES))


def write_folder(folder: Path, names: Sequence[str]) -> Path:
    """A folder for each emotion, by names in the order of `EMOTIONS`."""
    for i, (image, code) in enumerate(zip(FACES, CODES, strict=True)):
        path = folder / names[code] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return folder


@pytest.fixture
def evaluate(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on a model that is at hand."""

    def evaluate(model: Any, data: Path, *options: str, command: str = "evaluate") -> Result:
        module = importlib.import_module(f"ferclassifier._cli.commands.{command}")
        monkeypatch.setattr(module, "load_any_model", lambda path: model)
        layout = ("--layout", "folder") if data.is_dir() else ()
        return run(command, data, "--model", "x.joblib", *layout, *options)

    return evaluate


def accuracy(result: Result) -> float:
    assert result.exit_code == 0, result.output
    return float(json.loads(result.stdout)["accuracy"])


MODELS = {
    "names": Knowing(SORTED, SORTED),
    "names in another spelling": Knowing(OTHERWISE, SORTED),
    "codes": Knowing(range(7), EMOTIONS),
    "codes as floats": Knowing(np.arange(7.0), EMOTIONS),
    "codes as text": Knowing([str(code) for code in range(7)], EMOTIONS),
}


class TestEvaluate:
    @pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
    def test_models_of_fer2013_are_scored_by_what_they_mean(
        self, model: Any, fer2013: Path, tmp_path: Path, evaluate: Run
    ) -> None:
        """Names in another spelling, and codes on folders, were classes that no model knows."""
        for data in (
            fer2013,
            write_folder(tmp_path / "plain", EMOTIONS),
            write_folder(tmp_path / "upper", [name.upper() for name in EMOTIONS]),
        ):
            assert accuracy(evaluate(model, data, "--json")) == pytest.approx(0.9)

    def test_what_was_taken_for_what_is_said(
        self, fer2013: Path, tmp_path: Path, evaluate: Run
    ) -> None:
        said = evaluate(MODELS["names"], fer2013).stderr
        assert "taken for" not in said
        said = evaluate(MODELS["names in another spelling"], fer2013).stderr
        assert "classes are taken for the model's: angry for Anger, disgust for DISGUST" in said
        said = evaluate(MODELS["codes"], fer2013).stderr
        assert "The model answers codes, which are taken for FER-2013's: 0 angry, 1 disg" in said
        names = ["anger", *EMOTIONS[1:]]
        said = evaluate(MODELS["codes"], write_folder(tmp_path / "data", names)).stderr
        assert "taken for FER-2013's: 0 angry" in said
        assert "taken for the model's: anger for angry." in said

    def test_codes_in_the_order_of_the_alphabet(self, fer2013: Path, evaluate: Run) -> None:
        """Codes of `load_image_folder`, which were scored as FER-2013's: 57 % instead of 98 %."""
        result = evaluate(Knowing(range(7), SORTED), fer2013)
        assert_fails(
            result, "The model answers codes", "counted in the order of the alphabet, 90 %"
        )

    def test_codes_of_folders_that_are_numbered(self, tmp_path: Path, evaluate: Run) -> None:
        data = write_folder(tmp_path, [str(code) for code in range(7)])
        result = evaluate(MODELS["codes"], data, "--json")
        assert accuracy(result) == pytest.approx(0.9)
        assert "taken for" not in result.stderr
        result = evaluate(MODELS["names"], data)
        assert_fails(result, "does not know the class 0, nor 1,", "but only angry, disgust")

    def test_classes_in_two_spellings(self, tmp_path: Path, evaluate: Run) -> None:
        """What is meant is left open, unless one is spelled alike."""
        model = Knowing(["Happy", *SORTED], ["contempt", *SORTED])
        assert accuracy(evaluate(model, write_folder(tmp_path / "a", EMOTIONS), "--json")) == 0.9
        names = [name.replace("happy", "HAPPY") for name in EMOTIONS]
        result = evaluate(model, write_folder(tmp_path / "b", names))
        assert_fails(result, "does not know the class HAPPY, but only Happy, angry")

    def test_own_classes_are_told_apart(self, tmp_path: Path, evaluate: Run) -> None:
        names = ["smiling", "Not sure", *"abcde"]
        model = Knowing(
            ["not_sure", "smiling", *"ABCDE"], [EMOTIONS[i] for i in (1, 0, *range(2, 7))]
        )
        result = evaluate(model, write_folder(tmp_path, names), "--json")
        assert accuracy(result) == pytest.approx(0.9)
        assert "Not sure for not_sure, a for A, b for B" in result.stderr
        result = evaluate(MODELS["codes"], tmp_path)
        assert_fails(result, "does not know the class Not sure, nor a,", "only 0, 1, 2")


class TestAudit:
    @pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
    def test_labels_are_compared_by_what_they_mean(
        self, model: Any, fer2013: Path, evaluate: Run
    ) -> None:
        told = json.loads(evaluate(model, fer2013, "--json", command="audit").stdout)
        (found,) = (kind for kind in told["findings"] if kind["kind"] == "label-errors")
        assert "agrees with 90 % of all labels" in found["explanation"]

    def test_codes_in_the_order_of_the_alphabet(self, fer2013: Path, evaluate: Run) -> None:
        result = evaluate(Knowing(range(7), SORTED), fer2013, command="audit")
        assert_fails(
            result, "The model answers codes", "counted in the order of the alphabet, 90 %"
        )
