"""Time load_fer2013 on the CSV file against pandas with NumPy's parser.

    python benchmarks/data/read_csv.py fer2013.csv

The reference reads the file with pandas.read_csv and each row's pixels with numpy.fromstring,
unchecked. The two take turns in one process; the medians are printed, and the peaks of memory
above what was in use before. The goal is a ratio of at most 1.3.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from ferclassifier import load_fer2013

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import memory_mb, reset_peak, table


def reference(path: Path) -> int:
    frame = pd.read_csv(path)
    rows = [np.fromstring(row, dtype=np.uint8, sep=" ") for row in frame["pixels"]]
    return len(rows)


def ours(path: Path) -> int:
    return len(load_fer2013(path).images)


def measure(read: Callable[[Path], int], path: Path) -> tuple[float, float]:
    """Return the seconds of processor time and the peak of memory in MB."""
    gc.collect()
    before = memory_mb()
    reset_peak()
    start = time.process_time()
    read(path)
    return time.process_time() - start, memory_mb("VmHWM") - before


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("csv", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()

    from sklearn.utils import Bunch  # noqa: F401 (its import is not what is measured)

    readers = {"pandas and numpy.fromstring": reference, "load_fer2013": ours}
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in readers}
    for _ in range(args.repeats):
        for name, read in readers.items():
            measured[name].append(measure(read, args.csv))

    seconds = {name: median(s for s, _ in values) for name, values in measured.items()}
    n_bytes = args.csv.stat().st_size
    print(f"{ours(args.csv):,} rows, {n_bytes / 1024**2:.0f} MB, median of {args.repeats}\n")
    rows: list[dict[str, object]] = [
        {
            "reader": name,
            "CPU s": f"{seconds[name]:.2f}",
            "ratio": f"{seconds[name] / seconds['pandas and numpy.fromstring']:.2f}",
            "peak MB": f"{median(m for _, m in measured[name]):.0f}",
        }
        for name in readers
    ]
    print(table(rows))


if __name__ == "__main__":
    main()
