"""The command `ferclassifier app` as a process, and what is sent to it."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image


@contextmanager
def served(*options: str) -> Iterator[tuple[str, int]]:
    """Start it; its address, and the id of its process."""
    command = [sys.executable, "-m", "ferclassifier", "app", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        address = next(word for word in process.stdout.readline().split() if "http" in word)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(20)


def portrait() -> bytes:
    """Return a photo of one face, which comes with Matplotlib and is in the public domain."""
    return _as_jpeg(_portrait())


def five_faces() -> bytes:
    """Return a photo of 1000 by 667 pixels with that face five times."""
    photo = Image.new("RGB", (1000, 667), (120, 130, 140))
    for i in range(5):
        height = 220 - 15 * i
        photo.paste(_portrait().resize((height * 512 // 600, height)), (8 + 197 * i, 160 + 20 * i))
    return _as_jpeg(photo)


def camera_frame() -> Image.Image:
    """Return what a camera of 640 by 480 pixels might see."""
    frame = Image.new("RGB", (640, 480), (90, 100, 105))
    frame.paste(_portrait().resize((410, 480)), (110, 0))
    return frame


def video(path: Path) -> Path:
    """Write it as a film that Chromium takes for its camera."""
    y, *chroma = camera_frame().convert("YCbCr").split()
    planes = y.tobytes() + b"".join(plane.resize((320, 240)).tobytes() for plane in chroma)
    head = b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n"
    path.write_bytes(head + 10 * (b"FRAME\n" + planes))
    return path


def _portrait() -> Image.Image:
    from matplotlib.cbook import get_sample_data

    with get_sample_data("grace_hopper.jpg") as file, Image.open(file) as image:
        return image.convert("RGB")


def _as_jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92)
    return file.getvalue()
