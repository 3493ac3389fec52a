"""The curves of a fit are those of its history."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from displays import CLF, DRAWN, HISTORY, texts
from ferclassifier import FERClassifier
from ferclassifier.exceptions import DataError
from ferclassifier.inspection import TrainingCurvesDisplay


def test_curves_are_those_of_the_history() -> None:
    display = DRAWN["training"]()
    assert set(display.lines_) == set(HISTORY) - {"seconds"}
    for key, line in display.lines_.items():
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4])
        np.testing.assert_array_equal(line.get_ydata(), HISTORY[key])
    loss, accuracy, rate = display.axes_
    assert display.lines_["val_loss"].axes is loss
    assert display.lines_["accuracy"].axes is accuracy
    assert display.lines_["learning_rate"].axes is rate
    assert display.lines_["loss"].get_linestyle() != display.lines_["val_loss"].get_linestyle()


def test_the_best_epoch_is_marked_in_each_panel() -> None:
    display = DRAWN["training"]()
    assert [line.axes for line in display.best_lines_] == list(display.axes_)
    assert all(set(line.get_xdata()) == {3} for line in display.best_lines_)
    legend = texts(display.axes_[0].get_legend().get_texts())
    assert legend == ["training", "validation", "best epoch (3)"]
    assert TrainingCurvesDisplay.from_history(HISTORY).best_lines_ == []


def test_what_the_history_lacks_is_not_drawn() -> None:
    display = TrainingCurvesDisplay.from_history({"val_accuracy": [0.5, 0.6]})
    assert len(display.axes_) == 1
    assert list(display.lines_) == ["val_accuracy"]
    rate = TrainingCurvesDisplay.from_history({"learning_rate": [0.1, 0.0]})
    assert rate.axes_[0].get_legend() is None


def test_a_single_epoch_can_be_seen() -> None:
    display = TrainingCurvesDisplay.from_history({"loss": [1.0]})
    assert display.lines_["loss"].get_marker() == "o"
    low, high = display.axes_[0].get_xlim()
    assert [tick for tick in display.axes_[0].get_xticks() if low <= tick <= high] == [1]
    assert TrainingCurvesDisplay.from_history(HISTORY).lines_["loss"].get_marker() == ""


def test_a_fitted_classifier_shows_its_history(fitted: Any) -> None:
    display = TrainingCurvesDisplay.from_estimator(fitted)
    np.testing.assert_array_equal(display.lines_["loss"].get_ydata(), fitted.history_["loss"])
    model = Pipeline([("scale", "passthrough"), ("clf", fitted)])
    again = TrainingCurvesDisplay.from_estimator(model)
    assert again.history == fitted.history_


def test_estimators_without_a_history_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Got LogisticRegression.*FERClassifier has one"):
        TrainingCurvesDisplay.from_estimator(CLF)
    with pytest.raises(NotFittedError):
        TrainingCurvesDisplay.from_estimator(FERClassifier())


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([1.0, 0.5], "Got a history of type list"),
        ({}, r"Got a history of \[\]"),
        ({"loss": []}, "at least one epoch"),
        ({"seconds": [1.0]}, r"\['seconds'\]"),
        ({"loss": [1.0, 0.9], "accuracy": [0.5]}, "different lengths"),
    ],
)
def test_what_is_no_history_is_refused(history: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        TrainingCurvesDisplay.from_history(history)


@pytest.mark.parametrize("best_epoch", [0, 5])
def test_the_best_epoch_is_one_of_them(best_epoch: int) -> None:
    with pytest.raises(ValueError, match="epochs from 1 to 4"):
        TrainingCurvesDisplay.from_history(HISTORY, best_epoch)
