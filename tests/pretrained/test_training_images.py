"""What released models were trained on is known by their weights, and compared with test images."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferclassifier import (
    EMOTIONS,
    FERClassifier,
    FERVotingClassifier,
    load_pretrained,
)
from ferclassifier._classifier import training_images
from ferclassifier._classifier.training_images import training_images_of
from ferclassifier._files import released
from ferclassifier.images._shared import KnownImages, short_digests
from ferclassifier.report import evaluation_report
from helpers import SHARED, faces_and_codes, needs_fer2013, run, tiny_classifier
from image_trees import row, spell, write_csv

X, CODES = faces_and_codes(28, random_state=7)
Y = np.array(EMOTIONS)[CODES]


@pytest.fixture(autouse=True)
def _trained_on_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the released models have been trained on the first five faces."""
    monkeypatch.setattr(training_images, "training_digests", lambda: short_digests(X[:5]))


@pytest.fixture(scope="module")
def compact() -> FERClassifier:
    clf = load_pretrained("compact")
    assert isinstance(clf, FERClassifier)
    return clf


def test_a_model_is_known_by_its_weights(compact: FERClassifier, tmp_path: Path) -> None:
    compact.save(tmp_path / "model.safetensors")
    calibrated = load_pretrained().calibrate(X, Y)
    for clf in (
        compact,
        calibrated,
        pickle.loads(pickle.dumps(compact)),
        FERClassifier.load(tmp_path / "model.safetensors"),
        FERVotingClassifier.from_fitted([("a", compact), ("b", calibrated)]),
    ):
        known = training_images_of(clf)
        assert known is not None
        assert known.name == "the 5 images that the model was trained on"


def test_a_model_is_known_without_some_of_its_classes() -> None:
    known = training_images_of(load_pretrained("plus", classes=EMOTIONS))
    assert known is not None
    assert known.name == "the 5 images that the model was trained on"


def test_a_model_that_was_fitted_is_another(compact: FERClassifier) -> None:
    fitted = tiny_classifier(epochs=1).fit(X, Y)
    tuned = FERClassifier(initial_weights="compact", epochs=1, random_state=0).fit(X, Y)
    further = load_pretrained("compact")
    assert isinstance(further, FERClassifier)
    further.partial_fit(X, Y)
    for clf in (fitted, tuned, further, object()):
        assert training_images_of(clf) is None
    half = FERVotingClassifier.from_fitted([("a", compact), ("b", fitted)])
    known = training_images_of(half)
    assert known is not None
    assert known.name == "the 5 images that members of the model were trained on"


def test_reports_compare_with_what_the_model_was_trained_on(compact: FERClassifier) -> None:
    """Nothing was said, although the model had seen a part of the images."""
    report = evaluation_report(compact, X, Y, n_mistakes=0)
    scores = report.data["scores"]
    assert scores["n_in_training"] == 5
    assert scores["without_training_images"]["n_images"] == 23
    assert scores["compared_with"] == ["the 5 images that the model was trained on"]
    assert "were compared with the 5 images that the model was trained on." in report.to_html()
    both = evaluation_report(compact, X, Y, n_mistakes=0, train_images=X[3:7]).scores
    assert both.n_in_training == 7
    assert both.compared_with[1] == "the 4 training images at hand"


def write_faces(path: Path, usages: list[str]) -> Path:
    rows = zip(CODES, map(spell, X), usages, strict=True)
    return write_csv(path, *(row(*values) for values in rows))


@pytest.mark.parametrize("with_report", [False, True])
def test_evaluate_says_which_images_were_compared(tmp_path: Path, with_report: bool) -> None:
    """The command said "none" of a released model, having looked at the images of the file."""
    data = write_faces(tmp_path / "faces.csv", ["PublicTest"] * 20 + ["Training"] * 8)
    options: Any = ("--report", tmp_path / "report.md") if with_report else ()
    screen = run("evaluate", data, "--model", "compact", *options).stdout
    assert "Without 5 images that training has too" in screen
    assert "(compared with the 5 images that the model was trained on)" in screen
    assert "(compared with the 8 training images at hand)" in screen
    alone = write_faces(tmp_path / "alone.csv", ["PublicTest"] * 28)
    result = run("evaluate", alone, "--model", "compact", "--json")
    assert "has no training images" not in result.stderr
    told = json.loads(result.stdout)
    assert told["n_in_training"] == 5
    assert told["compared_with"] == ["the 5 images that the model was trained on"]


def test_evaluate_says_that_the_file_was_compared(tmp_path: Path) -> None:
    data = write_faces(tmp_path / "faces.csv", ["Training"] * 20 + ["PublicTest"] * 8)
    tiny_classifier(epochs=1).fit(X, Y).save(tmp_path / "model.safetensors")
    screen = run("evaluate", data, "--model", tmp_path / "model.safetensors").stdout
    assert screen.endswith(
        "None of the images appears in the training data\n"
        "(compared with the 20 training images at hand)\n"
    )


def test_an_audit_does_not_ask_a_model_for_what_it_has_seen() -> None:
    from ferclassifier._cli.commands.audit import _unseen_probabilities

    proba = _unseen_probabilities(load_pretrained("compact"), X, None)
    assert np.isnan(proba).all(axis=1).tolist() == [True] * 5 + [False] * 23
    proba = _unseen_probabilities(load_pretrained("compact"), X, np.repeat(["train", "test"], 14))
    assert np.isnan(proba).all(axis=1).tolist() == [True] * 14 + [False] * 14


class TestTheFile:
    def test_it_has_a_digest_of_each_image_in_order(self) -> None:
        digests = released.training_digests()
        assert len(digests) == 8 * 28_709
        parts = [digests[i : i + 8] for i in range(0, len(digests), 8)]
        assert parts == sorted(parts)
        assert len(set(parts)) > 27_000  # Training has copies

    @needs_fer2013
    def test_it_is_that_of_fer2013(self, tmp_path: Path) -> None:
        path = tmp_path / "fer2013.npz"
        tool = SHARED / "tools" / "fer2013.py"
        subprocess.run([sys.executable, tool, "npz", path], check=True)
        with np.load(path) as data:
            images, usage = data["X"], data["usage"]
        assert short_digests(images[usage == "Training"]) == released.training_digests()
        known = KnownImages(released.training_digests(), (48, 48, 1), "were seen")
        found = known.find(images[usage == "PublicTest"])
        assert found is not None
        assert found.sum() == 280  # as published
