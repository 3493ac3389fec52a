"""A fit that has learned nothing says so, and what to do; others say nothing."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from ferclassifier._classifier.near_chance import near_chance_hint
from helpers import tiny_classifier

CODES = np.arange(70) % 7


def hint(*accuracies: float, codes: Any = CODES, weights: Any = None, **told: Any) -> str | None:
    told = {"n_batches": 5, "starts_at_random": True, **told}
    return near_chance_hint(list(accuracies), codes, weights, **told)


def test_what_to_do_is_said() -> None:
    assert hint(0.14, 0.2) == (
        "The fit ended near chance: in its last epoch it was right about 20 % of the training "
        "images, and naming the largest class each time is about 14 %. Its 10 steps (2 epochs of "
        "5) were few: raise epochs, lower batch_size, or start from a trained model, "
        "initial_weights='compact'."
    )
    assert "initial_weights" not in str(hint(0.1, 0.1, starts_at_random=False))
    many = hint(0.14, 0.14, n_batches=500)
    assert many is not None
    assert many.endswith("Look at images and labels, and try another learning_rate.")
    assert "few" not in many


@pytest.mark.parametrize(
    ("accuracies", "codes"),
    [
        ((0.14, 0.3), CODES),
        ((0.14,), CODES),  # of a single epoch, whose accuracy is that of the weights before it
        ((1.0, 1.0), np.zeros(9, dtype=int)),
    ],
    ids=["learned", "one epoch", "one class"],
)
def test_nothing_is_said_where_nothing_is_known_to_be_wrong(accuracies: Any, codes: Any) -> None:
    assert hint(*accuracies, codes=codes) is None


def test_chance_is_that_of_the_largest_class_as_images_are_weighted() -> None:
    codes = np.repeat([0, 1], [80, 20])
    assert hint(0.7, 0.75, codes=codes) is not None
    assert hint(0.7, 0.75, codes=codes, weights=np.repeat([0.25, 1.0], [80, 20])) is None


def test_a_first_try_of_too_few_steps(pattern_images: Any) -> None:
    """Fits of some dozen steps ended at chance without a word."""
    X, y = pattern_images
    clf = tiny_classifier(epochs=2, learning_rate=1e-6)
    with pytest.warns(ConvergenceWarning, match=r"near chance.*Its 4 steps.*raise epochs") as told:
        clf.fit(X, y)
    assert told[0].filename == __file__
    assert clf.n_iter_ == 2  # the fit stands


def test_passes_that_go_on_are_not_judged(pattern_images: Any) -> None:
    X, y = pattern_images
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clf = tiny_classifier(epochs=2, learning_rate=1e-6, warm_start=True)
        for _ in range(3):
            clf.partial_fit(X, y, classes=np.unique(y))
        clf.fit(X, y)
