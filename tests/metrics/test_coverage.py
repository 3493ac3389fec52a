"""The curve of coverage and accuracy, whose thresholds keep what predict keeps."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from numpy.testing import assert_allclose, assert_array_equal

from drawn_predictions import ONE_CLASS, Drawn, drawn, equal, slowly
from ferclassifier._classifier.reject_option import RejectOption
from ferclassifier.exceptions import DataError
from ferclassifier.metrics import coverage_accuracy_curve


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
