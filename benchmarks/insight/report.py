"""How long the report of a classifier takes, saliency included, as the images grow in number.

    python benchmarks/insight/report.py fer2013.csv --model model.joblib

Each report is made in a process of its own that has loaded the model and the images: prediction,
scores, the comparison with the 28,709 training images, the saliency of 24 mistakes, charts, and the
page written to a file. The first row is PublicTest; the larger ones take training images as well,
whose scores mean nothing. Medians of the repetitions; memory is the peak above the process before.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, memory_mb, reset_peak, table

_SIZES = (3_589, 7_178, 14_356)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--model", type=Path, required=True, help="a file of joblib.dump or save")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--results", type=Path, default=Path("benchmarks/results/report.csv"))
    parser.add_argument("--n", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.n:
        print(json.dumps(_measure(args.data, args.model, args.n)))
        return

    rows = []
    for n in _SIZES:
        runs = [_in_new_process(args.data, args.model, n) for _ in range(args.repeats)]
        rows.append(
            {
                "images": f"{n:,}",
                "seconds": f"{median(run['seconds'] for run in runs):.1f}",
                "slowest": f"{max(run['seconds'] for run in runs):.1f}",
                "ms per image": f"{1000 * median(run['seconds'] for run in runs) / n:.2f}",
                "memory, MB": f"{median(run['memory'] for run in runs):.0f}",
                "page, kB": f"{runs[0]['bytes'] / 1000:.0f}",
            }
        )
    args.results.parent.mkdir(parents=True, exist_ok=True)
    with args.results.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    print(machine(), "\n")
    print(table(rows))


def _in_new_process(data: str, model: Path, n: int) -> dict[str, float]:
    command = [sys.executable, __file__, data, "--model", str(model), "--n", str(n)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(output.splitlines()[-1]))


def _measure(data: str, model: Path, n: int) -> dict[str, float]:
    import numpy as np

    from ferclassifier import load_fer2013
    from ferclassifier._cli.model_files import read_any_model
    from ferclassifier.report import evaluation_report

    train = load_fer2013(data, subset="train")
    test = load_fer2013(data, subset="validation")
    images = np.concatenate([test.images, train.images])[:n]
    labels = np.concatenate([test.target, train.target])[:n]
    clf = read_any_model(model)
    reset_peak()
    before, start = memory_mb(), time.perf_counter()
    report = evaluation_report(clf, images, labels, train_images=train.images)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        report.save(path)
        seconds = time.perf_counter() - start
        size = path.stat().st_size
    return {"seconds": seconds, "memory": memory_mb("VmHWM") - before, "bytes": size}


if __name__ == "__main__":
    main()
