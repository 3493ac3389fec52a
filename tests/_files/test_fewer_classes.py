"""Some of a model's classes: which they are, and their probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ferclassifier._files.fewer_classes import among, places_of
from ferclassifier.exceptions import DataError

CLASSES = np.array(["angry", "contempt", "happy", "sad"])


@pytest.mark.parametrize("kind", [list, tuple, set, np.array, pd.Series, iter])
def test_they_keep_the_order_of_the_model(kind: Any) -> None:
    assert places_of(kind(["sad", "angry"]), CLASSES).tolist() == [0, 3]


def test_numbers_are_labels_too() -> None:
    assert places_of([7, 3], np.array([1, 3, 7])).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (["happy", "Sad"], r"the model has no class 'Sad'\. It has \['angry', 'contempt', 'happy'"),
        (["happy", "sad", "sad"], "each label once"),
        (["happy"], "expected two or more of"),
        ([], "expected two or more of"),
        ([["happy"], ["sad"]], "no class .'happy'."),
    ],
)
def test_other_labels_are_refused(wanted: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        places_of(wanted, CLASSES)


@pytest.mark.parametrize("wanted", ["happy", b"sad", 3])
def test_a_text_is_no_list_of_labels(wanted: Any) -> None:
    with pytest.raises(TypeError, match="expected a list of labels"):
        places_of(wanted, CLASSES)


def test_what_is_left_has_a_sum_of_one() -> None:
    proba = np.array([[0.2, 0.5, 0.2, 0.1], [0, 1, 0, 0]], dtype=np.float32)
    found = among(proba, np.array([0, 2, 3]))
    np.testing.assert_allclose(found, [[0.4, 0.4, 0.2], [1 / 3] * 3], rtol=1e-6)
    assert found.dtype == np.float32
