"""Whether many fits in one process grow its memory.

    python benchmarks/repeated_fits.py

Fits a new FERClassifier again and again, as a search does, and prints the memory after each.
"""

from __future__ import annotations

import argparse
import gc

from _machine import machine, memory_mb, table
from ferclassifier import FERClassifier, make_faces


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fits", type=int, default=20)
    parser.add_argument("--images", type=int, default=640)
    args = parser.parse_args()
    X, y = make_faces(args.images, random_state=0)
    seen = []
    for seed in range(args.fits):
        clf = FERClassifier(epochs=1, learning_rate=0.01 * (seed + 1), random_state=seed)
        clf.fit(X, y).predict(X[:10])
        gc.collect()
        seen.append(memory_mb())
    print(machine(), "\n")
    print(table([{"fit": i + 1, "memory, MB": f"{mb:.0f}"} for i, mb in enumerate(seen)]))
    print(f"\ngrowth from fit 3 to fit {len(seen)}: {100 * (seen[-1] / seen[2] - 1):.1f} %")


if __name__ == "__main__":
    main()
