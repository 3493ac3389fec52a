"""Tries inputs in this process, and tells of the first that does not do what the table says.

What an input may cost is a second of the processor and 300 MB above what reading the seeds took.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from fuzz.readers import READERS, Reader

MOST_SECONDS, MOST_MB = 1.0, 300
_LONGEST_MESSAGE = 1_000
_TOLD_EVERY = 200


class Hang(BaseException):
    """An input that takes too long; nothing that reads files catches it."""


def main(name: str, numbers: range, seed: int, slot: Path) -> None:
    """Try the inputs of these numbers, and print what has come of them, line by line, as JSON.

    Parameters
    ----------
    name : str
        Of a reader.
    numbers : range
    seed : int
    slot : Path
        Holds the input that is being tried, for whoever finds this process dead.
    """
    reader, told = READERS[name], Told(numbers.start)
    _be_quiet()
    for content in reader.seeds():
        outcome(reader, content)
    base = peak_mb()
    told.mb_of_seeds = round(base)
    signal.signal(signal.SIGALRM, _interrupt)
    with slot.open("wb", buffering=0) as file:
        for number in numbers:
            content = reader.drawn(Random(seed * 2**40 + number))
            file.seek(0)
            file.write(content)
            file.truncate()
            told.add(number, *tried(reader, content))
            if (peak := peak_mb()) - base > MOST_MB:
                told.fault = f"memory: {peak - base:.0f} MB above {base:.0f}"
            if told.fault or number % _TOLD_EVERY == 0:
                told.say()
            if told.fault:
                return
    told.say()


class Told:
    """What is said of the inputs so far."""

    def __init__(self, start: int) -> None:
        self.next, self.n_read, self.slowest, self.fault, self.mb_of_seeds = start, 0, 0.0, "", 0

    def add(self, number: int, fault: str, is_read: bool, seconds: float) -> None:
        """Count an input."""
        self.next, self.fault = number + 1, fault
        self.n_read += is_read
        self.slowest = max(self.slowest, seconds)

    def say(self) -> None:
        """Print it."""
        print(json.dumps({**vars(self), "peak_mb": round(peak_mb())}), file=_OUT, flush=True)


def tried(reader: Reader, content: bytes) -> tuple[str, bool, float]:
    """Return what is wrong with how an input was read, whether it was, and its seconds."""
    start = time.process_time()
    try:
        with _within(MOST_SECONDS):
            fault, is_read = outcome(reader, content)
    except Hang:
        fault, is_read = f"hang: more than {MOST_SECONDS:g} s", False
    return fault, is_read, time.process_time() - start


def outcome(reader: Reader, content: bytes) -> tuple[str, bool]:
    """Read an input; return what was raised that is not in the table, and whether it was read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader.reads(content)
    except reader.raises as error:
        if len(message := str(error)) > _LONGEST_MESSAGE:
            return f"a message of {len(message):,} characters: {message[:200]}", False
        return "", False
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return f"{type(error).__name__} at {where}: {str(error)[:200]}", False
    return "", True


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raise Hang after so many seconds of the processor, or a minute of waiting for nothing."""
    _started.append((time.process_time(), time.monotonic()))
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _started.clear()


_started: list[tuple[float, float]] = []


def _interrupt(*_: Any) -> None:
    # Others work on this machine, too: what waits for a processor does not hang.
    for processor, clock in _started:
        if time.process_time() - processor >= MOST_SECONDS or time.monotonic() - clock >= 60:
            raise Hang


def peak_mb() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


_OUT = sys.stdout


def _be_quiet() -> None:
    """Keep what libraries print away from what is said here."""
    global _OUT
    _OUT = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
