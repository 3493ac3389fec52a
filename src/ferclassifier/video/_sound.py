"""The sound of a video, for a copy of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ferclassifier.exceptions import VideoError
from ferclassifier.video._source import VideoSource, opening_of

if TYPE_CHECKING:
    from typing import Self

# What a file of the copy's kind holds as it is; everything else is written as AAC.
_KEPT = {"aac", "ac3", "eac3", "mp3", "alac"}
_TICKS = 1_000_000


class Sound:
    """Copies the sound of a source, as far as the pictures have come.

    Parameters
    ----------
    source : PyAV container
    container : PyAV container
        Of the copy.
    start : float
        The moment of the source with which the copy begins, in seconds.
    """

    def __init__(self, source: Any, container: Any, start: float) -> None:
        self._source, self._container = source, container
        stream = source.streams.audio[0]
        self._zero = (source.start_time or 0) / _TICKS + start
        self._encoder: Any = None
        if stream.codec_context.name in _KEPT:
            self._stream = container.add_stream_from_template(stream)
        else:
            rate = stream.codec_context.sample_rate
            self._stream = self._encoder = container.add_stream("aac", rate=rate)
        if start > 0:
            with suppress(OSError):
                source.seek(int(self._zero * _TICKS))
        self._packets = self._all_packets(stream)
        self._waiting: Any = None

    @classmethod
    def of(cls, source: VideoSource, container: Any, *, start: float) -> Self | None:
        """Open the sound of a source; None if it has none, or is gone once it was read."""
        if isinstance(source, str) or hasattr(source, "__fspath__"):
            opening = opening_of(source)
            if opening is None or opening.is_live:
                return None
            with suppress(VideoError, OSError):
                opened = opening.open()
                if opened.streams.audio:
                    return cls(opened, container, start)
                opened.close()
        return None

    def copy_until(self, time: float) -> None:
        """Copy what is heard until a moment of the copy, in seconds."""
        while True:
            packet = self._waiting or next(self._packets, None)
            self._waiting = None
            if packet is None:
                return
            if packet.pts is not None and float(packet.pts * packet.time_base) > time:
                self._waiting = packet
                return
            self._container.mux(packet)

    def end(self, time: float) -> None:
        """Copy what is left until the end of the copy."""
        self.copy_until(time)
        if self._encoder is not None:
            for packet in self._encoder.encode():
                self._container.mux(packet)

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def _all_packets(self, stream: Any) -> Iterator[Any]:
        """Yield packets on the clock of the copy; a damaged part is left out."""
        from av import FFmpegError

        packets = self._source.demux(stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, FFmpegError):
                return
            if packet.pts is None:
                continue
            time = float(packet.pts * packet.time_base) - self._zero
            if time < 0:
                continue
            if self._encoder is None:
                shift = round(self._zero / packet.time_base)
                packet.pts -= shift
                packet.dts = packet.pts if packet.dts is None else packet.dts - shift
                packet.stream = self._stream
                yield packet
                continue
            with suppress(FFmpegError):
                for frame in packet.decode():
                    frame.pts = round((frame.time - self._zero) / frame.time_base)
                    yield from self._encoder.encode(frame)
