"""The process that watches: it goes on behind an input that has ended another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fuzz import run


def test_an_input_that_ends_the_process_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def watched(name: str, numbers: range, seed: int, slot: Path, _: Any) -> Any:
        seen.append(numbers.start)
        slot.write_bytes(b"input %d" % numbers.start)
        if numbers.start == 0:
            return {"next": 4, "n_read": 3, "peak_mb": 50}, -11
        if numbers.start == 5:
            return {"next": 8, "n_read": 1, "fault": "hang: more than 1 s", "peak_mb": 70}, 0
        return {"next": numbers.stop, "n_read": 2, "slowest": 0.5, "peak_mb": 60}, 0

    monkeypatch.setattr(run, "_watched", watched)
    tally = run.fuzzed("csv", 10, 7, tmp_path)
    assert seen == [0, 5, 8]
    assert tally.faults == [
        "csv_7_0: the process ended (SIGSEGV)",
        "csv_7_1: hang: more than 1 s",
    ]
    assert (tmp_path / "csv_7_0").read_bytes() == b"input 0"
    assert (tally.inputs, tally.read, tally.peak_mb, tally.slowest) == (10, 6, 70, 0.5)


def test_a_run_of_some_inputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--reader", "search", "--inputs", "300", "--failures", str(tmp_path / "failures")]
    assert run.main(arguments) == 0
    shown = capsys.readouterr().out
    assert "| search | 300 |" in shown
    assert "300 inputs" in shown
    assert list((tmp_path / "failures").iterdir()) == []
