"""How far long work has come, on a terminal alone."""

from __future__ import annotations

import io
import sys

import pytest

from ferclassifier._cli import progress
from ferclassifier._cli.progress import Progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def show_on_terminal(monkeypatch: pytest.MonkeyPatch) -> _Terminal:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_SECONDS_BEFORE", 0)
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN", 0)
    return terminal


def test_rate_and_remaining_time(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = show_on_terminal(monkeypatch)
    shown = Progress(lambda: 100)
    shown.counting.join()  # type: ignore[union-attr]
    for _ in range(10):
        shown.skip()
    for _ in range(20):
        shown.step()
    assert shown.line(2.0) == "30 of 100 photos, 10 a second, 7 s left"
    assert "30 of 100 photos, " in terminal.getvalue().split("\r\x1b[2K")[-1]
    shown.clear()
    assert terminal.getvalue().endswith("\r\x1b[2K")


def test_without_a_total(monkeypatch: pytest.MonkeyPatch) -> None:
    show_on_terminal(monkeypatch)

    def unreadable() -> int:
        raise PermissionError

    shown = Progress(unreadable)
    shown.counting.join()  # type: ignore[union-attr]
    shown.step()
    assert shown.line(2.0) == "1 photos, 0.5 a second"


def test_nothing_is_written_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr(progress, "_SECONDS_BEFORE", 0)
    shown = Progress(lambda: 1 // 0)
    shown.step()
    shown.clear()
    assert stderr.getvalue() == ""
