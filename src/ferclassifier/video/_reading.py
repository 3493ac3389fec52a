"""Frames of a video one after another, each with its time."""

from __future__ import annotations

import math
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.counts import is_number
from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import IncompleteVideoWarning, VideoError
from ferclassifier.images._decoder import MAX_PIXELS
from ferclassifier.video._latest import latest_of
from ferclassifier.video._source import Opening, VideoSource, opening_of

# Frames that come without a time are taken to come so often.
_FRAMES_A_SECOND = 30.0
# What a file says of its length is not exact; more than this is missing, and worth a word.
_MISSING = 1.0
# So many damaged packets one after another, and nothing good is to be expected of the rest.
_MOST_FAULTS = 100
# FFmpeg counts the time of a container in these.
_TICKS = 1_000_000
_PAIR = 2


class VideoFrame(NamedTuple):
    """A frame of a video.

    Attributes
    ----------
    time : float
        When it is shown, in seconds from the start of the video.
    number : int
        Which it is among the frames from the start of the video or, after a jump, from there.
    pixels : ndarray of shape (height, width, 3), uint8 in [0, 255]
        Red, green and blue, upright.

    Examples
    --------
    >>> import numpy as np
    >>> from ferclassifier.video import read_video
    >>> frame = next(read_video(np.zeros((30, 8, 8, 3), np.uint8)))
    >>> frame.time, frame.number, frame.pixels.shape
    (0.0, 0, (8, 8, 3))
    """

    time: float
    number: int
    pixels: NDArray[np.uint8]

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.pixels.shape))
        return f"<VideoFrame {self.number} at {self.time:.2f} s: {size}>"


