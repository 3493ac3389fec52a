"""Classes are called by names that belong to them."""

from __future__ import annotations

import numpy as np
import pytest

from ferclassifier.inspection._class_names import class_names


def test_classes_are_their_own_names() -> None:
    assert class_names(np.array([2, 0]), None) == ["2", "0"]


def test_names_follow_the_order_of_the_classes() -> None:
    assert class_names([0, 1], np.array(["fear", "sad"])) == ["fear", "sad"]
    assert class_names(["a", "b"], ("a", "b")) == ["a", "b"]


@pytest.mark.parametrize("names", [["x"], ["x", "x"], ["x", "y", "z"], "xy"])
def test_names_are_one_for_each_class(names: object) -> None:
    with pytest.raises(ValueError, match="expected 2 different names, one for each of"):
        class_names([0, 1], names)  # type: ignore[arg-type]


def test_the_classes_in_another_order_are_refused() -> None:
    """EMOTIONS are not sorted, as the classes of a model of their names are."""
    with pytest.raises(ValueError, match=r"another order than theirs, \[angry, sad\].*Leave"):
        class_names(["angry", "sad"], ["sad", "angry"])


def test_of_many_names_the_first_are_listed() -> None:
    with pytest.raises(ValueError, match=r"9, \.\.\.\]"):
        class_names(range(40), range(39))
