"""A short fuzzing of all readers, and the table of what they may raise, which the docs show."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from random import Random

import pytest

from fuzz import worker
from fuzz.readers import READERS
from helpers import REPOSITORY

PAGE = REPOSITORY / "docs" / "robustness.md"
FEW = {"model": 25, "video": 60}


@pytest.fixture(autouse=True)
def _alarm() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, worker._interrupt)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", READERS)
def test_seeds_are_read_and_what_is_made_of_them_does_what_the_table_says(name: str) -> None:
    reader = READERS[name]
    assert any(worker.outcome(reader, content) == ("", True) for content in reader.seeds())
    n_inputs = FEW.get(name, 200)
    contents = [reader.drawn(Random(number)) for number in range(n_inputs)]
    assert len(set(contents)) > 0.8 * n_inputs
    assert contents[0] == reader.drawn(Random(0))
    for number, content in enumerate(contents):
        fault, _, _ = worker.tried(reader, content)
        assert not fault, f"input {number}: {fault}"


def test_the_docs_show_the_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [
        (
            name,
            reader.what,
            ", ".join(f"`{error.__name__}`" for error in reader.raises) or "nothing",
        )
        for name, reader in READERS.items()
    ]
