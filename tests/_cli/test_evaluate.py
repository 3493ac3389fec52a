"""The command ``evaluate``: its scores are those of the classes."""

from __future__ import annotations

import json
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from ferclassifier import EMOTIONS, FERClassifier, load_fer2013, load_ferplus
from ferclassifier.datasets._votes import EIGHT_EMOTIONS, VOTE_COLUMNS
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


class TestVotes:
    @pytest.fixture
    def votes(self, fer2013: Path, tmp_path: Path) -> Path:
        """As the labels say but for two of ten; one face shows contempt, one nothing."""
        data = load_fer2013(fer2013)
        columns = [*VOTE_COLUMNS]
        counts = np.zeros((len(data.target), len(columns)), dtype=int)
        places = [EIGHT_EMOTIONS.index(label) for label in data.target]
        counts[np.arange(len(places)), places] = 8
        counts[:, EIGHT_EMOTIONS.index("neutral")] += 2
        first, second = np.flatnonzero(data.usage == "validation")[:2]
        counts[[first, second]] = 10 * np.eye(10, dtype=int)[[1, 8]]
        table = pd.DataFrame(counts, columns=columns)
        usages = {"train": "Training", "validation": "PublicTest", "test": "PrivateTest"}
        table.insert(0, "Image name", [f"fer{i:07d}.png" for i in range(len(table))])
        table.insert(0, "Usage", [usages[usage] for usage in data.usage])
        path = tmp_path / "fer2013new.csv"
        table.to_csv(path, index=False)
        return path

    def test_scores_are_those_of_the_votes(
        self, clf: FERClassifier, fer2013: Path, model: Path, votes: Path
    ) -> None:
        result = run("evaluate", fer2013, "--model", model, "--votes", votes, "--json")
        assert "1 face with the most votes for contempt" in result.stderr
        data = load_ferplus(fer2013, votes, subset="validation", keep="emotion")
        kept = data.target != "contempt"
        expected = emotion_report(
            data.target[kept],
            clf.predict_proba(data.images[kept]),
            classes=clf.classes_,
            votes=data.votes[kept],
            vote_names=data.vote_names,
        ).to_dict()
        told = json.loads(result.stdout)
        assert told["votes"]["n_images"] == told["n_images"] == kept.sum() == 7
        assert told["votes"] == expected["votes"]

    def test_the_screen_and_the_page_tell_them(
        self, fer2013: Path, model: Path, votes: Path, tmp_path: Path
    ) -> None:
        page = tmp_path / "report.html"
        result = run("evaluate", fer2013, "--model", model, "--votes", votes, "--report", page)
        assert "Agrees with a rater on" in result.stdout
        assert "(two raters agree on" in result.stdout
        assert "raters: 8 " in page.read_text()
        assert "Faces on which raters disagree" in page.read_text()

    def test_folders_of_classes_have_none(self, faces: Path, model: Path, votes: Path) -> None:
        command = ("evaluate", faces, "--layout", "folder", "--model", model, "--votes", votes)
        assert "--layout folder has none" in run(*command).stderr
