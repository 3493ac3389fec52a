"""What fit and predict on arrays cost, beside another checkout of the package.

    python benchmarks/fits/compare.py ../other-checkout/src

Each case runs in processes of its own, in turns: one of each side, and so on. Of each process the
fastest of some repetitions counts, which is the one that others disturbed least; the ratio is the
median over the pairs of neighbours.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table

HERE = Path(__file__).parents[2] / "src"
PREPARE = """
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
def timed(call, repetitions):
    call()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    print(min(times))
"""
CASES = {
    "fit, 2,048 images": "timed(lambda: clf.fit(images, y), 5)",
    "fit, as unit floats": "timed(lambda: clf.fit(floats, y), 5)",
    "predict, 2,048 images": "clf.fit(images, y); timed(lambda: clf.predict(images), 9)",
    "predict, as unit floats": "clf.fit(floats, y); timed(lambda: clf.predict(floats), 9)",
    "predict, 8 images": "clf.fit(images, y); timed(lambda: clf.predict(images[:8]), 300)",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, help="the folder src of the other checkout")
    parser.add_argument("--pairs", type=int, default=5)
    args = parser.parse_args()
    print(machine(), end="\n\n")
    rows: list[dict[str, object]] = []
    for name, code in CASES.items():
        pairs = [(seconds(args.other, code), seconds(HERE, code)) for _ in range(args.pairs)]
        ratio = statistics.median(here / other for other, here in pairs)
        there, here = (1000 * statistics.median(side) for side in zip(*pairs, strict=True))
        times = {"there, ms": f"{there:,.2f}", "here, ms": f"{here:,.2f}"}
        rows.append({"case": name, **times, "ratio": f"{ratio:.3f}"})
    print(table(rows))


def seconds(source: Path, code: str) -> float:
    environment = {**os.environ, "PYTHONPATH": str(source.resolve())}
    command = [sys.executable, "-c", PREPARE + code]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(run.stdout.split()[-1])


if __name__ == "__main__":
    main()
