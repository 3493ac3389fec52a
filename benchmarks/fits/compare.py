"""What fit and predict on arrays cost, beside another checkout of the package.

    python benchmarks/fits/compare.py ../other-checkout/src

A process of each side is asked in turns, call by call, so that what disturbs the machine disturbs
both; the ratio is the median over neighbouring calls. Processes differ in where their memory lies:
each case has several pairs of them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table

HERE = Path(__file__).parents[2] / "src"
PREPARE = """
import sys
import time
import numpy as np
from ferclassifier import FERClassifier
rng = np.random.default_rng(0)
images = rng.integers(0, 256, (2048, 48, 48), dtype=np.uint8)
floats = (images / 255).astype("float32")
y = np.arange(len(images)) % 7
small = {"filters": (8,), "dense": 16}
clf = FERClassifier("gap_cnn", architecture_params=small, epochs=1, precision="float32",
                    random_state=0)
def answer(call):
    call()
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        call()
        print(time.perf_counter() - start, flush=True)
"""
# What is called, and how often by each process.
CASES = {
    "fit, 2,048 images": ("answer(lambda: clf.fit(images, y))", 15),
    "fit, as unit floats": ("answer(lambda: clf.fit(floats, y))", 15),
    "predict, 2,048 images": ("clf.fit(images, y); answer(lambda: clf.predict(images))", 60),
    "predict, as unit floats": ("clf.fit(floats, y); answer(lambda: clf.predict(floats))", 60),
    "predict, 8 images": ("clf.fit(images, y); answer(lambda: clf.predict(images[:8]))", 2000),
}


def main() -> None:
    """Print a row for each case."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("other", type=Path, help="the folder src of the other checkout")
    parser.add_argument("--pairs", type=int, default=4, help="pairs of processes for each case")
    args = parser.parse_args()
    print(machine(), end="\n\n")
    rows: list[dict[str, object]] = []
    for name, (code, n_calls) in CASES.items():
        pairs = [list(in_turns(args.other, HERE, code, n_calls)) for _ in range(args.pairs)]
        ratios = sorted(statistics.median(here / other for other, here in pair) for pair in pairs)
        calls = [call for pair in pairs for call in pair]
        there, here = (1000 * statistics.median(side) for side in zip(*calls, strict=True))
        rows.append(
            {
                "case": name,
                "there, ms": f"{there:,.2f}",
                "here, ms": f"{here:,.2f}",
                "ratio": f"{statistics.median(here / other for other, here in calls):.3f}",
                "of the pairs": f"{ratios[0]:.3f} to {ratios[-1]:.3f}",
            }
        )
    print(table(rows))


def in_turns(other: Path, here: Path, code: str, n_calls: int) -> Iterator[tuple[float, float]]:
    """Yield the seconds of a call on either side, which takes turns at going first."""
    with ExitStack() as stack:
        sides = [stack.enter_context(started(source, code)) for source in (other, here)]
        for side in sides:
            wait_until_ready(side)
        for number in range(n_calls):
            first = number % 2
            seconds = {side: seconds_of_a_call(sides[side]) for side in (first, 1 - first)}
            yield seconds[0], seconds[1]
        for side in sides:
            side.communicate()


def started(source: Path, code: str) -> subprocess.Popen[str]:
    """Start a process that imports the package from a folder."""
    environment = {**os.environ, "PYTHONPATH": str(source.resolve())}
    return subprocess.Popen(
        [sys.executable, "-c", PREPARE + code],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def wait_until_ready(side: subprocess.Popen[str]) -> None:
    assert side.stdout is not None
    if not any(line == "ready\n" for line in side.stdout):
        raise SystemExit(f"A process ended before it was ready: exit code {side.wait()}.")


def seconds_of_a_call(side: subprocess.Popen[str]) -> float:
    assert side.stdin is not None
    assert side.stdout is not None
    side.stdin.write("\n")
    side.stdin.flush()
    return float(side.stdout.readline())


if __name__ == "__main__":
    main()
