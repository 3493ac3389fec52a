"""What joblib says of how far a search is, in the words of this program."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any

_OF_JOBLIB = re.compile(r"\[Parallel\(.*?\)\]: ")
_DONE = re.compile(r"Done\s+(\d+) (?:tasks|out of\s+(\d+))\s*\| elapsed:\s*([\d.]+\s?\w+)")


class _Reworded:
    """A stream that passes on what it is given, but for joblib's lines."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Say of joblib's lines how many fits are done, and leave out what else they say."""
        joblib_said = _OF_JOBLIB.match(text)
        if joblib_said is None:
            return int(self._stream.write(text))
        if done := _DONE.match(text, joblib_said.end()):
            n_done, n_fits, elapsed = done.groups()
            of_all = f" of {n_fits}" if n_fits else ""
            self._stream.write(f"{n_done}{of_all} fits done after {elapsed}\n")
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def fits_done_on_stderr() -> Iterator[None]:
    """Reword what joblib writes to stderr."""
    with redirect_stderr(_Reworded(sys.stderr)):
        yield
