"""The memory of a fit, beside plain Keras's, and of passes over more images than fit into memory.

    python benchmarks/fits/memory.py fer2013.csv

Every case is a process of its own. The figures are the growth above the same process after
TensorFlow is imported and the arrays are loaded.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, memory_mb, reset_peak, table

CASES = {
    "FERClassifier": "FERClassifier, uint8 array",
    "keras": "plain Keras, uint8 array",
    "keras_float32": "plain Keras, float32 array",
}


def main() -> None:
    """Run every case in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="FER-2013 as CSV, folder or zip")
    parser.add_argument("--gigabytes", type=int, default=20, help="size of the memmap")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.case:
        run_case(args)
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        arrays = parse_in_a_process(args.data, Path(folder) / "train.npz")
        for case, title in CASES.items():
            base, peak = run_in_a_process(case, arrays, args.gigabytes)
            rows.append({"fit": title, "before, MB": base, "growth to the peak, MB": peak})
        memmap = run_in_a_process("memmap", arrays, args.gigabytes)
    print(machine(), "\n")
    print(table(rows), "\n")
    names = ("pass", "size, GB", "before, MB", "largest RSS, MB", "RSS at the end, MB", "minutes")
    width = len(names)
    passes = [memmap[i : i + width] for i in range(0, len(memmap), width)]
    print(table([dict(zip(names, figures, strict=True)) for figures in passes]))


def run_in_a_process(case: str, arrays: Path, gigabytes: int) -> list[str]:
    """Run one case in a process of its own and return its figures."""
    command = [sys.executable, __file__, str(arrays), "--case", case]
    command += ["--gigabytes", str(gigabytes)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return run.stdout.split()[-1].split(";")


def parse_in_a_process(data: str, arrays: Path) -> Path:
    """Parse the images elsewhere: reading the CSV would raise the peak before the fit."""
    code = (
        "import sys, numpy as np; from ferclassifier import load_fer2013; "
        "b = load_fer2013(sys.argv[1], subset='train'); "
        "np.savez(sys.argv[2], X=b.images, y=b.target_codes)"
    )
    subprocess.run([sys.executable, "-c", code, data, str(arrays)], check=True)
    return arrays


def run_case(args: Any) -> None:
    """Run one case and print its figures."""
    import keras

    if args.case == "memmap":
        pass_over_memmap(args.gigabytes)
        return
    train = np.load(args.data)
    X, y = train["X"], train["y"]
    if args.case == "keras_float32":
        X = (X / np.float32(255)).astype(np.float32)
    keras.ops.convert_to_numpy(keras.ops.ones(3) + 1)  # start TensorFlow's threads
    reset_peak()
    base = memory_mb()
    if args.case == "FERClassifier":
        from ferclassifier import RECIPES, FERClassifier

        FERClassifier(**{**RECIPES["plain"], "epochs": 1}, random_state=0).fit(X, y)
    else:
        from fit_overhead import fit_plainly

        fit_plainly(X, y, "mixed_bfloat16", 1)
    print(f"{base:.0f};{memory_mb('VmHWM') - base:.0f}")


def coarse_network(inputs: Any, n_classes: int) -> Any:
    """Average large squares: next to no work, so that reading is what is measured."""
    from keras import layers

    x = layers.Flatten()(layers.AveragePooling2D(64)(inputs))
    return layers.Dense(n_classes, activation="softmax")(x)


def pass_over_memmap(gigabytes: int) -> None:
    """Fit one epoch on a sparse file of large images, and predict them, watching the memory."""
    from ferclassifier import FERClassifier

    n = gigabytes * 10**9 // 1024**2
    with tempfile.NamedTemporaryFile(suffix=".raw") as file:
        X = np.memmap(file.name, dtype=np.uint8, mode="w+", shape=(n, 1024, 1024))
        y = np.arange(n) % 7
        clf = FERClassifier(
            architecture=coarse_network, epochs=1, batch_size=16, augmentation=None, random_state=0
        )
        clf.fit(X[:512], y[:512]).predict(X[:512])  # compile
        figures: list[str] = []
        for name, run in (("fit", lambda: clf.fit(X, y)), ("predict", lambda: clf.predict(X))):
            figures += [name, f"{X.nbytes / 1e9:.1f}", *watched(run)]
        print(";".join(figures))


def watched(run: Callable[[], object]) -> list[str]:
    """Return the memory before, at most and after in MB, and the minutes that something takes."""
    base = memory_mb()
    seen: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            seen.append(memory_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    run()
    minutes = (time.perf_counter() - start) / 60
    done.set()
    watcher.join()
    end = memory_mb()
    return [f"{base:.0f}", f"{max([*seen, end]):.0f}", f"{end:.0f}", f"{minutes:.1f}"]


if __name__ == "__main__":
    main()
