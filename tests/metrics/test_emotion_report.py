"""Scores are scikit-learn's, calibration errors the papers', and what is wrong is said."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import binomtest
from sklearn import metrics as sk

from ferclassifier import EMOTIONS
from ferclassifier._classifier.reject_option import RejectOption
from ferclassifier.exceptions import DataError, ImageError
from ferclassifier.metrics import (
    Confusion,
    EmotionReport,
    classwise_calibration_error,
    coverage_accuracy_curve,
    emotion_report,
    expected_calibration_error,
    reliability_curve,
    wilson_interval,
)
from helpers import patterns

NAMES = np.array(EMOTIONS)
slowly = settings(deadline=None, max_examples=40)


def equal(value: Any) -> Any:
    return pytest.approx(value, rel=1e-12, abs=1e-12)


class Drawn:
    """Labels, probabilities and weights, drawn at random."""

    def __init__(
        self, seed: int, n: int, n_classes: int, true: int, predicted: int, weights: str
    ) -> None:
        rng = np.random.default_rng(seed)
        self.classes = rng.permutation(NAMES)[:n_classes]
        self.codes = rng.choice(rng.permutation(n_classes)[:true], n)
        proba = rng.dirichlet(np.full(n_classes, 0.5), n)
        often = rng.permutation(n_classes)[:predicted]
        proba[:, often] += rng.dirichlet(np.ones(len(often)), n) * n_classes
        self.proba = proba / proba.sum(axis=1, keepdims=True)
        self.y = self.classes[self.codes]
        self.predicted = self.classes[self.proba.argmax(axis=1)]
        self.weights = {
            "none": None,
            "real": rng.exponential(size=n),
            "some zero": np.where(np.arange(n) % 3 == 0, rng.integers(1, 5, n), 0),
        }[weights]

    def report(self) -> EmotionReport:
        return emotion_report(self.y, self.proba, classes=self.classes, sample_weight=self.weights)

    @property
    def weights_or_ones(self) -> Any:
        return np.ones(len(self.y)) if self.weights is None else self.weights


@st.composite
def drawn(draw: Callable[[Any], Any]) -> Drawn:
    n_classes = draw(st.integers(1, 5))
    return Drawn(
        seed=draw(st.integers(0, 2**32 - 1)),
        n=draw(st.integers(1, 50)),
        n_classes=n_classes,
        true=draw(st.integers(1, n_classes)),
        predicted=draw(st.integers(1, n_classes)),
        weights=draw(st.sampled_from(["none", "real", "some zero"])),
    )


ONE_CLASS = Drawn(0, 9, 1, 1, 1, "some zero")
MISSING_CLASSES = Drawn(0, 40, 5, 2, 2, "real")


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
        report = emotion_report(codes, proba)
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


class TestWilsonInterval:
    @slowly
    @given(st.integers(1, 5000), st.floats(0, 1), st.floats(0.01, 0.999))
    @example(10, 0.0, 0.95)
    @example(10, 1.0, 0.95)
    def test_is_that_of_scipy(self, n: int, share: float, confidence: float) -> None:
        successes = round(share * n)
        expected = binomtest(successes, n).proportion_ci(confidence, method="wilson")
        low, high = wilson_interval(successes / n, n, confidence)
        assert (low, high) == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-12)
        assert 0 <= low <= successes / n <= high <= 1

    @pytest.mark.parametrize("arguments", [(1.1, 5), (-0.1, 5), (0.5, 0), (0.5, 5, 1), (0.5, 5, 0)])
    def test_arguments_outside_their_range(self, arguments: Any) -> None:
        with pytest.raises(ValueError, match="expected a share"):
            wilson_interval(*arguments)

    def test_reports_hold_that_of_the_accuracy(self) -> None:
        data = Drawn(1, 50, 3, 3, 3, "none")
        right = int((data.y == data.predicted).sum())
        assert 0 < right < 50
        expected = binomtest(right, 50).proportion_ci(method="wilson")
        assert data.report().accuracy_interval == pytest.approx((expected.low, expected.high))

    def test_weights_count_images(self) -> None:
        y, proba = [0, 0, 1, 1], [[1, 0], [0, 1], [0, 1], [0, 1]]
        report = emotion_report(y, proba, sample_weight=[3, 1, 1, 1])
        assert report.accuracy_interval == pytest.approx(wilson_interval(5 / 6, 6))
        report = emotion_report(y, proba, sample_weight=[0.5, 0.25, 0, 0])
        assert report.accuracy_interval == pytest.approx(wilson_interval(2 / 3, 0.75))


def slow_error(probability: Any, happened: Any, weights: Any, n_bins: int) -> float:
    """The definition, bin by bin."""
    error = 0.0
    for b in range(n_bins):
        low, high = b / n_bins, (b + 1) / n_bins
        inside = [i for i, p in enumerate(probability) if low < p <= high or (b == 0 and p == 0)]
        weight = sum(weights[i] for i in inside)
        if weight > 0:
            accuracy = sum(weights[i] * happened[i] for i in inside) / weight
            confidence = sum(weights[i] * probability[i] for i in inside) / weight
            error += weight / sum(weights) * abs(accuracy - confidence)
    return error


class TestCalibration:
    @slowly
    @given(drawn(), st.integers(1, 20))
    @example(ONE_CLASS, 15)
    def test_errors_are_those_of_the_definitions(self, data: Drawn, n_bins: int) -> None:
        arguments = (data.y, data.proba)
        options = {"classes": data.classes, "sample_weight": data.weights, "n_bins": n_bins}
        weights = data.weights_or_ones
        top = slow_error(data.proba.max(axis=1), data.y == data.predicted, weights, n_bins)
        assert expected_calibration_error(*arguments, **options) == equal(top)
        by_class = [
            slow_error(data.proba[:, j], data.y == label, weights, n_bins)
            for j, label in enumerate(data.classes)
        ]
        classwise = sum(by_class) / len(by_class)
        assert classwise_calibration_error(*arguments, **options) == equal(classwise)
        if n_bins == 15:
            report = data.report()
            assert report.expected_calibration_error == equal(top)
            assert report.classwise_calibration_error == equal(classwise)

    def test_by_hand(self) -> None:
        y = ["a", "b", "b", "c"]
        proba = [[0.625, 0.25, 0.125], [0.75, 0.125, 0.125], [0.125, 0.875, 0], [0, 0.125, 0.875]]
        curve = reliability_curve(y, proba, n_bins=4)
        assert_array_equal(curve.edges, [0, 0.25, 0.5, 0.75, 1])
        assert_array_equal(curve.share, [0, 0, 0.5, 0.5])
        assert_array_equal(curve.confidence, [np.nan, np.nan, 0.6875, 0.875])
        assert_array_equal(curve.accuracy, [np.nan, np.nan, 0.5, 1])
        # Two images are off by 3/16, two by 2/16.
        assert expected_calibration_error(y, proba, n_bins=4) == pytest.approx(5 / 32)
        # a: .625 and .75, one right, off by 3/16; .125 and 0, none right, off by 1/16.
        # b: .25, .125 and .125, one right, off by 1/6; .875, right, off by 1/8.
        # c: .125, .125 and 0, none right, off by 1/12; .875, right, off by 1/8.
        by_class = [2 * 3 / 16 + 2 / 16, 3 / 6 + 1 / 8, 3 / 12 + 1 / 8]
        error = classwise_calibration_error(y, proba, n_bins=4)
        assert error == pytest.approx(sum(by_class) / 4 / 3)

    def test_a_bin_holds_its_upper_edge(self) -> None:
        curve = reliability_curve(
            ["a", "a"], [[0.75, 0.25], [1.0, 0.0]], classes=["a", "b"], n_bins=4
        )
        assert_array_equal(curve.share, [0, 0, 0.5, 0.5])

    def test_certain_and_right_is_perfect(self) -> None:
        y = np.arange(6) % 3
        for error in (expected_calibration_error, classwise_calibration_error):
            assert error(y, np.eye(3)[y]) == 0
            assert error(y, np.eye(3)[(y + 1) % 3]) == pytest.approx(
                1 if error is expected_calibration_error else 2 / 3
            )

    def test_images_without_weight_leave_a_bin_empty(self) -> None:
        curve = reliability_curve([0, 1], [[0.9, 0.1], [0.4, 0.6]], sample_weight=[1, 0], n_bins=2)
        assert_array_equal(curve.share, [0, 1])
        curve = reliability_curve([0, 1], [[0.9, 0.1], [0.4, 0.6]], sample_weight=[1, 0], n_bins=4)
        assert_array_equal(np.isnan(curve.accuracy), [True, True, True, False])

    @pytest.mark.parametrize("n_bins", [0, -1, 2.0, "15"])
    def test_bins_are_counted(self, n_bins: Any) -> None:
        with pytest.raises(ValueError, match="expected a whole number"):
            reliability_curve([0, 1], np.eye(2), n_bins=n_bins)


class TestCoverage:
    @slowly
    @given(drawn())
    @example(ONE_CLASS)
    def test_each_threshold_keeps_what_is_not_below_it(self, data: Drawn) -> None:
        curve = coverage_accuracy_curve(
            data.y, data.proba, classes=data.classes, sample_weight=data.weights
        )
        highest, weights = data.proba.max(axis=1), data.weights_or_ones
        assert_array_equal(curve.thresholds, np.unique(highest[weights > 0])[::-1])
        for coverage, accuracy, threshold in zip(*curve, strict=True):
            kept = highest >= threshold
            assert coverage == equal(weights[kept].sum() / weights.sum())
            right = (data.y == data.predicted)[kept]
            assert accuracy == equal(np.average(right, weights=weights[kept]))
        assert curve.coverage[-1] == 1
        assert accuracy == equal(data.report().accuracy)

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, int])
    def test_thresholds_are_probabilities_as_they_were_given(self, dtype: Any) -> None:
        """Scaled rows differed in the last digit, so that thresholds kept one image fewer."""
        proba = np.random.default_rng(0).dirichlet(np.ones(5), 300)
        proba = (proba if dtype is not int else np.eye(5)[proba.argmax(axis=1)]).astype(dtype)
        curve = coverage_accuracy_curve(np.arange(300) % 5, proba)
        assert curve.thresholds.dtype == (np.float64 if dtype is int else dtype)
        for coverage, threshold in zip(curve.coverage, curve.thresholds, strict=True):
            written = json.loads(json.dumps([threshold.item(), str(threshold)]))
            for bound in (threshold, written[0], float(written[1])):
                option = RejectOption(np.arange(5), bound)
                assert (option.labels_of(proba) != -1).mean() == equal(coverage)
            assert (proba.max(axis=1) >= threshold).mean() == equal(coverage)

    def test_thresholds_are_probabilities(self) -> None:
        """Rows may sum to a little more than 1, but predict takes no more than 1."""
        curve = coverage_accuracy_curve([0, 0, 1], [[1.0005, 0], [1, 0], [0.25, 0.75]])
        assert_array_equal(curve.thresholds, [1, 0.75])
        assert_allclose(curve.coverage, [2 / 3, 1])

    def test_by_hand(self) -> None:
        proba = [[0.5, 0.5], [0.875, 0.125], [0.25, 0.75], [0.75, 0.25]]
        curve = coverage_accuracy_curve(["b", "a", "b", "b"], proba)
        assert_array_equal(curve.thresholds, [0.875, 0.75, 0.5])
        assert_array_equal(curve.coverage, [0.25, 0.75, 1])
        assert_allclose(curve.accuracy, [1, 2 / 3, 1 / 2])
        # A quarter of the images at no risk, a half at a third, a quarter at a half.
        assert curve.area_under_risk == pytest.approx(0 + 1 / 2 / 3 + 1 / 4 / 2)

    def test_the_area_is_least_where_the_mistakes_are_the_least_sure(self) -> None:
        proba = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
        areas = [
            coverage_accuracy_curve(np.eye(3, dtype=int)[i], proba).area_under_risk
            for i in range(3)
        ]
        assert areas == sorted(areas, reverse=True)
        assert areas[-1] == pytest.approx(1 / 9)

    def test_labels_that_are_no_classes_are_refused(self) -> None:
        with pytest.raises(DataError, match="y_true holds 'joy'"):
            coverage_accuracy_curve(["joy"], [[0.5, 0.5]], classes=["fear", "sad"])


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
        for name in set(whole) - {"n_in_training", "without_training_images"}:
            assert report.to_dict()[name] == whole[name]

    def test_none_in_training(self) -> None:
        report = self.report(images=self.IMAGES, train_images=patterns(20, seed=1)[0])
        assert report.n_in_training == 0
        assert report.without_training_images is not None
        assert report.without_training_images.n_images == 30
        assert "None of the images appears in the training data" in report.summary()

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
        assert len(lines) == 1 + 7 + 1 + 3 + 3 + 1
        assert "Without 271 images that training has too: accuracy " in lines[-1]
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
