"""Fuzz all readers: many damaged and hostile inputs, in processes that are watched.

    python tests/fuzz                                  # some thousand inputs
    python tests/fuzz --inputs 1000000 --jobs 2
    python tests/fuzz --reader image --seconds 3600 --seed 7
    python tests/fuzz --reader image --guided --seconds 3600    # with pip install atheris

What an input may do stands in tests/fuzz/readers.py and docs/robustness.md. Each that does
something else is written to a folder, and the exit code is 1. Equal seeds draw equal inputs.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

_ROOT = Path(__file__).parents[2]
_MOST_FAULTS = 20
# Code of a library that hangs does not see the alarm of its own process. A process that waits for
# a processor is silent too: so its own seconds count, and many more of the clock.
_SILENT_PROCESSOR, _SILENT_CLOCK = 200.0, 1_800.0


@dataclass
class Tally:
    """What has come of the inputs of a reader."""

    reader: str
    inputs: int = 0
    read: int = 0
    slowest: float = 0.0
    mb_of_seeds: int = 0
    peak_mb: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def row(self) -> dict[str, object]:
        """Return a line of the table."""
        return {
            "reader": self.reader,
            "inputs": f"{self.inputs:,}",
            "read": f"{self.read:,}",
            "a second": f"{self.inputs / max(self.seconds, 1e-9):,.0f}",
            "slowest, s": f"{self.slowest:.2f}",
            "MB of the seeds": self.mb_of_seeds,
            "peak, MB": self.peak_mb,
            "faults": len(self.faults),
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz, print a table, and return the exit code."""
    args = _parsed(arguments)
    names = args.reader or _names()
    args.failures.mkdir(parents=True, exist_ok=True)
    if args.guided:
        return _guided(names, args)
    shares = _shares(names)
    with ThreadPoolExecutor(args.jobs) as pool:
        tallies = list(
            pool.map(
                lambda name: fuzzed(
                    *(name, round(args.inputs * shares[name]), args.seed, args.failures),
                    seconds=args.seconds and args.seconds * args.jobs / len(names),
                ),
                names,
            )
        )
    print(_table([tally.row() for tally in tallies]))
    print(f"{sum(tally.inputs for tally in tallies):,} inputs")
    for tally in tallies:
        for fault in tally.faults:
            print(f"{tally.reader}: {fault}")
    return int(any(tally.faults for tally in tallies))


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python tests/fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--inputs", type=int, default=10_000, help="of all readers together")
    parser.add_argument("--seconds", type=float, help="at most, of all readers together")
    parser.add_argument("--reader", action="append", help="several times for several; default all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--failures", type=Path, default=Path("fuzz-failures"))
    parser.add_argument("--guided", action="store_true", help="by the code that is reached")
    return parser.parse_args(arguments)


def fuzzed(
    name: str, n_inputs: int, seed: int, failures: Path, *, seconds: float | None = None
) -> Tally:
    """Fuzz a reader: a process tries inputs, and is started again behind one that ended it.

    Parameters
    ----------
    name : str
    n_inputs, seed : int
    failures : Path
        A folder for the inputs that do what they may not.
    seconds : float or None
        After which it ends.
    """
    tally, start, begin = Tally(name), 0, time.monotonic()
    deadline = None if seconds is None else begin + seconds
    with tempfile.TemporaryDirectory() as folder:
        slot = Path(folder) / "slot"
        while start < n_inputs and len(tally.faults) < _MOST_FAULTS:
            told, code = _watched(name, range(start, n_inputs), seed, slot, deadline)
            is_over = deadline is not None and time.monotonic() >= deadline
            fault = told.get("fault", "")
            if code and not is_over:
                fault = f"the process ended ({_signal(code)})"
            start = told.get("next", start) + (code != 0)
            tally.inputs = start
            tally.read += told.get("n_read", 0)
            tally.slowest = max(tally.slowest, told.get("slowest", 0.0))
            tally.mb_of_seeds = told.get("mb_of_seeds", 0)
            tally.peak_mb = max(tally.peak_mb, told.get("peak_mb", 0))
            if fault:
                kept = failures / f"{name}_{seed}_{len(tally.faults)}"
                kept.write_bytes(slot.read_bytes() if slot.exists() else b"")
                tally.faults.append(f"{kept.name}: {fault}")
            if is_over:
                break
    tally.seconds = time.monotonic() - begin
    print(tally, file=sys.stderr, flush=True)
    return tally


def _watched(
    name: str, numbers: range, seed: int, slot: Path, deadline: float | None
) -> tuple[dict[str, Any], int]:
    """Return the last that a process has said, and its exit code."""
    command = [sys.executable, str(Path(__file__).parent), "--worker", name]
    command += [str(numbers.start), str(numbers.stop), str(seed), str(slot)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        told = _last_told(process, deadline)
        assert process.stderr is not None
        said = process.stderr.read()
    if process.returncode and not told and "Traceback" in said:
        raise RuntimeError(f"The worker of {name} did not begin:\n{said}")
    return told, process.returncode


def _last_told(process: subprocess.Popen[str], deadline: float | None) -> dict[str, Any]:
    """Listen to a process, and kill it if it is silent for long or the time is over."""
    heard = [(0.0, time.monotonic())]

    def watch() -> None:
        while process.poll() is None:
            used, now = _processor_seconds(process), time.monotonic()
            is_silent = used - heard[0][0] > _SILENT_PROCESSOR or now - heard[0][1] > _SILENT_CLOCK
            if is_silent or (deadline is not None and now > deadline):
                process.kill()
            time.sleep(0.2)

    threading.Thread(target=watch, daemon=True).start()
    told: dict[str, Any] = {}
    assert process.stdout is not None
    for line in process.stdout:
        heard[0] = _processor_seconds(process), time.monotonic()
        told = json.loads(line)
    return told


def _processor_seconds(process: subprocess.Popen[str]) -> float:
    with suppress(psutil.Error):  # it has ended
        times = psutil.Process(process.pid).cpu_times()
        return float(times.user + times.system)
    return 0.0


def _signal(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _names() -> list[str]:
    from fuzz.readers import READERS

    return list(READERS)


def _shares(names: Sequence[str]) -> dict[str, float]:
    from fuzz.readers import READERS

    total = sum(READERS[name].share for name in names)
    return {name: READERS[name].share / total for name in names}


def _guided(names: Sequence[str], args: argparse.Namespace) -> int:
    """Let atheris choose the changes, for an equal time for each reader."""
    codes = []
    for name in names:
        command = [sys.executable, str(Path(__file__).parent), "--atheris", name]
        command += [str(args.failures), str(args.seed), f"-max_total_time={args.seconds or 60:.0f}"]
        command += [f"-runs={args.inputs}"] if args.seconds is None else []
        codes.append(subprocess.run(command, check=False).returncode)
    return int(any(codes))


def _table(rows: Sequence[dict[str, object]]) -> str:
    sys.path.insert(0, str(_ROOT / "benchmarks"))
    from _shared.machine import table

    return table(list(rows))
