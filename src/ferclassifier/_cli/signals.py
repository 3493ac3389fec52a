"""Signals that ask a command to end: all are taken as Ctrl+C is, so that nothing half is left."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# What a command returns that has ended early by itself, and whole.
INTERRUPTED = 128 + signal.SIGINT
# Of a terminal that is closed SIGHUP comes, of everything else SIGTERM.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_SECONDS_OF_ONE_REQUEST = 1.0


class AskedToEnd:
    """Which signal has come, if any.

    Attributes
    ----------
    number : int or None
        That of the last one.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._last = float("-inf")

    def __bool__(self) -> bool:
        return self.number is not None

    @property
    def exit_code(self) -> int:
        """What a shell returns for a command that a signal has ended."""
        return INTERRUPTED if self.number is None else 128 + self.number

    @property
    def line(self) -> str:
        """What is said of it."""
        return "Aborted" if self.exit_code == INTERRUPTED else "Terminated"

    def on_signal(self, number: int, _: FrameType | None) -> None:
        """Interrupt what is going on."""
        before, self._last = self._last, time.monotonic()
        # Who ends a group of processes, as `timeout` does, asks twice at once; the second request
        # would come in the middle of the removal of what is unfinished.
        if number != self.number or self._last - before > _SECONDS_OF_ONE_REQUEST:
            self.number = number
            raise KeyboardInterrupt


@contextmanager
def ended_by_signals() -> Iterator[AskedToEnd]:
    """Raise KeyboardInterrupt in the main thread when a signal asks this process to end.

    A signal that is ignored, as a shell has it for what runs in the background and ``nohup`` for
    all, or that somebody else handles, is left as it is.

    Yields
    ------
    asked : AskedToEnd
    """
    asked = AskedToEnd()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
        handlers = {number: signal.getsignal(number) for number in numbers}
        nobodys = (signal.SIG_DFL, signal.default_int_handler)
        before = {number: known for number, known in handlers.items() if known in nobodys}
    hook = threading.excepthook

    def unless_asked(args: threading.ExceptHookArgs, /) -> None:
        # Those of a pool stumble over the tasks that are taken from them, which is no news.
        if not asked:
            hook(args)

    try:
        threading.excepthook = unless_asked
        for number in before:
            signal.signal(number, asked.on_signal)
        yield asked
    finally:
        if not asked:  # or else they may stumble until the process ends, at once
            threading.excepthook = hook
        for number, known in before.items():
            signal.signal(number, known)
