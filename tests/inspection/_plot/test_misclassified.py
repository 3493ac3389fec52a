"""The mistakes that are drawn are the most confident ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from displays import (
    CLF,
    CODES,
    FACES,
    LABELS,
    PREDICTED,
    PROBA,
    ROWS,
    SIDE,
    WRONG,
    texts,
    write_faces,
)
from ferclassifier.exceptions import DataError
from ferclassifier.inspection import (
    MisclassifiedDisplay,
    _saliency,
    most_confident_mistakes,
    overlay,
)


@pytest.mark.parametrize("n_faces", [0, -1])
def test_at_least_one_mistake_is_asked_for(n_faces: int) -> None:
    message = f"Got n_faces={n_faces}, but expected a whole number, 1 or more, or None for all mist"
    with pytest.raises(ValueError, match=message):
        MisclassifiedDisplay.from_predictions(FACES, LABELS, PROBA, n_faces=n_faces)
    with pytest.raises(ValueError, match=message):
        MisclassifiedDisplay.from_estimator(CLF, ROWS, LABELS, n_faces=n_faces)


def test_the_most_confident_mistakes_are_drawn() -> None:
    display = MisclassifiedDisplay.from_predictions(FACES, LABELS, PROBA, n_faces=5)
    indices = most_confident_mistakes(LABELS, PROBA, n=5)
    np.testing.assert_array_equal(display.indices, indices)
    for i, index in enumerate(indices):
        np.testing.assert_array_equal(display.images_[i].get_array(), FACES[index])
    assert texts(display.captions_) == [
        f"{PREDICTED[i]} {100 * PROBA[i].max():.0f} %\nlabel: {LABELS[i]}" for i in indices
    ]


def test_mistakes_of_one_pair_can_be_drawn() -> None:
    true, predicted = LABELS[WRONG[0]], PREDICTED[WRONG[0]]
    display = MisclassifiedDisplay.from_estimator(CLF, ROWS, LABELS, true=true, predicted=predicted)
    assert set(display.y_true) == {true}
    assert set(display.y_pred) == {predicted}


def test_no_mistakes_are_said_to_be_none() -> None:
    display = MisclassifiedDisplay.from_estimator(CLF, ROWS, PREDICTED)
    assert display.images_ == []
    assert texts(display.ax_.texts) == ["No mistakes to show"]
    assert not display.ax_.axison


def test_no_mistakes_among_files(tmp_path: Path) -> None:
    paths = write_faces(tmp_path, [])
    display = MisclassifiedDisplay.from_predictions(paths, PREDICTED, PROBA, classes=CLF.classes_)
    assert len(display.indices) == 0


def test_only_the_files_of_mistakes_are_decoded(tmp_path: Path) -> None:
    indices = most_confident_mistakes(LABELS, PROBA, n=3)
    paths = write_faces(tmp_path, indices)
    display = MisclassifiedDisplay.from_predictions(
        paths, LABELS, PROBA, n_faces=3, image_shape=(SIDE, SIDE)
    )
    np.testing.assert_array_equal(display.images, FACES[indices])


def test_saliency_is_painted_over_the_faces_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    explained = []
    real = _saliency.saliency

    def spy(clf: Any, images: Any, *args: Any, **kwargs: Any) -> Any:
        explained.append(len(images))
        return real(clf, images, *args, **kwargs)

    monkeypatch.setattr(_saliency, "saliency", spy)
    display = MisclassifiedDisplay.from_estimator(
        CLF, ROWS, LABELS, n_faces=3, saliency="occlusion"
    )
    assert explained == [3]
    assert display.maps is not None
    painted = overlay(FACES[display.indices], display.maps)
    for image, expected in zip(display.images_, painted, strict=True):
        np.testing.assert_array_equal(image.get_array(), expected)
    plain = MisclassifiedDisplay.from_estimator(CLF, ROWS, LABELS, n_faces=3)
    assert plain.maps is None
    assert plain.images_[0].get_array().ndim == 2


def test_mistakes_need_labels_of_the_classes() -> None:
    with pytest.raises(DataError, match="classes are"):
        MisclassifiedDisplay.from_estimator(CLF, ROWS, CODES)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        MisclassifiedDisplay(FACES[:2], ["a"], ["b"], [0.5]).plot()
