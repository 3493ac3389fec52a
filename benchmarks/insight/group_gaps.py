"""How often the interval of the largest gap leaves out 0 for groups that are truly alike.

    python benchmarks/insight/group_gaps.py

Right predictions are drawn at the same accuracy for all groups. Were the interval exact, it would
leave out 0 in 5 % of the draws; without being widened by the number of pairs, it does so far more
often.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from ferclassifier.metrics._intervals import difference_interval

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import table

N_GROUPS, N_IMAGES, ACCURACIES = (2, 4, 8), (20, 50, 200), (0.5, 0.7, 0.9)


def main() -> None:
    """Print the shares of draws."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=1000)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    rows: list[dict[str, object]] = []
    for n_groups in N_GROUPS:
        n_pairs = n_groups * (n_groups - 1) // 2
        for n in N_IMAGES:
            for accuracy in ACCURACIES:
                shares = rng.binomial(n, accuracy, size=(args.draws, n_groups)) / n
                row: dict[str, object] = {"groups": n_groups, "images": n, "accuracy": accuracy}
                for name, tried in (("widened", n_pairs), ("as it is", 1)):
                    lows = [
                        difference_interval((max(s), n), (min(s), n), 1 - 0.05 / tried)[0]
                        for s in shares
                    ]
                    row[name] = f"{100 * np.mean(np.array(lows) > 0):.1f} %"
                rows.append(row)
    print(table(rows))


if __name__ == "__main__":
    main()
