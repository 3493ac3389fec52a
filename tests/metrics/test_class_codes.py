"""Labels find their place among classes in any order."""

from __future__ import annotations

import numpy as np
import pytest

from ferclassifier.exceptions import DataError
from ferclassifier.metrics._class_codes import codes_of


@pytest.mark.parametrize("classes", [["b", "c", "a"], [2, 0, 1], [1.5, -1.0, 0.0]])
def test_labels_are_found_in_classes_that_are_not_sorted(classes: list[object]) -> None:
    labels = np.array(classes)[[2, 0, 1, 1]]
    assert codes_of(labels, np.array(classes), name="y").tolist() == [2, 0, 1, 1]


def test_other_labels_are_named_once() -> None:
    labels = np.array(["a", "x", "x", "y"])
    with pytest.raises(DataError, match=r"^target holds 'x', 'y', but the classes are 'a', 'b'"):
        codes_of(labels, np.array(["a", "b"]), name="target")


def test_of_many_others_the_first_are_named() -> None:
    with pytest.raises(DataError, match=r"holds 1, 2, 3, 4, 5 \.\.\., but"):
        codes_of(np.arange(9), np.array([0]), name="y")


def test_no_labels_have_no_codes() -> None:
    assert codes_of(np.array([]), np.array([1, 2]), name="y").shape == (0,)
