"""A set of names in some bytes for each."""

from __future__ import annotations

from ferclassifier.photos._finished import Finished


def test_it_is_a_set() -> None:
    finished = Finished()
    assert "a" not in finished
    finished = Finished()
    names = [f"{i}\udcff.png" for i in range(1000)]
    for name in names[::2]:
        finished.add(name)
    assert len(finished) == 500
    assert [name in finished for name in names] == [True, False] * 500
