"""What is no number of things is refused, and what is expected is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ferclassifier._counts import check_count


@pytest.mark.parametrize("n", [1, 8, np.int64(3), np.uint8(1)])
def test_whole_numbers_are_counts(n: Any) -> None:
    check_count(n, "n_faces", least=1)


@pytest.mark.parametrize("n", [0, -1, 2.0, "3", None])
def test_what_is_no_count_is_refused(n: Any) -> None:
    message = rf"^Got n_faces={n!r}, but expected a whole number, 1 or more\.$"
    with pytest.raises(ValueError, match=message):
        check_count(n, "n_faces", least=1)


def test_none_may_stand_for_all() -> None:
    check_count(None, "n", least=0, none="all")
    check_count(0, "n", least=0, none="all")
    with pytest.raises(ValueError, match="0 or more, or None for all"):
        check_count(-1, "n", least=0, none="all")
