"""What training takes with TensorFlow's oneDNN and without it.

    python benchmarks/fits/onednn.py

TensorFlow leaves oneDNN out by itself where the processor has no AVX512-VNNI, AVX512-BF16 or AMX;
ferclassifier asks for it. Each fit, of random pixels in float32, runs in a process of its own, by
turns. The figure is the median of the ratios of neighbours.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table

SCRIPT = """
import sys
import numpy as np
from ferclassifier import FERClassifier
rng = np.random.default_rng(0)
X = rng.integers(0, 256, (int(sys.argv[2]), 48, 48), dtype=np.uint8)
y = rng.integers(0, 7, len(X))
clf = FERClassifier(sys.argv[1], precision="float32", epochs=3, random_state=0).fit(X, y)
print(min(clf.history_["seconds"]))
"""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=1280)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--architectures", nargs="+", default=["compact", "vgg"])
    args = parser.parse_args()
    rows: list[dict[str, object]] = []
    for name in args.architectures:
        pairs = [
            tuple(_seconds(name, args.images, onednn) for onednn in ("0", "1"))
            for _ in range(args.repeats)
        ]
        without, with_it = ([pair[i] for pair in pairs] for i in (0, 1))
        ratios = [fast / slow for slow, fast in pairs]
        rows.append(
            {
                "architecture": f"`{name}`",
                "images a second without": f"{args.images / median(without):.0f}",
                "with oneDNN": f"{args.images / median(with_it):.0f}",
                "ratio of the times, median": f"{median(ratios):.2f}",
                "ratios": ", ".join(f"{ratio:.2f}" for ratio in ratios),
            }
        )
        print(rows[-1], flush=True)
    print(f"\n{machine()}\n\n{table(rows)}")


def _seconds(name: str, n_images: int, onednn: str) -> float:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, str(n_images)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TF_ENABLE_ONEDNN_OPTS": onednn},
    )
    return float(run.stdout.split()[-1])


if __name__ == "__main__":
    main()
