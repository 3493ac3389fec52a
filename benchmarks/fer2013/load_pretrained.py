"""How long the trained models take to load, and to predict for the first time.

    python benchmarks/fer2013/load_pretrained.py

Each model is loaded in a process of its own, in which TensorFlow has been imported.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table

REPEATS = 5
SCRIPT = """
import sys, time
import numpy as np
start = time.perf_counter()
import tensorflow
imported = time.perf_counter()
from ferclassifier import load_pretrained
model = load_pretrained(sys.argv[1])
loaded = time.perf_counter()
model.predict(np.zeros((1, 48, 48), dtype=np.uint8))
predicted = time.perf_counter()
print(imported - start, loaded - imported, predicted - loaded)
"""


def main() -> None:
    """Run the benchmark."""
    from ferclassifier import list_pretrained

    rows = []
    for name in list_pretrained():
        runs = [_run(name) for _ in range(REPEATS)]
        imported, loaded, predicted = (sorted(column) for column in zip(*runs, strict=True))
        rows.append(
            {
                "model": f"`{name}`",
                "importing TensorFlow, s": f"{median(imported):.2f}",
                "load_pretrained, s": f"{median(loaded):.2f}",
                "slowest of five": f"{loaded[-1]:.2f}",
                "first prediction, s": f"{median(predicted):.2f}",
            }
        )
    print(f"{machine()}\n\n{table(rows)}")


def _run(name: str) -> tuple[float, ...]:
    command = [sys.executable, "-c", SCRIPT, name]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return tuple(float(part) for part in printed.split())


if __name__ == "__main__":
    main()
