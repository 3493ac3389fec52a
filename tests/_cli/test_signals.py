"""Signals that ask to end are interruptions, once, and only where nobody else wants them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from ferclassifier._cli import signals
from ferclassifier._cli.signals import ended_by_signals

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise there")
_ALL = ("SIGINT", "SIGTERM", "SIGHUP")


@pytest.fixture(autouse=True)
def _as_in_a_terminal() -> Iterator[None]:
    known = {name: signal.getsignal(getattr(signal, name)) for name in _ALL}
    for name in _ALL:
        usual = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
        signal.signal(getattr(signal, name), usual)
    yield
    for name, handler in known.items():
        signal.signal(getattr(signal, name), handler)


def ask(name: str) -> None:
    os.kill(os.getpid(), getattr(signal, name))
    time.sleep(0)  # where Python looks


@pytest.mark.parametrize(
    ("name", "code", "line"),
    [("SIGINT", 130, "Aborted"), ("SIGTERM", 143, "Terminated"), ("SIGHUP", 129, "Terminated")],
)
def test_each_interrupts(name: str, code: int, line: str) -> None:
    number = getattr(signal, name)
    before = signal.getsignal(number)
    with ended_by_signals() as asked:
        assert not asked
        with pytest.raises(KeyboardInterrupt):
            ask(name)
        assert asked
    assert (asked.exit_code, asked.line) == (code, line)
    assert signal.getsignal(number) is before


def test_a_second_request_at_once_does_not_interrupt_the_removal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`timeout` sends it to a process and then to its group."""
    with ended_by_signals() as asked:
        with pytest.raises(KeyboardInterrupt):
            ask("SIGTERM")
        ask("SIGTERM")
        assert asked
        monkeypatch.setattr(signals, "_SECONDS_OF_ONE_REQUEST", 0.0)
        with pytest.raises(KeyboardInterrupt):  # which was lost perhaps, in a destructor
            ask("SIGTERM")


def test_what_is_ignored_stays_ignored() -> None:
    """`nohup` does so with SIGHUP, and a shell with SIGINT for what it runs in the background."""
    for name in _ALL:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    with ended_by_signals() as asked:
        for name in _ALL:
            ask(name)
        assert not asked


def test_what_somebody_handles_is_theirs() -> None:
    seen = []
    signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))
    with ended_by_signals() as asked:
        ask("SIGTERM")
    assert (seen, bool(asked)) == ([signal.SIGTERM], False)


def test_in_another_thread_nothing_is_handled() -> None:
    """Python would refuse to set a handler there."""
    kept = []

    def run() -> None:
        with ended_by_signals() as asked:
            kept.append(bool(asked))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert kept == [False]


def test_threads_that_stumble_are_silent_once_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """joblib's printed a traceback, as tasks had been taken from it."""
    told = []
    monkeypatch.setattr(threading, "excepthook", told.append)

    def stumble() -> None:
        thread = threading.Thread(target=lambda: {}["a task"])
        thread.start()
        thread.join()

    with ended_by_signals():
        stumble()
        assert len(told) == 1
        with pytest.raises(KeyboardInterrupt):
            ask("SIGTERM")
        stumble()
    stumble()
    assert len(told) == 1
