"""A copy of a video with what was found drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files.writing import replacing
from ferclassifier._utils.extras import import_extra
from ferclassifier.exceptions import VideoError
from ferclassifier.photos._drawing import draw_face, names_on_photos
from ferclassifier.video._reading import VideoFrame
from ferclassifier.video._rows import SeenFace
from ferclassifier.video._sound import Sound
from ferclassifier.video._source import VideoSource

if TYPE_CHECKING:
    from typing import Self

# Containers that hold H.264, by the ends of names.
FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
# The clock of the copy: fine enough for any rate of frames.
_TICKS = 90_000
_RATE = 30
_OPTIONS = {"preset": "veryfast", "crf": "21"}
# The index stands at the beginning, so that a browser plays it while it is loaded.
_CONTAINER_OPTIONS = {"movflags": "+faststart"}


class AnnotatedVideo:
    """Writes it frame by frame, as H.264 with the sound of the source.

    A context manager. What was written is a whole video at its end, be it that of the source or an
    earlier one; after an error nothing is left of it, and what stood there stays.

    Parameters
    ----------
    path : Path
        It ends with .mp4, .m4v, .mov or .mkv.
    classes : sequence of str or number
    source : VideoSource
        From which the sound is taken, if it has any.
    start : float, default=0.0
        The moment of the source with which the copy begins, in seconds.
    with_numbers : bool, default=True
        Write the number of a face before its emotion.

    Raises
    ------
    VideoError
        A ValueError: if the name ends otherwise.
    OSError
        If nothing can be written there.
    """

    def __init__(
        self,
        path: Path,
        classes: Sequence[Any],
        source: VideoSource,
        *,
        start: float = 0.0,
        with_numbers: bool = True,
    ) -> None:
        check_video_name(path)
        self._path, self._start, self._with_numbers = path, start, with_numbers
        self._names = names_on_photos(classes)
        self._source = source
        self._stack = ExitStack()
        self._container: Any = None
        self._stream: Any = None
        self._sound: Sound | None = None
        self._last = -1

    def __enter__(self) -> Self:
        self._file = self._stack.enter_context(replacing(self._path))
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        # Closing the container writes its end, and the file is removed if that fails, too.
        with self._stack:
            if error is not None:
                raise error
            self._finish()

    def write(self, frame: VideoFrame, faces: Sequence[SeenFace]) -> None:
        """Write a frame with its faces drawn on it."""
        if self._container is None:
            self._begin(frame)
        import av

        pixels = self._fitted(self._drawn(frame.pixels, faces))
        time = max(0.0, frame.time - self._start)
        # Two frames of one moment, as streams have them, are none that a player takes.
        self._last = max(self._last + 1, round(time * _TICKS))
        picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        picture.pts, picture.time_base = self._last, Fraction(1, _TICKS)
        for packet in self._stream.encode(picture):
            self._container.mux(packet)
        if self._sound is not None:
            self._sound.copy_until(self._last / _TICKS)

    def _begin(self, frame: VideoFrame) -> None:
        av = import_extra("av", "video")
        kind = FORMATS[self._path.suffix.lower()]
        options = _CONTAINER_OPTIONS if kind in ("mp4", "mov") else {}
        self._container = av.open(self._file.name, "w", format=kind, options=options)
        self._stack.callback(self._container.close)
        self._stream = self._container.add_stream("libx264", rate=_RATE, options=_OPTIONS)
        height, width = frame.pixels.shape[:2]
        # H.264 has half as many colours along each side as pixels.
        self._stream.width, self._stream.height = width + width % 2, height + height % 2
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, _TICKS)
        self._sound = Sound.of(self._source, self._container, start=self._start)
        if self._sound is not None:
            self._stack.callback(self._sound.close)

    def _finish(self) -> None:
        if self._container is None:
            raise VideoError(f"{self._path}: there are no frames to be written.")
        for packet in self._stream.encode():
            self._container.mux(packet)
        if self._sound is not None:
            self._sound.end(self._last / _TICKS)

    def _drawn(self, pixels: NDArray[np.uint8], faces: Sequence[SeenFace]) -> NDArray[np.uint8]:
        if not faces:
            return pixels
        from PIL import Image, ImageDraw

        image = Image.fromarray(pixels)
        pen = ImageDraw.Draw(image, "RGBA")
        for number, face in faces:
            prefix = f"{number}: " if self._with_numbers else ""
            draw_face(pen, image.size, face, self._names, prefix=prefix)
        return np.asarray(image)

    def _fitted(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Bring a frame to the size of the first."""
        height, width = pixels.shape[:2]
        size = (self._stream.height, self._stream.width)
        if (height, width) == size:
            return pixels
        if (height + height % 2, width + width % 2) == size:
            edges = ((0, height % 2), (0, width % 2), (0, 0))
            return np.pad(pixels, edges, mode="edge")
        from PIL import Image

        return np.asarray(Image.fromarray(pixels).resize(size[::-1]))


def check_video_name(path: Path) -> None:
    """Refuse a name that is none of a video that can be written.

    Raises
    ------
    VideoError
        If it ends otherwise than with one of `FORMATS`.
    """
    if path.suffix.lower() not in FORMATS:
        raise VideoError(
            f"{path}: expected a name that ends with {', '.join(FORMATS)}, as that of a video."
        )
