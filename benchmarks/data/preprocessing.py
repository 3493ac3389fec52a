"""How many images a second each transformer takes, on one core.

    OMP_NUM_THREADS=1 python benchmarks/data/preprocessing.py

Drawn faces of 48 by 48 pixels in bytes, the resizer's enlarged to 64 by 64 before, the reader's as
PNG files in memory. `fit_transform` in seconds of the processor, the fastest of five turns.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from ferclassifier import HistogramEqualizer, ImageReader, ImageResizer, PixelScaler, make_faces

sys.path.insert(0, str(Path(__file__).parents[1]))
from _shared.machine import machine, table


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=5000)
    n_images = parser.parse_args().images
    X, _ = make_faces(n_images, random_state=0)
    large = ImageResizer((64, 64)).transform(X)
    cases: list[tuple[Any, Any]] = [
        (ImageReader(), [_png(image) for image in X]),
        (ImageResizer(), large),
        (ImageResizer(), large / 255),
        *((PixelScaler(method), X) for method in ("unit", "standard", "per_image")),
        *((HistogramEqualizer(method), X) for method in ("global", "clahe")),
        (HistogramEqualizer("clahe", tile_grid=(8, 8)), X),
    ]
    rows = []
    for transformer, images in cases:
        seconds = _seconds(lambda t=transformer, images=images: t.fit_transform(images))
        rows.append(
            {
                "transformer": f"`{transformer}`",
                "dtype": getattr(images, "dtype", "PNG"),
                "images/s": f"{n_images / seconds:,.0f}",
            }
        )
    print(machine(), "\n")
    print(table(rows))


def _png(image: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def _seconds(call: Callable[[], Any]) -> float:
    times = []
    for _ in range(5):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
