"""Calibration errors and the reliability curve are those of the papers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from drawn_predictions import ONE_CLASS, Drawn, drawn, equal, slowly
from ferclassifier.metrics import (
    classwise_calibration_error,
    expected_calibration_error,
    reliability_curve,
)


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