def read_video(
    source: VideoSource,
    *,
    every: float | None = None,
    start: float = 0.0,
    stop: float | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Generator[VideoFrame, None, None]:
    """Read the frames of a video, of which a few are in memory at a time.

    Parameters
    ----------
    source : str, path, int, or iterable of ndarray
        - A file, or an address that begins with http://, https:// or rtsp://.
        - The number of a camera, 0 being the first, or "camera:0".
        - Any iterable of frames, arrays of shape (height, width, 3), uint8, or (height, width) if
          they are gray; or of pairs of a time in seconds and such a frame. Frames without a time
          are taken to be 1/30 s apart.
    every : float, default=None
        Seconds between the frames that are wanted: the first one that is shown at or after each
        multiple. None takes all.
    start : float, default=0.0
        The first moment of interest, in seconds. A file is not read from its beginning, but from
        the key frame before it.
    stop : float, default=None
        The last moment of interest.
    max_pixels : int, default=50000000
        A video whose frames have more pixels is refused before one is decoded.

    Yields
    ------
    VideoFrame
        With times as the video has them, which need not be evenly apart, turned as a player would
        turn it. Of a camera or an rtsp:// stream the latest frame is taken, and those are left out
        that came while nobody asked.

    Raises
    ------
    VideoError
        A ValueError: if there is no video in it, or it cannot be read.
    OSError
        If there is no such file.
    ImportError
        If PyAV is missing; ``pip install "ferclassifier[video]"`` brings it.
    TypeError
        If `source` is none of the above.
    ValueError
        If `every`, `start` or `stop` is no time.

    Warns
    -----
    IncompleteVideoWarning
        If a file ends more than a second before what it says of its length.

    Examples
    --------
    >>> import numpy as np
    >>> from ferclassifier.video import read_video
    >>> frames = np.zeros((30, 8, 8, 3), np.uint8)
    >>> [round(frame.time, 2) for frame in read_video(frames, every=0.5)]
    [0.0, 0.5]
    """
    _check_times(every, start, stop)
    opening = opening_of(source)
    if opening is None:
        return _selected(_of_arrays(source), every, start, stop)  # type: ignore[arg-type]
    frames = _decoded(opening, start, max_pixels)
    if opening.is_live:
        frames = latest_of(frames)
    return _selected(frames, every, start, stop, is_live=opening.is_live)


def _check_times(every: Any, start: Any, stop: Any) -> None:
    if every is not None and not (_is_time(every) and every > 0):
        raise ValueError(f"Got every={quoted(every)}, but expected seconds, more than 0, or None.")
    if not _is_time(start) or start < 0:
        raise ValueError(f"Got start={quoted(start)}, but expected seconds from 0 on.")
    if stop is not None and not (_is_time(stop) and stop > start):
        raise ValueError(
            f"Got stop={quoted(stop)}, but expected seconds, more than start={start:g}, or None."
        )


def _is_time(value: Any) -> bool:
    return is_number(value) and math.isfinite(value)


def _selected(
    frames: Generator[VideoFrame, None, None],
    every: float | None,
    start: float,
    stop: float | None,
    *,
    is_live: bool = False,
) -> Generator[VideoFrame, None, None]:
    """Yield the frames that are wanted, and stop reading after the last."""
    due = start
    with closing(frames):
        for frame in frames:
            if stop is not None and frame.time > stop:
                return
            # Times are rounded to the clock of the file.
            if frame.time < due - 1e-6:
                continue
            if every is not None:
                due = start + every * (math.floor((frame.time - start) / every + 1e-6) + 1)
            yield frame


def _of_arrays(source: Iterable[Any]) -> Generator[VideoFrame, None, None]:
    for index, given in enumerate(source):
        time, pixels = index / _FRAMES_A_SECOND, given
        if isinstance(given, tuple) and len(given) == _PAIR:
            time, pixels = given
        if not _is_time(time):
            raise VideoError(f"Frame {index} has the time {quoted(time)}, but expected seconds.")
        yield VideoFrame(float(time), index, _as_frame(pixels, index))


def _as_frame(pixels: Any, index: int) -> NDArray[np.uint8]:
    array = np.asarray(pixels)
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8 or not array.size:
        raise VideoError(
            f"Frame {index} is an array of shape {array.shape} and type {array.dtype}, but "
            "expected (height, width, 3), or (height, width) if it is gray, of type uint8."
        )
    return array


def _decoded(opening: Opening, start: float, max_pixels: int) -> Generator[VideoFrame, None, None]:
    with opening.open() as container:
        if not container.streams.video:
            raise VideoError(f"{opening.name}: there is no video in it.")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise VideoError(
                f"{opening.name}: its codec is none that this FFmpeg knows, or the file is "
                "damaged. Convert it to H.264."
            )
        stream.thread_type = "AUTO"
        width, height = stream.codec_context.width, stream.codec_context.height
        _check_size(opening, width, height, max_pixels)
        zero = _start_of(container, stream, opening)
        if start > 0 and not opening.is_live:
            _jump(container, zero + start)
        index, last, faults = 0, 0.0, _Faults(opening)
        for frame in faults.frames_of(container, stream):
            if zero is None:
                zero = frame.time or 0.0
            if (frame.width, frame.height) != (width, height):
                _check_size(opening, frame.width, frame.height, max_pixels)
            time = index / _rate_of(stream) if frame.time is None else frame.time - zero
            yield VideoFrame(time, index, _upright(frame))
            index, last = index + 1, time
        if not index and not start:
            raise VideoError(f"{opening.name}: none of its frames can be decoded.{faults.told()}")
        _warn_if_incomplete(opening, container, last, faults)


def _check_size(opening: Opening, width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise VideoError(
            f"{opening.name}: its frames are {width} x {height} pixels, but expected "
            f"{max_pixels:,} pixels at most. Make it smaller, or give a larger max_pixels."
        )


def _start_of(container: Any, stream: Any, opening: Opening) -> Any:
    """Return the time of the first moment, as the file counts; None if the first frame has it."""
    if opening.is_live:
        return None
    if container.start_time is not None:
        return container.start_time / _TICKS
    return float(stream.start_time * stream.time_base) if stream.start_time else 0.0


def _jump(container: Any, time: float) -> None:
    """Go to the key frame before a moment; where a file cannot be jumped in, read all of it."""
    try:
        container.seek(max(0, int(time * _TICKS)))
    except OSError:
        container.seek(0)


def _rate_of(stream: Any) -> float:
    return float(stream.average_rate or _FRAMES_A_SECOND)


def _upright(frame: Any) -> NDArray[np.uint8]:
    """Return the pixels of a frame as a player shows them."""
    pixels: NDArray[np.uint8] = frame.to_ndarray(format="rgb24")
    quarters = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, quarters)) if quarters else pixels


class _Faults:
    """Decodes what can be decoded, and remembers what could not."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._n_in_a_row = 0
        self.first: str = ""

    def frames_of(self, container: Any, stream: Any) -> Iterator[Any]:
        from av import FFmpegError  # type: ignore[import-not-found, unused-ignore]

        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except FFmpegError as error:
                if self._opening.is_live or not self._is_bearable(error):
                    raise VideoError(f"{self._opening.name}: reading ended: {error}") from error
                return
            try:
                frames = packet.decode()
            except FFmpegError as error:
                if not self._is_bearable(error):
                    return
                continue
            for frame in frames:
                self._n_in_a_row = 0
                yield frame

    def _is_bearable(self, error: Exception) -> bool:
        self.first = self.first or " ".join(str(error).split())
        self._n_in_a_row += 1
        return self._n_in_a_row < _MOST_FAULTS

    def told(self) -> str:
        return f" The first fault: {self.first}" if self.first else ""


def _warn_if_incomplete(opening: Opening, container: Any, last: float, faults: _Faults) -> None:
    if opening.is_live or not container.duration:
        return
    expected = container.duration / _TICKS
    if expected - last > _MISSING:
        warnings.warn(
            IncompleteVideoWarning(
                f"{opening.name}: its last frame is at {last:.1f} s, though it says that it is "
                f"{expected:.1f} s long: it was cut off, or is damaged.{faults.told()}"
            ),
            stacklevel=2,
        )
