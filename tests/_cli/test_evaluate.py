"""The command ``evaluate``: its scores are those of the classes."""

from __future__ import annotations

import json
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from ferclassifier import EMOTIONS, FERClassifier, load_fer2013
from ferclassifier.metrics import emotion_report
from helpers import assert_fails, run, tiny_classifier


class TestEvaluate:
    @pytest.mark.parametrize("subset", [None, "validation", "test", "train", "all"])
    def test_scores_are_those_of_scikit_learn(
        self, clf: FERClassifier, fer2013: Path, model: Path, subset: str | None
    ) -> None:
        options = () if subset is None else ("--subset", subset)
        told = json.loads(run("evaluate", fer2013, "--model", model, *options, "--json").stdout)
        data = load_fer2013(fer2013, subset=subset or "validation")
        truth, predicted = data.target, clf.predict(data.images)
        assert told["subset"] == (subset or "validation")
        assert told["n_images"] == len(truth)
        assert told["accuracy"] == pytest.approx(accuracy_score(truth, predicted))
        assert told["macro_f1"] == pytest.approx(
            f1_score(truth, predicted, average="macro", zero_division=0)
        )
        assert list(told["classes"]) == clf.classes_.tolist()
        for name, row in told["classes"].items():
            assert row["support"] == (truth == name).sum()
        matrix = confusion_matrix(truth, predicted, labels=clf.classes_)
        np.testing.assert_array_equal(told["confusion_matrix"], matrix)

    def test_tables_fit_on_a_screen(self, fer2013: Path, model: Path) -> None:
        result = run("evaluate", fer2013, "--model", model)
        assert result.exit_code == 0
        assert max(map(len, result.stdout.splitlines())) <= 80
        for word in ("precision", "true \\ predicted", "surprise", "Accuracy", "on 9 images"):
            assert word in result.stdout

    def test_screen_and_json_hold_the_report_of_the_probabilities(
        self, clf: FERClassifier, fer2013: Path, model: Path
    ) -> None:
        data = load_fer2013(fer2013, subset="validation")
        truth, probabilities = data.target, clf.predict_proba(data.images)
        report = emotion_report(
            truth,
            probabilities,
            classes=clf.classes_,
            images=data.images,
            train_images=load_fer2013(fer2013, subset="train").images,
        )
        assert report.confusions
        assert report.n_in_training == 0
        told = json.loads(run("evaluate", fer2013, "--model", model, "--json").stdout)
        expected = {**report.to_dict(), "data": str(fer2013), "model": str(model)}
        assert told == {**expected, "subset": "validation"}
        screen = run("evaluate", fer2013, "--model", model).stdout
        assert screen.endswith(f"\n\n{report.summary(n_confusions=2)}\n")

    def test_images_of_the_training_data_are_told_apart(
        self, fer2013: Path, model: Path, tmp_path: Path
    ) -> None:
        header, *rows = fer2013.read_text().splitlines(keepends=True)
        both = tmp_path / "fer2013.csv"
        copy = rows[0].replace("Training", "PublicTest")
        both.write_text("".join([header, *rows, copy]))
        assert "Without 1 image that training has too" in (
            run("evaluate", both, "--model", model).stdout
        )
        alone = tmp_path / "alone.csv"  # without training images there is nothing to compare with
        alone.write_text("".join([header, *(row for row in rows if "PublicTest" in row)]))
        result = run("evaluate", alone, "--model", model, "--json")
        assert json.loads(result.stdout)["n_in_training"] is None
        assert "has no training images" in result.stderr

    def test_training_images_are_not_scored_unnoticed(self, fer2013: Path, model: Path) -> None:
        told = json.loads(
            run("evaluate", fer2013, "--subset", "all", "--model", model, "--json").stdout
        )
        assert told["n_in_training"] == 24
        screen = run("evaluate", fer2013, "--subset", "train", "--model", model).stdout
        assert "All of the images also" in screen

    def test_a_model_of_codes_is_told_the_names(self, fer2013: Path, tmp_path: Path) -> None:
        data = load_fer2013(fer2013)
        clf = tiny_classifier(epochs=1).fit(data.images, data.target_codes)
        joblib.dump(clf, tmp_path / "codes.joblib")
        told = json.loads(
            run(
                "evaluate",
                fer2013,
                "--subset",
                "all",
                "--json",
                "--model",
                tmp_path / "codes.joblib",
            ).stdout
        )
        assert list(told["classes"]) == list(EMOTIONS)
        assert told["accuracy"] == pytest.approx(clf.score(data.images, data.target_codes))

    def test_classes_that_the_model_does_not_know(self, faces: Path, model: Path) -> None:
        result = run("evaluate", faces, "--layout", "folder", "--model", model)
        assert_fails(result, "does not know the class calm", "only angry, disgust")
