"""The group of commands: its streams, its exit codes, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from ferclassifier._cli.group import any_text_written
from helpers import start


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

    @pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent in another way")
    def test_ctrl_c(self, fer2013: Path, tmp_path: Path) -> None:
        options = ("--output", tmp_path / "x", "--architecture", "gap_cnn", "--epochs", 10_000)
        # A shell's job in the background ignores the signal, and so would its children.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            process = start("train", fer2013, *options, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        finally:
            signal.signal(signal.SIGINT, before)
        assert process.stdout is not None
        while not process.stdout.readline().startswith("Epoch 1/"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
        assert (stderr.strip(), process.returncode) == ("Aborted", 130)
        assert list(tmp_path.iterdir()) == []
