"""How many frames are to be expected of a video."""

from __future__ import annotations

from ferclassifier.exceptions import VideoError
from ferclassifier.video._source import VideoSource, opening_of

_TICKS = 1_000_000


def expected_frames(
    source: VideoSource, every: float | None, start: float, stop: float | None
) -> int:
    """Return their number as the file tells it, without reading it.

    Raises
    ------
    OSError
        If nobody knows: of a camera, or where the file does not say.
    """
    opening = opening_of(source)
    if opening is None or opening.is_live:
        raise OSError("It has no end.")
    try:
        with opening.open() as container:
            stream = container.streams.video[0]
            length = (container.duration or 0) / _TICKS
            rate = float(stream.average_rate or 0)
    except (VideoError, IndexError) as error:
        raise OSError(str(error)) from error
    if not length or not rate:
        raise OSError("The file does not say.")
    seconds = max(0.0, min(length, length if stop is None else stop) - start)
    return round(seconds * rate) if every is None else round(seconds / every) + 1
