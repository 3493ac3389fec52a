"""A recipe is parameters of FERClassifier, in one line."""

from __future__ import annotations

import pytest
from sklearn.base import clone

from ferclassifier import RECIPES, FERClassifier


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_it_says_all_in_which_it_differs(name: str) -> None:
    clf = clone(FERClassifier(**RECIPES[name]))
    params, defaults = clf.get_params(), FERClassifier().get_params()
    assert {key for key in params if params[key] != defaults[key]} == set(RECIPES[name])


def test_it_cannot_be_changed_by_accident() -> None:
    with pytest.raises(TypeError):
        RECIPES["plain"]["epochs"] = 1  # type: ignore[index]
