"""How far long work has come: a line on a terminal's stderr, and nowhere else."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from ferclassifier._cli.printing import duration

_SECONDS_BEFORE = 1.0
_SECONDS_BETWEEN = 0.2
# Erases the line that the cursor is on.
_ERASED = "\r\x1b[2K"


class Progress:
    """The line, shown once work has taken a second.

    Parameters
    ----------
    count : callable
        Says how many there are. It is called in a thread of its own, for as long as it takes.
    noun : str
        What is counted, in the plural.
    """

    def __init__(self, count: Callable[[], int], noun: str = "photos") -> None:
        self._noun = noun
        self._is_shown = sys.stderr is not None and sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self.n_before = self._n_now = 0
        self._total: int | None = None
        self._is_drawn = False
        self.counting: threading.Thread | None = None
        if self._is_shown:
            self.counting = threading.Thread(target=self._count, args=(count,), daemon=True)
            self.counting.start()

    def skip(self) -> None:
        """Count one that was done before."""
        self.n_before += 1
        self._show()

    def step(self) -> None:
        """Count one that is done."""
        self._n_now += 1
        self._show()

    def clear(self) -> None:
        """Erase the line, before another is written."""
        if self._is_drawn:
            self._is_drawn = False
            sys.stderr.write(_ERASED)
            sys.stderr.flush()

    def line(self, seconds: float) -> str:
        """Say how far it has come after so many seconds."""
        n = self.n_before + self._n_now
        rate = self._n_now / max(seconds, 1e-9)
        text = (
            f"{n:,} {self._noun}"
            if self._total is None
            else (f"{n:,} of {max(n, self._total):,} {self._noun}")
        )
        text += f", {rate:,.{0 if rate >= 10 else 1}f} a second"
        if self._total is not None and rate:
            text += f", {duration(max(0, self._total - n) / rate)} left"
        return text

    def _show(self) -> None:
        now = time.monotonic()
        if not self._is_shown or now - self._start < _SECONDS_BEFORE:
            return
        if now - self._last >= _SECONDS_BETWEEN:
            self._last, self._is_drawn = now, True
            sys.stderr.write(_ERASED + self.line(now - self._start))
            sys.stderr.flush()

    def _count(self, count: Callable[[], int]) -> None:
        with suppress(OSError):
            self._total = count()
