"""Whether many fits in one process grow its memory.

    python benchmarks/fits/repeated_fits.py

Fits a new FERClassifier again and again, as a search does, each time on images of its own, and
prints how many of their arrays are alive and the memory after each tenth fit.
"""

from __future__ import annotations

import argparse
import gc
import sys
import weakref
from pathlib import Path
from typing import Any

from ferclassifier import FERClassifier, make_faces

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, memory_mb, table


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fits", type=int, default=100)
    parser.add_argument("--images", type=int, default=2_000)
    parser.add_argument("--architecture", default="compact")
    args = parser.parse_args()
    faces, labels = make_faces(args.images, random_state=0)
    fitted: list[weakref.ref[Any]] = []
    rows = []
    for seed in range(args.fits):
        X = faces.copy()
        X[:, 0, 0] = seed % 256
        clf = FERClassifier(
            args.architecture, epochs=1, learning_rate=0.001 * (seed + 1), random_state=seed
        )
        clf.fit(X, labels).predict(X[:10])
        fitted.append(weakref.ref(X))
        del clf, X
        gc.collect()
        alive = sum(array() is not None for array in fitted)
        rows.append({"fits": seed + 1, "arrays alive": alive, "memory, MB": f"{memory_mb():.0f}"})
        if (seed + 1) % 10 == 0:
            print(rows[-1], flush=True)
    shown = [row for row in rows if int(row["fits"]) in (1, 2, 5) or int(row["fits"]) % 10 == 0]
    print(f"\n{machine()}\n\n{table(shown)}")
    tenth, last = (float(rows[i]["memory, MB"]) for i in (min(9, len(rows) - 1), -1))
    print(f"\nat most {max(int(row['arrays alive']) for row in rows)} arrays alive; ", end="")
    print(f"memory grew by {100 * (last / tenth - 1):.1f} % from fit 10 to fit {len(rows)}")


if __name__ == "__main__":
    main()
