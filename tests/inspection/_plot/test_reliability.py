"""The points and the histogram of calibration are those of the curve."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from displays import CLF, DRAWN, LABELS, PREDICTED, PROBA, ROWS, texts
from ferclassifier.exceptions import DataError
from ferclassifier.inspection import ReliabilityDisplay
from ferclassifier.metrics import expected_calibration_error, reliability_curve


def test_points_and_histogram_are_those_of_the_curve() -> None:
    display = ReliabilityDisplay.from_predictions(LABELS, PROBA, n_bins=8)
    curve = reliability_curve(LABELS, PROBA, n_bins=8)
    filled = curve.share > 0
    assert not filled.all()
    np.testing.assert_array_equal(display.line_.get_xdata(), curve.confidence[filled])
    np.testing.assert_array_equal(display.line_.get_ydata(), curve.accuracy[filled])
    np.testing.assert_array_equal(display.bars_.get_data().values, curve.share)
    np.testing.assert_array_equal(display.bars_.get_data().edges, curve.edges)
    areas = display.points_.get_sizes()
    assert np.argmax(areas) == np.argmax(curve.share[filled])


def test_the_legend_has_the_calibration_error() -> None:
    display = DRAWN["reliability"]()
    error = expected_calibration_error(LABELS, PROBA, classes=CLF.classes_)
    legend = texts(display.axes_[0].get_legend().get_texts())
    assert legend == ["Perfectly calibrated", f"LogisticRegression (calibration error {error:.3f})"]


def test_weights_change_the_curve() -> None:
    weights = np.where(PREDICTED == LABELS, 2.0, 1.0)
    display = ReliabilityDisplay.from_estimator(CLF, ROWS, LABELS, sample_weight=weights)
    curve = reliability_curve(LABELS, PROBA, classes=CLF.classes_, sample_weight=weights)
    np.testing.assert_array_equal(display.bars_.get_data().values, curve.share)


def test_a_second_classifier_is_drawn_into_the_same_axes() -> None:
    first = DRAWN["reliability"]()
    second = ReliabilityDisplay.from_predictions(
        LABELS, PROBA**3 / (PROBA**3).sum(1)[:, None], name="sharper", ax=first.axes_
    )
    assert second.figure_ is first.figure_
    assert second.diagonal_ is None
    assert second.line_.get_color() != first.line_.get_color()
    assert len(second.axes_[0].get_legend().get_texts()) == 3


def test_the_diagonal_can_be_left_out_and_the_line_be_styled() -> None:
    display = ReliabilityDisplay.from_predictions(
        LABELS, PROBA, ref_line=False, line_kw={"c": "red", "ls": "--"}
    )
    assert display.diagonal_ is None
    assert display.line_.get_linestyle() == "--"
    assert to_hex(display.points_.get_facecolor()[0]) == "#ff0000"


def test_one_class_is_drawn() -> None:
    display = ReliabilityDisplay.from_predictions(["sad"] * 5, np.ones((5, 1)))
    np.testing.assert_array_equal(display.line_.get_ydata(), [1.0])


def test_reliability_needs_probabilities() -> None:
    with pytest.raises(DataError, match="shape"):
        ReliabilityDisplay.from_predictions(LABELS, PROBA[:, 0])
