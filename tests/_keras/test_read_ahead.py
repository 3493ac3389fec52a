"""Batches are read ahead of their use, a few at a time and in order."""

from __future__ import annotations

from ferclassifier._keras.read_ahead import ReadAhead


def test_reading_ahead_is_bounded_and_in_order() -> None:
    fetched: list[int] = []

    def fetch(i: int) -> int:
        fetched.append(i)
        return i

    ahead = ReadAhead(fetch, n_threads=1, depth=3)
    assert ahead.get(0, 10) == 0
    ahead._threads.submit(lambda: None).result()  # one thread: all that was asked for is done
    assert fetched == [0, 1, 2]
    assert [ahead.get(i, 10) for i in range(1, 10)] == list(range(1, 10))
    assert fetched == list(range(10))
    ahead.forget()
    assert ahead.get(0, 10) == 0
    ahead.close()
