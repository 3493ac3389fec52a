"""Numbers and lists are written the same way everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from ferclassifier._utils.wording import count, in_words, percent, quoted, shortened


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


def test_sums_of_weights_are_not_rounded_away() -> None:
    weights = (3.0, 12.25, 1234.56, 0.012345)
    words = ["3 images", "12.2 images", "1,234.6 images", "0.0123 images"]
    assert [count(n, "image") for n in weights] == words


def test_of_many_the_first_are_named() -> None:
    assert in_words(["a"]) == "a"
    assert in_words(["a", "b", 3]) == "a, b and 3"
    assert in_words("abcd", limit=2) == "a, b and 2 more"


def test_short_values_are_quoted_as_python_writes_them() -> None:
    values = ["x", 3, -1.5, True, None, [1, "a"], {"a": 0.5}, (48, 48), "\x1b"]
    assert [quoted(value) for value in values] == list(map(repr, values))


def test_quotes_are_short_whatever_is_quoted() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    for value in (
        "x" * 10**6,
        10**4000,
        2**20_000,
        [2**20_000],
        deep,
        {"a" * 10**6: 1},
        b"x" * 999,
    ):
        assert len(quoted(value)) <= 80


def test_long_texts_lose_their_middle() -> None:
    assert shortened("abc", 3) == "abc"
    assert shortened("abcdefgh", 5) == "ab…gh"
