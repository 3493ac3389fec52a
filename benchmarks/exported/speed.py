"""How fast ONNX files answer: one face, and many.

    python benchmarks/exported/speed.py compact best model.onnx --int8 fer2013.csv

Models are released ones, files of `save`, or ONNX files, which are taken as they are. With --int8
each is also exported in whole numbers, calibrated on images of Training. A face is the shortest and
the median of 500 calls; many are as many as take two seconds, 2,048 at most, in the best of three
passes. "a core" is by the time of the processor, which is the same whatever else runs on it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from ferclassifier import export_onnx, load_fer2013, make_faces
from ferclassifier._onnx import OnnxModel

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table
from _shared.public_test import PACKAGED, load

CALIBRATION = 512
CALLS, PASSES, MANY, SECONDS = 500, 3, 2048, 2.0


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--int8", metavar="DATA", help="FER-2013, to calibrate whole numbers on")
    parser.add_argument("--views", choices=["none", "flip", "ten_crop"], help="instead of its own")
    args = parser.parse_args()
    calibration = None
    if args.int8:
        images = load_fer2013(args.int8, subset="train").images
        calibration = images[:: len(images) // CALIBRATION][:CALIBRATION]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in args.models:
            for path in _files(name, Path(folder), calibration, args.views):
                rows.append({"model": name, **_measured(path)})
    print(machine(), "\n")
    print(table(rows))


def _files(name: str, folder: Path, calibration: Any, views: str | None) -> list[Path]:
    if Path(name).suffix == ".onnx":
        return [Path(name)]
    if views is None and calibration is None and (PACKAGED / f"{name}.onnx").exists():
        return [PACKAGED / f"{name}.onnx"]
    model = load(name)
    if views is not None:
        model.set_params(test_time_augmentation=None if views == "none" else views)
    paths = [folder / "float32.onnx"]
    export_onnx(model, paths[0])
    if calibration is not None:
        paths.append(folder / "int8.onnx")
        export_onnx(model, paths[1], quantize="int8", calibration_images=calibration)
    return paths


def _measured(path: Path) -> dict[str, object]:
    start = time.perf_counter()
    single = OnnxModel(path)
    opened = time.perf_counter() - start
    double = OnnxModel(path, n_threads=2)
    faces, _ = make_faces(MANY, random_state=0)
    height, width, channels = single.image_shape
    if (height, width, channels) != (48, 48, 1):
        faces = np.zeros((MANY, height, width, channels), dtype=np.uint8)
    one, two = _one(single, faces), _one(double, faces)
    faces = faces[: max(64, int(SECONDS * 1e3 / statistics.median(one)))]
    return {
        "computes in": single.metadata.precision,
        "views": single.metadata.views,
        "MB": f"{path.stat().st_size / 1e6:.2f}",
        "to open, ms": f"{opened * 1e3:.0f}",
        "a face, 1 thread, ms": f"{min(one):.2f}, {statistics.median(one):.2f}",
        "2 threads, ms": f"{min(two):.2f}, {statistics.median(two):.2f}",
        "faces/s, 1 thread": f"{_rate(single, faces):,.0f}",
        "a core": f"{_rate(single, faces, time.process_time):,.0f}",
        "2 threads": f"{_rate(double, faces):,.0f}",
    }


def _one(model: OnnxModel, faces: Any) -> list[float]:
    times = []
    for i in range(CALLS + 20):
        face = faces[i % len(faces)][np.newaxis]
        if i > 40 and sum(times) > SECONDS * 1e3:
            break
        start = time.perf_counter()
        model.predict_proba(face)
        times.append((time.perf_counter() - start) * 1e3)
    return times[20:]


def _rate(model: OnnxModel, faces: Any, clock: Any = time.perf_counter) -> float:
    times = []
    for _ in range(PASSES):
        start = clock()
        model.predict_proba(faces)
        times.append(clock() - start)
    return len(faces) / min(times)


if __name__ == "__main__":
    main()
