"""Numbers and lists are written the same way everywhere."""

from __future__ import annotations

import pytest

from ferclassifier._wording import count, in_words, percent


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0 %"),
        (1e-9, "<1 %"),
        (0.005, "<1 %"),
        (0.0051, "1 %"),
        (0.2101, "21 %"),
        (0.994, "99 %"),
        (0.995, ">99 %"),
        (0.9999, ">99 %"),
        (1, "100 %"),
    ],
)
def test_only_nothing_is_none_and_only_all_is_all(share: float, words: str) -> None:
    assert percent(share) == words


def test_one_has_no_plural() -> None:
    assert [count(n, "image") for n in (0, 1, 1231)] == ["0 images", "1 image", "1,231 images"]
    assert [count(n, "class", "classes") for n in (1, 2)] == ["1 class", "2 classes"]


def test_of_many_the_first_are_named() -> None:
    assert in_words(["a"]) == "a"
    assert in_words(["a", "b", 3]) == "a, b and 3"
    assert in_words("abcd", limit=2) == "a, b and 2 more"
