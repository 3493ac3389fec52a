"""Columns of probabilities without names: what nothing says is not guessed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ferclassifier import EMOTIONS
from ferclassifier.audit import audit_images
from ferclassifier.exceptions import DataError
from ferclassifier.inspection import (
    CoverageDisplay,
    FaceGridDisplay,
    MisclassifiedDisplay,
    ReliabilityDisplay,
    most_confident_mistakes,
)
from ferclassifier.metrics import (
    classwise_calibration_error,
    coverage_accuracy_curve,
    emotion_report,
    expected_calibration_error,
    reliability_curve,
)

CODES = np.arange(140) % 7
NAMES = np.array(EMOTIONS)[CODES]
IMAGES = np.random.default_rng(0).integers(0, 256, (140, 8, 8), dtype=np.uint8)
SORTED = sorted(EMOTIONS)

CALLS: dict[str, Callable[..., Any]] = {
    "emotion_report": emotion_report,
    "reliability_curve": reliability_curve,
    "expected_calibration_error": expected_calibration_error,
    "classwise_calibration_error": classwise_calibration_error,
    "coverage_accuracy_curve": coverage_accuracy_curve,
    "most_confident_mistakes": most_confident_mistakes,
    "CoverageDisplay": CoverageDisplay.from_predictions,
    "ReliabilityDisplay": ReliabilityDisplay.from_predictions,
    "FaceGridDisplay": lambda y, p, **kw: FaceGridDisplay.from_predictions(IMAGES, y, p, **kw),
    "MisclassifiedDisplay": lambda y, p, **kw: MisclassifiedDisplay.from_predictions(
        IMAGES, y, p, **kw
    ),
    "audit_images": lambda y, p, **kw: audit_images(IMAGES, y, y_proba=p, **kw),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def certain_of(order: Any, names: Any = NAMES) -> np.ndarray:
    """Probabilities that are right, with the columns in this order."""
    return 0.02 + 0.86 * (np.asarray(names)[:, np.newaxis] == np.asarray(order))


class TestCodes:
    @every_call
    def test_codes_of_fer2013_are_not_taken_for_sorted_names(self, call: Any) -> None:
        """They were: a released model had 42 % of the images right instead of 70 %."""
        with pytest.raises(
            DataError, match=r"y_true holds the codes .* Pass the labels of the col"
        ):
            call(CODES, certain_of(SORTED))
        call(NAMES, certain_of(SORTED))

    @every_call
    def test_the_user_may_say_what_they_are(self, call: Any) -> None:
        in_alphabet = [EMOTIONS.index(name) for name in SORTED]
        call(CODES, certain_of(SORTED), classes=in_alphabet)

    @pytest.mark.parametrize(
        "labels",
        [
            range(1, 8),
            ["1", "2", "3", "4", "5", "6", "7"],
            [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            [0, 2, 3, 4, 5, 6],  # without the rarest class
            [4, 6],
            ["5", "6"],
        ],
    )
    def test_numbers_that_may_be_counted_in_another_order(self, labels: Any) -> None:
        with pytest.raises(DataError, match="nothing says in which order"):
            emotion_report(labels, np.eye(len(labels)))
        assert emotion_report(labels, np.eye(len(labels)), classes=labels).accuracy == 1

    @pytest.mark.parametrize("labels", [[0, 1], range(3), range(6), range(10), [True, False]])
    def test_numbers_of_which_there_is_one_order(self, labels: Any) -> None:
        proba = np.eye(len(labels))[np.argsort(np.argsort(labels))]
        assert emotion_report(labels, proba).accuracy == 1


class TestNames:
    @every_call
    def test_columns_in_the_order_of_codes(self, call: Any) -> None:
        """A model of codes and labels that are names: the columns were taken for sorted names."""
        with pytest.raises(DataError, match=r"of 80 of 140 images .*, but of 140 with"):
            call(NAMES, certain_of(EMOTIONS))
        call(NAMES, certain_of(EMOTIONS), classes=EMOTIONS)

    @every_call
    def test_classes_in_the_other_order(self, call: Any) -> None:
        """``classes=EMOTIONS`` for a model of names, ``classes=range(7)`` for codes."""
        for labels, classes in [(NAMES, EMOTIONS), (CODES, range(7))]:
            with pytest.warns(UserWarning, match=r"80 of 140 .* whether classes is in their order"):
                call(labels, certain_of(SORTED), classes=classes)

    def test_in_any_spelling(self) -> None:
        spelled = {"happy": "Happiness", "sad": "SADNESS"}
        labels = [spelled.get(name, name) for name in NAMES]
        with pytest.raises(DataError, match="but of 140 with"):
            emotion_report(
                labels, certain_of([spelled.get(name, name) for name in EMOTIONS], labels)
            )

    def test_a_weak_model_is_not_accused(self) -> None:
        """A few more right predictions in the other order are chance."""
        rng = np.random.default_rng(0)
        for _ in range(100):
            emotion_report(NAMES, rng.dirichlet(np.ones(7), len(NAMES)))

    def test_fewer_labels_than_columns(self) -> None:
        with pytest.raises(DataError, match=r"7 columns, but y_true holds 6 classes. Pass"):
            emotion_report(NAMES[NAMES != "fear"], certain_of(SORTED)[NAMES != "fear"])

    def test_probabilities_that_are_no_table(self) -> None:
        for call in CALLS.values():
            with pytest.raises(DataError, match="y_proba of shape"):
                call(NAMES, certain_of(SORTED)[:, 0])


class TestDataFrame:
    @every_call
    def test_columns_say_what_they_are(self, call: Any) -> None:
        """Displays and the audit took the columns of a DataFrame for sorted."""
        columns = ["contempt", *EMOTIONS]
        proba = pd.DataFrame(certain_of(columns), columns=columns)
        proba /= proba.to_numpy().sum(axis=1, keepdims=True)
        found = call(NAMES, proba)
        if call is most_confident_mistakes:
            assert not len(found)
        if isinstance(found, FaceGridDisplay):
            assert found.is_right.all()
        if isinstance(found, MisclassifiedDisplay):
            assert not len(found.indices)

    @every_call
    def test_counted_columns_have_no_names(self, call: Any) -> None:
        """``DataFrame(y_proba)`` names its columns 0, 1, ..., which are no codes."""
        with pytest.raises(DataError, match="nothing says in which order"):
            call(CODES, pd.DataFrame(certain_of(SORTED)))
        call(NAMES, pd.DataFrame(certain_of(SORTED)))

    @every_call
    def test_classes_in_another_order_than_the_columns(self, call: Any) -> None:
        with pytest.raises(DataError, match=r"which is another order. Leave classes out"):
            call(NAMES, pd.DataFrame(certain_of(SORTED), columns=SORTED), classes=EMOTIONS)

    def test_faces_without_labels(self) -> None:
        proba = pd.DataFrame(certain_of(EMOTIONS), columns=EMOTIONS)
        display = FaceGridDisplay.from_predictions(IMAGES, None, proba, n_faces=None)
        assert [caption.split()[0] for caption in display.captions] == NAMES.tolist()
