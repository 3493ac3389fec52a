"""What is no number of things is refused, and what is expected is said."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ferclassifier._utils.counts import check_count, is_number


@pytest.mark.parametrize("n", [1, 8, np.int64(3), np.uint8(1)])
def test_whole_numbers_are_counts(n: Any) -> None:
    check_count(n, "n_faces", least=1)


@pytest.mark.parametrize("n", [0, -1, 2.0, "3", None, True])
def test_what_is_no_count_is_refused(n: Any) -> None:
    message = rf"^Got n_faces={n!r}, but expected a whole number, 1 or more\.$"
    with pytest.raises(ValueError, match=message):
        check_count(n, "n_faces", least=1)


def test_none_may_stand_for_all() -> None:
    check_count(None, "n", least=0, none="all")
    check_count(0, "n", least=0, none="all")
    with pytest.raises(ValueError, match="0 or more, or None for all"):
        check_count(-1, "n", least=0, none="all")


@pytest.mark.parametrize("value", [0, -1.5, 10**300, np.float32(2), np.int64(3), Fraction(1, 3)])
def test_finite_numbers_are_numbers(value: Any) -> None:
    assert is_number(value)


@pytest.mark.parametrize(
    "value",
    [True, np.True_, float("nan"), float("inf"), np.float64("-inf"), 10**400, "1", None, [1]],
)
def test_what_no_float_can_hold_is_no_number(value: Any) -> None:
    assert not is_number(value)
