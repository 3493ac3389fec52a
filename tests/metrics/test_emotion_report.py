"""Scores are scikit-learn's, and what is wrong with labels and probabilities is said."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import metrics as sk

from drawn_predictions import MISSING_CLASSES, NAMES, ONE_CLASS, Drawn, drawn, equal, slowly
from ferclassifier import EMOTIONS
from ferclassifier.exceptions import DataError, ImageError
from ferclassifier.metrics import (
    Confusion,
    EmotionReport,
    coverage_accuracy_curve,
    emotion_report,
    reliability_curve,
)
from helpers import patterns


def test_drawn_data_hold_the_difficult_cases() -> None:
    assert len(ONE_CLASS.classes) == 1
    assert len(set(MISSING_CLASSES.y)) < len(
        set(MISSING_CLASSES.y) | set(MISSING_CLASSES.predicted)
    )
    assert len(set(MISSING_CLASSES.y) | set(MISSING_CLASSES.predicted)) < 5


class TestScoresAreThoseOfScikitLearn:
    @slowly
    @given(drawn())
    @example(ONE_CLASS)
    @example(MISSING_CLASSES)
    def test_of_predictions(self, data: Drawn) -> None:
        report = data.report()
        kept = data.weights_or_ones > 0
        of = (data.y[kept], data.predicted[kept])
        weights = {"sample_weight": data.weights_or_ones[kept]}
        assert report.n_images == equal(data.weights_or_ones.sum())
        assert report.accuracy == equal(sk.accuracy_score(*of, **weights))
        for mean, score in (("macro", report.macro_f1), ("weighted", report.weighted_f1)):
            assert score == equal(sk.f1_score(*of, average=mean, zero_division=0, **weights))
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            assert report.balanced_accuracy == equal(sk.balanced_accuracy_score(*of, **weights))

    @slowly
    @given(drawn())
    @example(ONE_CLASS)
    @example(MISSING_CLASSES)
    def test_of_each_class(self, data: Drawn) -> None:
        report = data.report()
        expected = sk.precision_recall_fscore_support(
            data.y,
            data.predicted,
            labels=data.classes,
            sample_weight=data.weights,
            zero_division=0,
        )
        assert report.per_class.index.tolist() == data.classes.tolist()
        assert report.per_class.columns.tolist() == ["precision", "recall", "f1", "support"]
        assert_allclose(report.per_class.to_numpy().T, expected, rtol=1e-12, atol=1e-12)
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            matrix = sk.confusion_matrix(
                data.y, data.predicted, labels=data.classes, sample_weight=data.weights
            )
        assert_allclose(report.confusion_matrix, matrix, rtol=1e-12)
        are_whole = not (data.weights_or_ones % 1).any()
        assert report.confusion_matrix.dtype == (int if are_whole else float)

    @slowly
    @given(drawn().filter(lambda data: len(data.classes) > 1))
    @example(MISSING_CLASSES)
    def test_log_loss(self, data: Drawn) -> None:
        order = np.argsort(data.classes)  # the order that scikit-learn takes the columns to have
        expected = sk.log_loss(
            data.y,
            data.proba[:, order],
            labels=data.classes[order],
            sample_weight=data.weights,
        )
        assert data.report().log_loss == equal(expected)

    def test_log_loss_of_one_class_is_zero(self) -> None:
        assert ONE_CLASS.report().log_loss == 0

    def test_scores_are_plain_floats(self) -> None:
        for value in vars(MISSING_CLASSES.report()).values():
            assert not isinstance(value, np.generic)


def assert_equal(one: Any, other: Any) -> None:
    """Compare what `to_dict` returns, also whether numbers are whole."""
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert list(one) == list(other)
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            assert_equal(*pair)
    else:
        assert one == (equal(other) if isinstance(other, float) else other)


class TestWeights:
    """An image of weight 0 was no other than one that is wrong: its class counted as one that is
    never recognised, and the numbers of images and the interval were those of all."""

    @slowly
    @given(drawn(), st.integers(0, 2**32 - 1))
    @example(MISSING_CLASSES, 0)
    def test_whole_weights_repeat_images(self, data: Drawn, seed: int) -> None:
        times = np.random.default_rng(seed).integers(0, 3, len(data.y))
        times[0] = 2
        copies = np.repeat(np.arange(len(data.y)), times)
        weighted, repeated = (
            [
                curve(data.y[rows], data.proba[rows], classes=data.classes, **weights)
                for curve in (emotion_report, reliability_curve, coverage_accuracy_curve)
            ]
            for rows, weights in (
                (np.arange(len(data.y)), {"sample_weight": times}),
                (copies, {}),
            )
        )
        assert_equal(weighted[0].to_dict(), repeated[0].to_dict())
        assert str(weighted[0]) == str(repeated[0])
        for one, other in zip(weighted[1:], repeated[1:], strict=True):
            for values, expected in zip(one, other, strict=True):
                assert_allclose(values, expected, rtol=1e-12, atol=1e-12)

    @slowly
    @given(drawn(), st.integers(0, 2**32 - 1))
    @example(MISSING_CLASSES, 0)
    def test_images_without_weight_are_left_out(self, data: Drawn, seed: int) -> None:
        """Whatever they are called, and whatever was predicted for them."""
        rng = np.random.default_rng(seed)
        weights = np.where(rng.random(len(data.y)) < 0.5, 0, rng.exponential(size=len(data.y)))
        weights[0] = 1
        kept = weights > 0
        others = emotion_report(
            data.y[kept], data.proba[kept], classes=data.classes, sample_weight=weights[kept]
        )
        report = emotion_report(
            np.where(kept, data.y, "unknown"),
            np.where(kept[:, np.newaxis], data.proba, np.nan),
            classes=data.classes,
            sample_weight=weights,
        )
        assert report.to_dict() == others.to_dict()

    def test_a_class_without_weight_has_no_say(self) -> None:
        y, proba = [0, 0, 1, 2], np.eye(3)[[0, 0, 1, 0]]
        report = emotion_report(y, proba, sample_weight=[1, 1, 1, 0])
        assert report.macro_f1 == report.balanced_accuracy == 1
        assert report.per_class["support"].tolist() == [2, 1, 0]

    def test_labels_of_images_without_weight_may_name_the_columns(self) -> None:
        report = emotion_report(["a", "b", "c"], np.eye(3), sample_weight=[1, 1, 0])
        assert report.classes.tolist() == ["a", "b", "c"]
        report = emotion_report(["a", "b", "?"], np.eye(2)[[0, 1, 1]], sample_weight=[1, 1, 0])
        assert report.classes.tolist() == ["a", "b"]

    def test_images_without_weight_are_not_compared_with_training_images(self) -> None:
        images, y = patterns(6)
        proba = np.eye(3)[y]
        options: Any = {"images": list(images), "train_images": images[2:], "classes": [0, 1, 2]}
        report = emotion_report(y, proba, sample_weight=[1, 2, 3, 0, 4, 0], **options)
        assert (report.n_images, report.n_in_training) == (10, 7)
        assert report.without_training_images is not None
        assert report.without_training_images.n_images == 3

    def test_sums_of_real_weights_are_written_as_they_are(self) -> None:
        report = emotion_report([0, 1], np.eye(2), sample_weight=[0.25, 1234.25])
        assert report.n_images == 1234.5
        assert "on 1,234.5 images" in report.summary()

    def test_weights_beyond_whole_numbers_stay_floats(self) -> None:
        report = emotion_report([0, 1], np.eye(2), sample_weight=[1e200, 1])
        assert report.confusion_matrix.tolist() == [[1e200, 0], [0, 1]]


class TestLabels:
    PROBA = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]

    @pytest.mark.parametrize(
        ("y", "classes"),
        [
            (["fear", "sad", "sad"], None),
            (["fear", "sad", "sad"], ("fear", "sad")),
            (pd.Series(["fear", "sad", "sad"], index=[7, 8, 9]), pd.Index(["fear", "sad"])),
            (np.array(["fear", "sad", "sad"], dtype=object), np.array(["fear", "sad"])),
            (pd.Categorical(["fear", "sad", "sad"]), ["fear", "sad"]),
            ([0, 1, 1], range(2)),
            (np.array([0, 1, 1], dtype=np.uint8), None),
            ([0.0, 1.0, 1.0], [0, 1]),
            ([False, True, True], None),
            ([[4], [5], [5]], [4, 5]),
        ],
    )
    def test_any_kind(self, y: Any, classes: Any) -> None:
        report = emotion_report(y, self.PROBA, classes=classes)
        assert report.accuracy == equal(2 / 3)
        assert_array_equal(report.confusion_matrix, [[1, 0], [1, 1]])

    def test_classes_are_in_the_order_of_the_columns(self) -> None:
        report = emotion_report(["sad", "fear", "fear"], self.PROBA, classes=["sad", "fear"])
        assert report.classes.tolist() == ["sad", "fear"]
        assert report.accuracy == equal(2 / 3)
        assert report.confusions == [Confusion("fear", "sad", 0.5, 1)]

    def test_the_first_of_equal_probabilities_is_predicted(self) -> None:
        assert emotion_report(["a"], [[0.5, 0.5]], classes=["a", "b"]).accuracy == 1

    def test_labels_that_are_no_classes_are_named(self) -> None:
        y = ["fear", "joy", "joy", *"abcde"]
        with pytest.raises(ValueError, match=r"'joy', 'a', 'b', 'c', 'd' \.\.\., but the classes "):
            emotion_report(y, [[0.5, 0.5]] * len(y), classes=["fear", "sad"])
        with pytest.raises(DataError, match="y_true holds 2, but the classes are 'fear', 'sad'"):
            emotion_report([2, 2], [[0.5, 0.5]] * 2, classes=["fear", "sad"])

    def test_as_many_classes_as_columns(self) -> None:
        with pytest.raises(DataError, match=r"2 columns, but y_true holds 1 .*clf\.classes_"):
            emotion_report(["fear"] * 3, self.PROBA)
        with pytest.raises(DataError, match=r"2 columns, but classes names 7"):
            emotion_report(["fear"] * 3, self.PROBA, classes=EMOTIONS)

    @pytest.mark.parametrize("classes", [["a", "a"], [["a"], ["b"]], "ab"])
    def test_classes_that_are_none(self, classes: Any) -> None:
        with pytest.raises(DataError, match="expected labels that differ"):
            emotion_report(["a"] * 3, self.PROBA, classes=classes)


class TestProbabilities:
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_rows_are_scaled_to_sum_to_one(self, dtype: Any) -> None:
        proba = np.random.default_rng(0).dirichlet(np.ones(7), 200).astype(dtype)
        codes = np.arange(200) % 7
        report = emotion_report(codes, proba, classes=range(7))
        exact = proba.astype(np.float64)
        exact /= exact.sum(axis=1, keepdims=True)
        assert report.log_loss == equal(sk.log_loss(codes, exact))
        assert report.accuracy == equal(sk.accuracy_score(codes, proba.argmax(axis=1)))

    @pytest.mark.parametrize(
        ("proba", "words"),
        [
            ([[2.0, -1.0]], r"values in \[-1, 2\].*not logits"),
            ([[0.5, 0.498]], r"a row that sums to 0.998, but expected"),
            ([[0.5, 0.5], [0.1, 0.2]], r"a row that sums to 0.3,"),
            ([0.5, 0.5], r"shape \(2,\), but expected \(n_images, n_classes\)"),
            ([[np.nan, 1.0]], "y_proba contains NaN"),
            (np.empty((0, 2)), "0 sample"),
        ],
    )
    def test_what_are_no_probabilities(self, proba: Any, words: str) -> None:
        with pytest.raises(DataError, match=words):
            emotion_report(["a"] * len(proba), proba, classes=["a", "b"])

    def test_sums_that_are_almost_one(self) -> None:
        assert emotion_report(["a"], [[0.5, 0.4995]], classes=["a", "b"]).accuracy == 1

    def test_lengths_must_agree(self) -> None:
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            emotion_report(["a"], [[0.5, 0.5]] * 2, classes=["a", "b"])
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            emotion_report(["a"], [[0.5, 0.5]], classes=["a", "b"], sample_weight=[1, 1])

    @pytest.mark.parametrize(("weights", "words"), [([0, 0], "is zero"), ([1, -1], "[Nn]egative")])
    def test_weights_that_are_none(self, weights: Any, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            emotion_report([0, 1], np.eye(2), sample_weight=weights)


class TestConfusions:
    def test_are_sorted_by_the_share_of_the_true_class(self) -> None:
        y = ["a"] * 10 + ["b"] * 2 + ["c"]
        predicted = ["a"] * 7 + ["b"] * 3 + ["c", "b"] + ["c"]
        report = emotion_report(y, np.array([[p == c for c in "abc"] for p in predicted], float))
        assert report.confusions == [Confusion("b", "c", 0.5, 1), Confusion("a", "b", 0.3, 3)]
        assert [type(value) for value in report.confusions[0]] == [str, str, float, int]

    def test_with_weights(self) -> None:
        report = emotion_report([0, 0, 1], [[0, 1], [1, 0], [0, 1]], sample_weight=[3, 1, 1])
        assert report.confusions == [Confusion(0, 1, 0.75, 3.0)]

    @pytest.mark.parametrize(
        ("share", "words"),
        [
            (0.2101, "21 %"),
            (0.005, "<1 %"),
            (0.006, "1 %"),
            (0.994, "99 %"),
            (0.995, ">99 %"),
            (1.0, "100 %"),
        ],
    )
    def test_in_words(self, share: float, words: str) -> None:
        expected = f"fear is taken for sad {words} of the time"
        assert str(Confusion("fear", "sad", share, 1)) == expected


class TestWithoutTrainingImages:
    IMAGES, Y = patterns(30)
    PROBA = np.random.default_rng(0).dirichlet(np.ones(3), 30)

    def report(self, **options: Any) -> EmotionReport:
        return emotion_report(self.Y, self.PROBA, **options)

    def test_scores_are_those_of_the_others(self) -> None:
        weights = np.arange(1, 31)
        train_images = np.concatenate([patterns(40, seed=1)[0], self.IMAGES[[3, 3, 4, 29]]])
        report = self.report(
            images=self.IMAGES.reshape(30, -1) / 255,
            train_images=train_images,
            sample_weight=weights,
        )
        kept = np.setdiff1d(np.arange(30), [3, 4, 29])
        others = emotion_report(self.Y[kept], self.PROBA[kept], sample_weight=weights[kept])
        assert report.n_in_training == weights[[3, 4, 29]].sum()
        assert report.without_training_images is not None
        assert report.without_training_images.to_dict() == others.to_dict()
        whole = self.report(sample_weight=weights).to_dict()
        assert whole["n_in_training"] is whole["without_training_images"] is None
        assert whole["compared_with"] == []
        for name in set(whole) - {"n_in_training", "without_training_images", "compared_with"}:
            assert report.to_dict()[name] == whole[name]

    def test_none_in_training(self) -> None:
        report = self.report(images=self.IMAGES, train_images=patterns(20, seed=1)[0])
        assert report.n_in_training == 0
        assert report.without_training_images is not None
        assert report.without_training_images.n_images == 30
        assert report.summary().endswith(
            "None of the images appears in the training data\n"
            "(compared with the 20 training images at hand)"
        )

    def test_all_in_training(self) -> None:
        report = self.report(images=self.IMAGES, train_images=self.IMAGES)
        assert (report.n_in_training, report.without_training_images) == (30, None)
        assert "All of the images also appear in the training data" in report.summary()

    def test_only_images_without_weight_are_left(self) -> None:
        report = self.report(
            images=self.IMAGES,
            train_images=self.IMAGES[1:],
            sample_weight=np.arange(30),
        )
        assert report.n_in_training == report.n_images == sum(range(30))
        assert report.without_training_images is None

    def test_one_without_the_other(self) -> None:
        with pytest.raises(DataError, match="Got images without train_images"):
            self.report(images=self.IMAGES)
        with pytest.raises(DataError, match="Got train_images without images"):
            self.report(train_images=self.IMAGES)

    def test_images_must_belong_to_the_labels(self) -> None:
        with pytest.raises(DataError, match="Got 29 images, but 30 labels"):
            self.report(images=self.IMAGES[1:], train_images=self.IMAGES)
        with pytest.raises(ImageError, match="cannot be compared"):
            self.report(images=self.IMAGES, train_images=self.IMAGES[:, 1:])


class TestReport:
    def test_json_is_plain_and_whole(self) -> None:
        data = Drawn(0, 40, 5, 3, 3, "none")
        report = data.report()
        told = json.loads(json.dumps(report.to_dict(), allow_nan=False))
        assert told == report.to_dict()
        left_out = {"per_class"}
        assert set(told) == set(vars(report)) - left_out
        assert list(told["classes"]) == data.classes.tolist()
        for name, row in told["classes"].items():
            assert row == report.per_class.loc[name].to_dict()
            assert isinstance(row["support"], int)
        assert told["confusions"][0] == report.confusions[0]._asdict()
        assert_array_equal(told["confusion_matrix"], report.confusion_matrix)
        accuracy = np.array(told["reliability"]["accuracy"], dtype=float)  # None becomes NaN
        assert_array_equal(accuracy, report.reliability.accuracy)
        assert None in told["reliability"]["accuracy"]

    def test_json_of_numbers_and_weights(self) -> None:
        report = emotion_report([3, 3, 5], np.eye(2)[[0, 1, 1]], sample_weight=[0.5, 0.25, 2])
        told = json.loads(json.dumps(report.to_dict(), allow_nan=False))
        assert told["classes"]["5"]["support"] == 2.0
        assert told["confusions"] == [
            {"true": 3, "predicted": 5, "share": pytest.approx(1 / 3), "n": 0.25}
        ]

    def test_text_fits_on_a_screen(self) -> None:
        rng = np.random.default_rng(0)
        images = rng.integers(0, 256, (2000, 3, 3), dtype=np.uint8)
        report = emotion_report(
            NAMES[np.arange(2000) % 7],
            rng.dirichlet(np.ones(7), 2000),
            classes=NAMES,
            images=images,
            train_images=images[:271],
        )
        lines = str(report).splitlines()
        assert max(map(len, lines)) <= 80
        assert len(lines) == 1 + 7 + 1 + 3 + 3 + 2
        assert "Without 271 images that training has too: accuracy " in lines[-2]
        assert lines[0].split() == ["precision", "recall", "F1", "support"]
        row = report.per_class.loc["surprise"]
        found = next(line for line in lines if line.startswith("surprise "))
        assert found.split()[1:] == [
            *(f"{row[c]:.3f}" for c in ("precision", "recall", "f1")),
            str((np.arange(2000) % 7 == EMOTIONS.index("surprise")).sum()),
        ]
        accuracy = f"Accuracy {100 * report.accuracy:.1f} % on 2,000 images (95 % interval "
        assert any(line.startswith(accuracy) for line in lines)
        assert [str(c) in lines for c in report.confusions[:4]] == [True, True, True, False]

    def test_text_names_as_many_confusions_as_asked_for(self) -> None:
        report = Drawn(0, 50, 5, 5, 5, "none").report()
        assert report.summary(0) in report.summary(5)
        assert report.summary(5).count("is taken for") == 5

    def test_text_of_one_image(self) -> None:
        assert "on 1 image (" in emotion_report(["a"], [[1.0]]).summary()

    def test_reports_cannot_be_changed(self) -> None:
        with pytest.raises(AttributeError):
            ONE_CLASS.report().accuracy = 1.0  # type: ignore[misc]


def test_a_number_of_confusions_is_not_negative() -> None:
    report = emotion_report([0, 1], [[0.1, 0.9], [0.9, 0.1]])
    assert "is taken for" not in report.summary(0)
    with pytest.raises(ValueError, match=r"n_confusions=-1, but expected a whole number, 0 or"):
        report.summary(-1)


def test_columns_of_a_data_frame_name_the_classes() -> None:
    y_proba = pd.DataFrame([[0.9, 0.1], [0.2, 0.8]], columns=["happy", "fear"])
    assert emotion_report(["happy", "fear"], y_proba).accuracy == 1.0
    assert emotion_report(["happy", "fear"], y_proba).classes.tolist() == ["happy", "fear"]


class TestInANotebook:
    """Its arrays filled screens."""

    @pytest.fixture
    def report(self) -> EmotionReport:
        proba = np.eye(2)[[0, 1, 1, 1]] * 0.8 + 0.1
        return emotion_report(["a", "<b>", "a", "<b>"], proba[:, ::-1], classes=["<b>", "a"])

    def test_its_repr_is_a_line(self, report: EmotionReport) -> None:
        assert repr(report) == (
            "<EmotionReport of 4 images: accuracy 0.750 (0.301 to 0.954), macro-F1 0.733>"
        )

    def test_a_table_and_words(self, report: EmotionReport) -> None:
        shown = report._repr_html_()
        assert "&lt;b&gt;" in shown
        assert "<b>" not in shown
        assert "<p>Accuracy 75.0 % on 4 images" in shown
        assert shown.count("<tr") == 3
