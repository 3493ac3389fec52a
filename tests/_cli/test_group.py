"""The group of commands: its streams, its exit codes, and how it ends."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from ferclassifier._cli.group import any_text_written
from helpers import start, start_in_foreground


def test_streams_are_left_as_they_were() -> None:
    before = sys.stdout.errors, sys.stderr.errors
    with any_text_written():
        assert sys.stdout.errors == sys.stderr.errors == "backslashreplace"
    assert (sys.stdout.errors, sys.stderr.errors) == before


class TestProcess:
    """What only shows in a process of its own."""

    def test_stderr_is_quiet(self, faces: Path, model: Path) -> None:
        process = start("predict", faces, "--model", model)
        stdout, stderr = process.communicate()
        assert (len(stdout.splitlines()), stderr, process.returncode) == (10, "", 0)

    def test_a_reader_that_has_enough_is_no_error(self, faces: Path, model: Path) -> None:
        process = start("predict", faces, "--model", model)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        process.stderr.close()
        assert process.wait() == 1

    @pytest.mark.skipif(sys.platform == "win32", reason="signals are sent in another way")
    @pytest.mark.parametrize(
        ("number", "expected"),
        [(signal.SIGINT, ("Aborted", 130)), (signal.SIGTERM, ("Terminated", 143))],
    )
    def test_signals_that_end_a_training(
        self, number: int, expected: tuple[str, int], fer2013: Path, tmp_path: Path
    ) -> None:
        """SIGTERM killed it in the middle of whatever it was writing."""
        options = ("--output", tmp_path / "x", "--architecture", "gap_cnn", "--epochs", 10_000)
        process = start_in_foreground("train", fer2013, *options)
        assert process.stdout is not None
        while not process.stdout.readline().startswith("Epoch 1/"):
            assert process.poll() is None
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)
        assert (stderr.strip(), process.returncode) == expected
        assert list(tmp_path.iterdir()) == []
