"""What an input may not do is noticed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from ferclassifier.exceptions import DataError
from fuzz import worker
from fuzz.readers import Reader


@pytest.fixture(autouse=True)
def _alarm() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, worker._interrupt)
    yield
    signal.signal(signal.SIGALRM, before)


def _loop(_: bytes) -> None:
    while True:
        pass


def _raise(error: Exception) -> Any:
    def reads(_: bytes) -> None:
        raise error

    return reads


@pytest.mark.parametrize(
    ("reads", "fault"),
    [
        (_loop, "hang: more than 0.1 s"),
        (_raise(KeyError("x")), "KeyError at test_worker.py:"),
        (_raise(DataError("fine")), ""),
        (_raise(ValueError("x" * 5_000)), "a message of 5,000 characters"),
        (len, ""),
    ],
)
def test_faults_are_named(reads: Any, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MOST_SECONDS", 0.1)
    raises = (ValueError,) if "message" in fault else (DataError,)
    found, is_read, seconds = worker.tried(Reader(reads, "", raises, list), b"")
    assert found.startswith(fault)
    assert bool(found) == bool(fault)
    assert is_read == (reads is len)
    assert seconds < 1
