"""Images per second that AugmentingOverSampler makes on one core.

    python benchmarks/data/augmenting.py

Random images of 48 x 48 bytes: the time does not depend on what they show. Linux only, since it
keeps itself to one core.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table


def main() -> None:
    """Fill one class of ten images many times, with both presets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=20_000, help="to be made each time")
    parser.add_argument("--repeats", type=int, default=7)
    args = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    from ferclassifier import AugmentingOverSampler

    few = args.images // 10
    X = np.random.default_rng(0).integers(0, 256, (args.images + 2 * few, 48, 48), dtype=np.uint8)
    y = np.repeat([0, 1], [args.images + few, few])
    rows = []
    for strength in ("light", "standard"):
        sampler = AugmentingOverSampler(strength=strength, random_state=0)
        rates = []
        for _ in range(args.repeats):
            start = time.process_time()
            X_new, _ = sampler.fit_resample(X, y)
            rates.append((len(X_new) - len(X)) / (time.process_time() - start))
        rows.append(
            {
                "strength": strength,
                "median, images a second": f"{statistics.median(rates):,.0f}",
                "slowest": f"{min(rates):,.0f}",
                "fastest": f"{max(rates):,.0f}",
            }
        )
    print(f"{machine()}, one core\n\n{table(rows)}")


if __name__ == "__main__":
    main()
