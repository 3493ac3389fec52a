"""The commands that train and score the released models, on drawn faces."""

from __future__ import annotations

import csv
import importlib
import io
import json
import runpy
import sys
import tomllib
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from ferclassifier import EMOTIONS, FERClassifier, make_faces
from ferclassifier.architectures import get_architecture
from ferclassifier.images._shared import KnownImages
from ferclassifier.metrics import emotion_report
from ferclassifier.persistence import load_model
from ferclassifier.pretrained._facts import SCORED
from helpers import REPOSITORY, faces_and_codes

FOLDER = REPOSITORY / "benchmarks" / "fer2013"
CONFIGS = sorted(set(FOLDER.glob("*.toml")) - {FOLDER / "race.toml"})  # of many recipes
EMOTION_OF = {  # the columns of fer2013new.csv
    "neutral": "neutral",
    "happiness": "happy",
    "surprise": "surprise",
    "sadness": "sad",
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
}
COLUMNS = [*EMOTION_OF, "contempt", "unknown", "NF"]
COLUMN_OF = {emotion: i for i, emotion in enumerate(EMOTION_OF.values())}


@pytest.fixture(scope="module")
def faces_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn faces in the form of fer2013.csv: for training, seven of them twice, and PublicTest."""
    path = tmp_path_factory.mktemp("fer2013") / "fer2013.csv"
    images, codes = faces_and_codes(70, random_state=0)
    images[35:42] = images[28:35]
    usage = ["Training"] * 42 + ["PublicTest"] * 28
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["emotion", "pixels", "Usage"])
        for image, code, part in zip(images, codes, usage, strict=True):
            writer.writerow([code, " ".join(map(str, image.ravel())), part])
    return path


@pytest.fixture(scope="module")
def votes_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Votes for them in the form of fer2013new.csv: of ten people one or two disagree."""
    path = tmp_path_factory.mktemp("ferplus") / "fer2013new.csv"
    _, codes = faces_and_codes(70, random_state=0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Usage", "Image name", *COLUMNS])
        for i, code in enumerate(codes):
            votes = [0] * 10
            votes[COLUMN_OF[EMOTIONS[code]]] = 8
            votes[8 if i % 7 == 0 else 7] += 2  # unknown, or contempt
            if i % 10 == 0:
                votes = [0] * 7 + [9, 1, 0]
            writer.writerow(["Training" if i < 42 else "PublicTest", f"fer{i:07d}.png", *votes])
    return path


@pytest.fixture
def tiny_config(tmp_path: Path) -> Path:
    """The configuration of a network that is trained in no time."""
    path = tmp_path / "tiny.toml"
    path.write_text(
        "[classifier]\n"
        'architecture = "compact"\n'
        "random_state = 0\n"
        "epochs = 9\n"
        'test_time_augmentation = "flip"\n'
        "[classifier.architecture_params]\n"
        "filters = [4, 8]\n"
    )
    return path


class Ended(NamedTuple):
    """What a command leaves when it has ended."""

    code: int
    stdout: str
    stderr: str


@pytest.fixture
def attempt(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """Run a command in this process, which has TensorFlow and compiled networks at hand."""

    def attempt(script: str, *args: Any) -> Ended:
        stdout, stderr = io.StringIO(), io.StringIO()
        with (
            monkeypatch.context() as patch,
            warnings.catch_warnings(),
            redirect_stdout(stdout),
            redirect_stderr(stderr),
        ):
            warnings.simplefilter("ignore")  # of so few images there is a lot to warn of
            patch.syspath_prepend(FOLDER)
            patch.setattr(sys, "argv", [script, *map(str, args)])
            try:
                runpy.run_path(str(FOLDER / script), run_name="__main__")
            except SystemExit as end:
                if isinstance(end.code, str):  # as Python does at the end of a process
                    print(end.code, file=stderr)
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
                return Ended(code, stdout.getvalue(), stderr.getvalue())
        return Ended(0, stdout.getvalue(), stderr.getvalue())

    return attempt


@pytest.fixture
def run(attempt: Callable[..., Ended]) -> Callable[..., str]:
    """Run a command that must succeed, and return what it prints."""

    def run(script: str, *args: Any) -> str:
        ended = attempt(script, *args)
        assert ended.code == 0, ended.stderr[-2000:]
        return ended.stdout

    return run


def test_digests_are_those_of_the_training_images(
    run: Callable[..., str], faces_csv: Path, tmp_path: Path
) -> None:
    path = tmp_path / "training.bin"
    assert run("training_digests.py", faces_csv, "--output", path) == "training.bin: 336 bytes\n"
    known = KnownImages(path.read_bytes(), (48, 48, 1), "were seen")
    found = known.find(make_faces(70, random_state=0)[0])
    assert found is not None
    assert np.flatnonzero(~found).tolist() == [*range(35, 70)]  # seven were replaced by copies


def test_there_are_configurations() -> None:
    assert {"best", "compact"} <= {path.stem for path in CONFIGS}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_configuration_is_one_of_the_classifier(path: Path) -> None:
    config = tomllib.loads(path.read_text())
    assert set(config) <= {"classifier", "teachers", "votes"}
    if "votes" in config:
        assert config["votes"]["images"] in {"majority", "emotion"}
        assert 0 < config["votes"]["share"] <= 1
    clf = FERClassifier(**config["classifier"])
    clf._validate_params()
    get_architecture(clf.architecture, clf.architecture_params)
    assert isinstance(clf.random_state, int)


RECIPES = tomllib.loads((FOLDER / "race.toml").read_text())


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_one_of_the_classifier(name: str) -> None:
    recipe = dict(RECIPES[name])
    assert recipe.pop("against", name) in RECIPES
    clf = FERClassifier(**recipe)
    clf._validate_params()
    get_architecture(clf.architecture, clf.architecture_params)


def test_a_race_goes_on_where_it_stopped(
    run: Callable[..., str], faces_csv: Path, tmp_path: Path
) -> None:
    results = tmp_path / "race.csv"
    race = ("race.py", faces_csv, "short", "--limit", 28, "--results", results)
    first = run(*race)
    assert "| short | 1 |" in first
    before = results.read_text()
    run(*race)
    assert results.read_text() == before
    assert before.count("\n") == 2


def test_a_model_is_trained_logged_saved_and_scored(
    run: Callable[..., str], faces_csv: Path, tiny_config: Path, tmp_path: Path
) -> None:
    model, log = tmp_path / "tiny.safetensors", tmp_path / "log.csv"
    run("train.py", tiny_config, faces_csv, model, "--epochs", 2, "--log", log)
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
    images, emotions = make_faces(70, random_state=0)
    clf.set_params(test_time_augmentation="flip")
    accuracy = clf.score(images[42:], emotions[42:])
    assert f"{accuracy:.4f}" in printed
    assert "temperature fitted on all of PublicTest" in printed


def test_the_card_of_a_released_model_gets_other_scores(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    evaluate = importlib.import_module("evaluate")
    before = (evaluate.PACKAGED / "compact.json").read_text(encoding="utf-8")
    (tmp_path / "compact.json").write_text(before, encoding="utf-8")
    monkeypatch.setattr(evaluate, "PACKAGED", tmp_path)
    classes = json.loads(before)["classes"]
    report = emotion_report(classes, np.eye(7), classes=classes)
    proba = np.eye(7, dtype=np.float32)
    compared = {"torch": evaluate.agreement(proba, proba)}
    evaluate.rescore("compact", dict.fromkeys(SCORED, report), None, compared)
    told = json.loads((tmp_path / "compact.json").read_text(encoding="utf-8"))
    scores = told.pop("scores")
    assert [scores[name]["accuracy"] for name in SCORED] == [1, 1, 1]
    assert told.pop("labels") == "FER-2013"
    assert told.pop("votes") is None
    expected = {name: fact for name, fact in json.loads(before).items() if name != "scores"}
    its = {"n_images": 7, "same_labels": 1, "max_difference": 0}
    assert told == {**expected, "backends": {**expected["backends"], "torch": its}}


def test_networks_teach_what_they_have_not_seen(
    attempt: Callable[..., Ended],
    run: Callable[..., str],
    faces_csv: Path,
    tiny_config: Path,
    tmp_path: Path,
) -> None:
    first, second = (tmp_path / f"fold{fold}.npy" for fold in (0, 1))
    for fold, path in enumerate((first, second)):
        options = ("--folds", 2, "--fold", fold, "--epochs", 1)
        assert f"fold {fold}: " in run("cross_fit.py", tiny_config, faces_csv, path, *options)
    one, other = np.load(first), np.load(second)
    assert one.shape == other.shape == (42, 7)
    np.testing.assert_array_equal(np.isnan(one), ~np.isnan(other))
    np.testing.assert_array_equal(np.isnan(one[28:35]), np.isnan(one[35:42]))  # copies together
    np.testing.assert_allclose(np.fmax(one, other).sum(axis=1), 1, atol=1e-5)

    train = ("train.py", tiny_config, faces_csv, tmp_path / "taught.safetensors")
    options = ("--epochs", 1, "--log", tmp_path / "log.csv")
    refused = attempt(*train, *options, "--unseen", first)
    assert refused.code == 1
    n_missing = int(np.isnan(one).any(axis=1).sum())
    assert f"{n_missing} of 42 images have no row" in refused.stderr
    assert "Traceback" not in refused.stderr
    run(*train, *options, "--unseen", first, second)
    taught, alone = tmp_path / "taught.safetensors", tmp_path / "alone.safetensors"
    run("train.py", tiny_config, faces_csv, alone, *options)
    images, _ = make_faces(70, random_state=0)
    told = [load_model(path).predict_proba(images[42:]) for path in (taught, alone)]
    assert np.abs(told[0] - told[1]).max() > 1e-4


def test_votes_are_counted_by_the_rules_of_the_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    votes = pytest.importorskip("_votes")
    path = tmp_path / "fer2013new.csv"
    rows = {
        "clear": [0, 7, 1, 2, 0, 0, 0, 0, 0, 0],
        "a half": [4, 4, 0, 0, 0, 0, 0, 0, 1, 1],
        "unknown": [0, 0, 0, 4, 0, 0, 0, 0, 6, 0],
        "": [0, 0, 0, 0, 0, 0, 0, 0, 0, 10],
    }
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Usage", "Image name", *COLUMNS])
        writer.writerows(["Training", name, *counts] for name, counts in rows.items())
        writer.writerow(["PublicTest", "another", *[0] * 6, 10, *[0] * 3])
    read = votes.read_votes(path, "train")
    assert read.has_majority.tolist() == [True, False, False, False]
    assert read.is_emotion.tolist() == [True, True, False, False]
    assert read.plurality[:2].tolist() == ["happy", "happy"]
    assert read.agreeing.tolist() == [7, 4, 6, 0]
    happy = votes.EIGHT_EMOTIONS.tolist().index("happy")
    assert read.shares[:, happy] == pytest.approx([7 / 9, 0.5, 0, 1 / 8])
    assert votes.read_votes(path, "validation").plurality.tolist() == ["fear"]


def test_networks_learn_votes_and_judge_labels(
    run: Callable[..., str], faces_csv: Path, votes_csv: Path, tiny_config: Path, tmp_path: Path
) -> None:
    config = tmp_path / "plus.toml"
    config.write_text(tiny_config.read_text() + '[votes]\nimages = "emotion"\nshare = 0.5\n')
    folds = [tmp_path / f"plus_fold_{fold}.npy" for fold in (0, 1)]
    options = ("--folds", 2, "--epochs", 1, "--votes", votes_csv, "--log", tmp_path / "folds.csv")
    for fold, path in enumerate(folds):
        run("cross_fit.py", config, faces_csv, path, *options, "--fold", fold)
    unseen = tmp_path / "unseen.npy"
    run("join_folds.py", unseen, *folds)
    assert np.load(unseen).shape == (42, 8)
    np.testing.assert_allclose(np.load(unseen).sum(axis=1), 1, atol=1e-2)

    model, log = tmp_path / "plus.safetensors", tmp_path / "plus.csv"
    options = ("--votes", votes_csv, "--unseen", unseen, "--epochs", 1, "--log", log)
    run("train.py", config, faces_csv, model, *options, "--unwatched")
    assert load_model(model).classes_.tolist() == sorted([*EMOTIONS, "contempt"])
    assert "val_accuracy" not in log.read_text()

    combined = tmp_path / "combined.npy"
    run("combine.py", faces_csv, combined, "--votes", votes_csv, "--unseen", unseen)
    assert np.load(combined).shape == (42, 7)

    predicted, scores = tmp_path / "plus.npy", tmp_path / "scores.csv"
    run("predict.py", faces_csv, model, predicted, "--views", "none", "flip")
    run("score_predictions.py", faces_csv, votes_csv, scores, predicted)
    with scores.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["views"] for row in rows} == {"none", "flip"}
    whole = next(row for row in rows if row["images"] == "all")
    assert int(whole["number"]) == 28
    assert float(whole["kl_votes"]) > 0

    printed = run("evaluate.py", faces_csv, model, "--votes", votes_csv, "--views", "flip")
    assert "cross-fitted to the votes" in printed
    assert "agreement_of_two=" in printed
    with_flip = next(row for row in rows if row["views"] == "flip")
    assert with_flip["accuracy"] in printed


@pytest.mark.filterwarnings("ignore:The temperature that fits best")
def test_probabilities_are_compared_with_what_people_say(
    votes_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    votes = importlib.import_module("_votes").read_votes(votes_csv, "train")
    scores = importlib.import_module("_scores_on_votes")
    exact = scores.score_on_votes(votes.shares, votes)
    told = exact.told
    assert told.n_images == len(votes.counts)
    assert (told.divergence, told.calibration_error) == pytest.approx((0, 0), abs=1e-3)
    assert told.divergence_of_mean > 1
    assert exact.temperature == pytest.approx(1, abs=0.01)
    assert told.majority_temperature < 1  # most people agree more than each of them does
    pairs = [(8 * 7 + 2 * 1) / 90, 9 * 8 / 90]  # of eight against two, and of nine against one
    most = np.isin(votes.agreeing, [9]).mean()
    assert told.agreement_of_two == pytest.approx(np.dot(pairs, [1 - most, most]), abs=1e-4)
    assert told.agreement == told.agreement_of_majority == pytest.approx(0.8 + most / 10, abs=1e-4)
    assert {name: row.accuracy for name, row in told.by_agreement.items()} == {
        "8": 1,
        "9": 1,
        "at least 8": 1,
    }
    sure = np.eye(8, dtype=np.float32)[votes.codes]
    measure = importlib.import_module("_votes").votes_calibration_error
    assert measure(votes.shares, sure) == pytest.approx(1 - votes.shares.max(axis=1).mean())
