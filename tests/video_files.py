"""Videos for tests: written with PyAV, of frames that a test makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from PIL import Image

_TICKS = 90_000


def write_video(
    path: Path,
    frames: Iterable[np.ndarray],
    *,
    times: Sequence[float] | None = None,
    rate: int = 10,
    rotation: int = 0,
    sound: str | None = None,
) -> Path:
    """Write frames at a rate, or at these times; with a tone in this codec, if any."""
    import av

    frames = list(frames)
    times = [i / rate for i in range(len(frames))] if times is None else times
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS)
        if rotation:
            if not hasattr(stream, "set_display_rotation"):
                import pytest  # not where the package alone is installed

                pytest.skip(f"PyAV {av.__version__} reads rotated videos and cannot write them")
            stream.set_display_rotation(rotation)
        tone = _tone(container, sound, times[-1] + 1 / rate) if sound else []
        for pixels, time in zip(frames, times, strict=True):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = round(time * _TICKS), Fraction(1, _TICKS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        for packets in tone:
            container.mux(packets)
    return path


def _tone(container: Any, codec: str, seconds: float) -> Iterable[Any]:
    import av

    rate = 16_000
    stream = container.add_stream(codec, rate=rate)
    stream.layout = "mono"
    wave = np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate) * 8000

    def packets() -> Iterable[Any]:
        for start in range(0, len(wave), 1024):
            part = wave[start : start + 1024].astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
            frame.sample_rate, frame.pts = rate, start
            frame.time_base = Fraction(1, rate)
            yield from (stream.encode(frame),)
        yield stream.encode()

    return packets()


def hopper(width: int) -> Image.Image:
    """Return a portrait by the US Navy, which comes with Matplotlib, in some width."""
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    image = Image.open(path).convert("RGB")
    return image.resize((width, round(image.height * width / image.width)))


def other_person(width: int) -> Image.Image:
    """Return a face that nobody takes for that one: its mirror image, in other colours."""
    pixels = np.asarray(hopper(width).transpose(Image.Transpose.FLIP_LEFT_RIGHT), float)
    return Image.fromarray((pixels[..., ::-1] * [0.9, 0.8, 0.7]).astype(np.uint8))


def scene(*people: tuple[Image.Image, int, int], size: tuple[int, int] = (640, 360)) -> np.ndarray:
    """Return a frame with people at some places, the last one in front."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    for person, left, top in people:
        image.paste(person, (left, top))
    return np.asarray(image)


def numbered(n: int, height: int = 32, width: int = 48) -> list[np.ndarray]:
    """Return frames of which each is brighter than the one before."""
    levels = np.linspace(20, 235, n).astype(np.uint8)
    return [np.full((height, width, 3), level, np.uint8) for level in levels]
