"""The expressions of the faces in a video, from frame to frame."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np

from ferclassifier._utils.counts import check_count, is_number
from ferclassifier._utils.wording import quoted
from ferclassifier.faces._detector import THRESHOLD
from ferclassifier.faces._frames import cut, frame_of
from ferclassifier.images._decoder import MAX_PIXELS
from ferclassifier.photos._model import Model, ModelLike, open_model
from ferclassifier.photos._rows import FoundFace
from ferclassifier.video._reading import VideoFrame, read_video
from ferclassifier.video._rows import SeenFace, rows_of
from ferclassifier.video._smoothing import Smoother
from ferclassifier.video._source import VideoSource
from ferclassifier.video._thumbnails import Thumbnails
from ferclassifier.video._tracker import FaceTracker, TrackedFace

if TYPE_CHECKING:
    from typing import Self

    from ferclassifier.video._timeline import VideoTimeline

# Seconds for which a face that is gone keeps its number.
_MEMORY = 1.5
# Smoothed values of faces that are gone are let go of so often.
_FORGET_EVERY = 100


def analyze_video(
    source: VideoSource,
    model: ModelLike = "plus",
    *,
    every: float | None = None,
    start: float = 0.0,
    stop: float | None = None,
    search_every: int = 5,
    track: bool = True,
    half_life: float = 0.2,
    min_size: int | None = None,
    threshold: float = THRESHOLD,
    max_pixels: int = MAX_PIXELS,
) -> VideoAnalysis:
    """Follow the faces in a video, and predict their expressions, in memory that does not grow.

    Parameters
    ----------
    source : str, path, int, or iterable of ndarray
        As for :func:`read_video`: a file, an address, a camera, or frames.
    model : str, path, or fitted classifier, default="plus"
        As for :func:`~ferclassifier.predict_photos`.
    every : float, default=None
        Seconds between the frames that are looked at; None takes all.
    start : float, default=0.0
        The first moment of interest, in seconds.
    stop : float, default=None
        The last one.
    search_every : int, default=5
        Frames from one search for faces to the next, which is never more than 0.2 s later. In
        between, those that are known are looked for where they should be.
    track : bool, default=True
        Give a face the same number in all frames. Otherwise faces are searched for in every frame,
        and numbered from 0 in each, the largest first.
    half_life : float, default=0.2
        Seconds after which a moment counts half in the mean that a face's probabilities are; 0
        leaves them as they are in the frame. It needs `track`, and is 0 without.
    min_size : int, default=None
        The side of the smallest face to be found, in pixels; None takes a tenth of the shorter
        side of the frame. Smaller ones take longer to search for.
    threshold : float, default=0.6
        The least score of a face, between 0 and 1.
    max_pixels : int, default=50000000
        A video whose frames have more pixels is refused.

    Returns
    -------
    VideoAnalysis
        An iterator over rows, see there; `timeline()` reads all of them.

    Raises
    ------
    VideoError
        A ValueError: if there is no video in `source`, or it cannot be read. It is raised when the
        first row is asked for.
    OSError
        If there is no such file.
    UnknownModelError, ModelFileError
        ValueErrors: if there is no such model, or its file is damaged.
    ImportError
        If PyAV is missing; ``pip install "ferclassifier[video]"`` brings it.
    ValueError
        If a parameter is none of the above.

    Examples
    --------
    >>> import numpy as np
    >>> from ferclassifier import analyze_video
    >>> frames = np.zeros((30, 120, 160, 3), np.uint8)  # or "talk.mp4"; nobody is in these
    >>> timeline = analyze_video(frames, every=0.2).timeline()
    >>> len(timeline.summary())
    0
    """
    check_count(search_every, "search_every", least=1)
    if min_size is not None:
        check_count(min_size, "min_size", least=1)
    if not is_number(threshold) or not 0 < threshold < 1:
        raise ValueError(f"Got threshold={quoted(threshold)}, but expected more than 0, below 1.")
    if not is_number(half_life) or not 0 <= half_life < float("inf"):
        raise ValueError(f"Got half_life={quoted(half_life)}, but expected seconds from 0 on.")
    frames = read_video(source, every=every, start=start, stop=stop, max_pixels=max_pixels)
    tracker = FaceTracker(
        search_every=search_every if track else 1,
        min_size=min_size,
        threshold=threshold,
        memory=_MEMORY if track else 0.0,
    )
    smoother = Smoother(half_life if track else 0.0)
    return VideoAnalysis(frames, open_model(model), tracker, smoother, tracks=track)


class VideoAnalysis(Iterator[dict[str, Any]]):
    """Rows of what the faces in a video show, as the video is read.

    :func:`analyze_video` makes it. Each row is a dict, one for each face in a frame, and one for a
    frame without a face:

    - "time": float, when the frame is shown, in seconds from the start of the video.
    - "frame": int, the number of the frame as :func:`read_video` counts.
    - "face": int, from 0, the same in all frames; None if there is no face.
    - "left", "top", "right", "bottom": int, the box in pixels of the upright frame.
    - "detection": float in [0, 1], how sure it is that this is a face, when faces were last
      searched for.
    - "emotion": the most probable class; None if there is no face.
    - "probability": float in [0, 1], of that class.
    - one for each class: float in [0, 1], its probability.

    Attributes
    ----------
    classes : list of str or number
        Of the model, in the order of the columns.
    thumbnails : dict of int to ndarray of shape (64, 64, 3), uint8
        A picture of each of the first hundred faces, by its number, as far as the video was read.

    Examples
    --------
    >>> import numpy as np
    >>> from ferclassifier import analyze_video
    >>> frames = np.zeros((3, 120, 160, 3), np.uint8)
    >>> [row["face"] for row in analyze_video(frames, model="tiny")]  # nobody is in them
    [None, None, None]
    """

    def __init__(
        self,
        frames: Generator[VideoFrame, None, None],
        model: Model,
        tracker: FaceTracker,
        smoother: Smoother,
        *,
        tracks: bool = True,
    ) -> None:
        self._frames, self._model = frames, model
        self._tracker, self._smoother, self._tracks = tracker, smoother, tracks
        self._thumbnails = Thumbnails()
        self._rows = self._all_rows()
        self.classes = list(model.classes)

    @property
    def thumbnails(self) -> dict[int, Any]:
        return self._thumbnails.of_face

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> dict[str, Any]:
        return next(self._rows)

    def close(self) -> None:
        """Close the file or the camera before the end."""
        self._rows.close()
        self._frames.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def timeline(self) -> VideoTimeline:
        """Read all rows that are left, and return what there is to see in them.

        Returns
        -------
        VideoTimeline
        """
        from ferclassifier.video._timeline import VideoTimeline

        return VideoTimeline.from_rows(self, classes=self.classes, thumbnails=self.thumbnails)

    def _all_rows(self) -> Generator[dict[str, Any], None, None]:
        for frame, faces in self.frames():
            yield from rows_of(frame.time, frame.number, faces, self.classes)

    def frames(self) -> Iterator[tuple[VideoFrame, list[SeenFace]]]:
        """Yield the frames themselves instead of rows, each with its faces."""
        with closing(self._frames):
            for n, frame in enumerate(self._frames):
                tracked = self._tracker.update(frame)
                yield frame, self._asked(frame, tracked)
                if n % _FORGET_EVERY == 0:
                    self._smoother.forget(frame.time - 10 * _MEMORY)

    def _asked(self, frame: VideoFrame, tracked: list[TrackedFace]) -> list[SeenFace]:
        if not tracked:
            return []
        height, width, channels = self._model.image_shape
        crops = [
            cut(frame.pixels, frame_of(face), (height, width), channels) for _, face in tracked
        ]
        answers = np.asarray(self._model.predict_proba(np.stack(crops)))
        seen = []
        order = list(range(len(tracked)))
        if not self._tracks:
            order = sorted(order, key=lambda i: -_area(tracked[i].face.box))
        for number, i in enumerate(order):
            face = tracked[i].face
            n = tracked[i].number if self._tracks else number
            shares = self._smoother.smooth(n, frame.time, answers[i])
            self._thumbnails.look(n, face, frame.pixels)
            box = _whole_pixels(face.box, frame.pixels.shape)
            seen.append(SeenFace(n, FoundFace(box, face.score, tuple(shares.tolist()))))
        return seen


def _area(box: tuple[float, float, float, float]) -> float:
    left, top, right, bottom = box
    return (right - left) * (bottom - top)


def _whole_pixels(
    box: tuple[float, float, float, float], shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    height, width = shape[:2]
    left, top, right, bottom = map(round, box)
    return max(left, 0), max(top, 0), min(right, width), min(bottom, height)
