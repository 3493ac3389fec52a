"""The mistakes that a classifier is surest of, as they are found one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from displays import CLF, LABELS, PREDICTED, PROBA, WRONG
from ferclassifier.exceptions import DataError
from ferclassifier.inspection import most_confident_mistakes


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(1, 5))
def test_mistakes_are_sorted_by_the_probability_of_the_wrong_class(
    seed: int, n_images: int, n_classes: int
) -> None:
    rng = np.random.default_rng(seed)
    classes = rng.permutation([f"class {i}" for i in range(n_classes)])
    # Sixteenths, so that probabilities are exact, and equal now and then.
    y_proba = rng.multinomial(16, np.full(n_classes, 1 / n_classes), size=n_images) / 16
    y_true = rng.choice(classes, n_images)
    wrong = [
        (-row.max(), i)
        for i, (row, label) in enumerate(zip(y_proba, y_true, strict=True))
        if classes[row.argmax()] != label
    ]
    indices = most_confident_mistakes(y_true, y_proba, classes=classes)
    assert indices.tolist() == [i for _, i in sorted(wrong)]
    few = most_confident_mistakes(y_true, y_proba, classes=classes, n=2)
    assert few.tolist() == indices[:2].tolist()


def test_mistakes_of_a_pair_of_classes() -> None:
    true, predicted = LABELS[WRONG[0]], PREDICTED[WRONG[0]]
    options = {"classes": CLF.classes_, "true": true, "predicted": predicted}
    indices = most_confident_mistakes(LABELS, PROBA, **options)
    wanted = np.flatnonzero((true == LABELS) & (predicted == PREDICTED))
    assert set(indices) == set(wanted)
    of_true = most_confident_mistakes(LABELS, PROBA, classes=CLF.classes_, true=true)
    assert set(of_true) == set(np.flatnonzero((true == LABELS) & (true != PREDICTED)))
    assert most_confident_mistakes(LABELS, PROBA, **{**options, "predicted": true}).size == 0


def test_unknown_labels_are_no_classes() -> None:
    with pytest.raises(DataError, match="holds 'calm', but the classes are"):
        most_confident_mistakes(LABELS, PROBA, classes=CLF.classes_, true="calm")
    with pytest.raises(DataError, match="calm"):
        most_confident_mistakes(["calm"], [[0.5, 0.5]], classes=["sad", "fear"])


def test_a_number_of_mistakes_is_not_negative() -> None:
    assert most_confident_mistakes(LABELS, PROBA, n=0).size == 0
    with pytest.raises(ValueError, match=r"Got n=-1, but expected a whole number, 0 or more"):
        most_confident_mistakes(LABELS, PROBA, n=-1)
