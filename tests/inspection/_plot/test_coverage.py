"""The line of coverage is the curve, and thresholds stand where predict keeps images."""

from __future__ import annotations

import numpy as np
import pytest

from displays import CLF, DRAWN, LABELS, PREDICTED, PROBA, texts
from ferclassifier._classifier.reject_option import RejectOption
from ferclassifier.inspection import CoverageDisplay
from ferclassifier.metrics import coverage_accuracy_curve


def test_a_marked_threshold_keeps_what_predict_keeps() -> None:
    """The float32 closest to 0.7 is below it in float64, where it was not kept."""
    proba = np.array([[0.9, 0.1], [0.7, 0.3], [0.6, 0.4]], dtype=np.float32)
    display = CoverageDisplay.from_predictions([0, 1, 0], proba, thresholds=[0.7])
    (coverage,) = display.points_.get_xdata()
    kept = RejectOption(np.arange(2), 0.7).labels_of(proba) != -1
    assert coverage == kept.mean() == 2 / 3


def test_the_line_is_the_curve() -> None:
    display = DRAWN["coverage"]()
    curve = coverage_accuracy_curve(LABELS, PROBA, classes=CLF.classes_)
    np.testing.assert_array_equal(display.line_.get_xdata(), curve.coverage)
    np.testing.assert_array_equal(display.line_.get_ydata(), curve.accuracy)
    assert texts(display.ax_.get_legend().get_texts()) == ["LogisticRegression"]


def test_thresholds_stand_where_images_are_kept() -> None:
    highest = PROBA.max(axis=1)
    asked = [0.0, 0.3, 0.4, float(highest.max()), 1.0]
    assert 0.4 < highest.max() < 1
    display = CoverageDisplay.from_predictions(LABELS, PROBA, thresholds=asked)
    assert texts(display.texts_) == [f"{threshold:g}" for threshold in asked[:-1]]
    kept = [highest >= threshold for threshold in asked[:-1]]
    np.testing.assert_allclose(display.points_.get_xdata(), np.mean(kept, axis=1))
    accuracy = [(PREDICTED == LABELS)[rows].mean() for rows in kept]
    np.testing.assert_allclose(display.points_.get_ydata(), accuracy)


def test_weights_change_the_coverage() -> None:
    weights = np.where(PREDICTED == LABELS, 2.0, 1.0)
    display = DRAWN["coverage"](sample_weight=weights)
    expected = np.average(PREDICTED == LABELS, weights=weights)
    assert display.line_.get_ydata()[-1] == pytest.approx(expected)


def test_a_second_curve_is_drawn_into_the_same_axes() -> None:
    first = DRAWN["coverage"](line_kw={"ls": "--"})
    second = CoverageDisplay.from_predictions(
        LABELS, PROBA**2 / (PROBA**2).sum(1)[:, None], name="other", ax=first.ax_
    )
    assert second.line_.get_color() != first.line_.get_color()
    assert first.line_.get_linestyle() == "--"
    assert texts(second.ax_.get_legend().get_texts()) == ["LogisticRegression", "other"]


def test_a_curve_without_a_name_has_no_legend() -> None:
    assert CoverageDisplay.from_predictions(LABELS, PROBA).ax_.get_legend() is None


def test_of_one_image_there_is_a_point() -> None:
    display = CoverageDisplay.from_predictions(["sad"], [[1.0]])
    np.testing.assert_array_equal(display.points_.get_xdata(), [1, 1, 1])
