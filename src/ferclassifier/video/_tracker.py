"""Follow faces from frame to frame, so that each keeps its number."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier.faces import _search
from ferclassifier.faces._faces import Face, Faces
from ferclassifier.faces._suppression import overlaps
from ferclassifier.video._appearance import appearance_of, likeness
from ferclassifier.video._reading import VideoFrame

if TYPE_CHECKING:
    from PIL import Image

# Whatever the number of frames between two searches, no more seconds are.
_LONGEST_WITHOUT_SEARCH = 0.2
# Two boxes that overlap so much are of one face.
_SAME_PLACE = 0.4
# One head may hide a part of another if boxes that are so many times as large touch.
_HEAD = 2.3
# A face that is found may be one that was known: where it is expected, with this overlap, if it
# looks a little like it, or anywhere else if it looks very much like it.
_OVERLAP, _LIKE_ENOUGH, _VERY_ALIKE = 0.2, 0.45, 0.8
# And it is no more than so many times as large, or as small.
_GROWTH = 2.0
# The speed of a face is that of its last so many seconds, in which a wrong place counts little.
_SPEED_FROM = 0.6
# A face that looks less like itself is half hidden.
_CLEAR = 0.9
# What the last look at a face counts, for what is known of its looks.
_OF_LOOKS = 0.2
# A new face at the edge of another may be half of a known one. It gets a number once it has been
# there for so many seconds.
_DOUBT = 0.5
_IMPOSSIBLE = 1e6


class TrackedFace(NamedTuple):
    """A face in a frame.

    Attributes
    ----------
    number : int
        From 0; the same in all frames in which it is the same face.
    face : Face
        Its score is that of the last time when faces were searched for.
    """

    number: int
    face: Face


@dataclass
class _Track:
    """What is known of a face: where it was when it was last seen, how it moves and looks."""

    number: int
    face: Face
    time: float
    looks: NDArray[np.float32]
    _clear: deque[tuple[float, NDArray[np.float32]]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.see(self.face, self.time)

    def expected(self, time: float) -> NDArray[np.float32]:
        """Return the box where it should be by now, as far as it could be seen in full."""
        since, box = self._clear[-1]
        return box + np.tile(self._speed() * (time - since), 2)

    def see(self, face: Face, time: float, *, is_clear: bool = True) -> None:
        """Note where it is; a face that is half hidden says nothing of its speed."""
        self.face, self.time = face, time
        if not is_clear:
            return
        self._clear.append((time, np.asarray(face.box, np.float32)))
        while self._clear[0][0] < time - _SPEED_FROM:
            self._clear.popleft()

    def _speed(self) -> NDArray[np.float32]:
        """Return pixels a second, x and y, of the line through its last places."""
        times = np.array([time for time, _ in self._clear], np.float32)
        places = np.array([_middle(box) for _, box in self._clear], np.float32)
        times -= times.mean()
        spread = float((times**2).sum())
        if not spread:
            return np.zeros(2, np.float32)
        return np.asarray(times @ (places - places.mean(axis=0)) / spread, np.float32)


class FaceTracker:
    """Follows faces from frame to frame.

    Every few frames faces are searched for in all of the frame. In between, each is looked for
    where its motion should have brought it. Where one hides another, it is the one that looks
    like it; the other goes on as it moved, and is known again by its place or its looks.

    Parameters
    ----------
    search_every : int, default=5
        Frames from one search to the next, which is never more than 0.2 s later.
    min_size : int, default=None
        The side of the smallest face to be found, in pixels; None takes a tenth of the shorter
        side of the frame, and at least 20.
    threshold : float, default=0.6
        The least score of a face that is new.
    memory : float, default=1.5
        Seconds for which a face that is gone keeps its number.
    """

    def __init__(
        self,
        *,
        search_every: int = 5,
        min_size: int | None = None,
        threshold: float = 0.6,
        memory: float = 1.5,
    ) -> None:
        self._search_every = search_every
        self._min_size = min_size
        self._threshold = threshold
        self._memory = memory
        self._tracks: list[_Track] = []
        self._n_faces = 0
        self._doubts: list[tuple[float, NDArray[np.float32]]] = []
        self._frames_since = 0
        self._searched: float | None = None

    def update(self, frame: VideoFrame) -> list[TrackedFace]:
        """Return the faces of the next frame, in the order of their numbers.

        Parameters
        ----------
        frame : VideoFrame
            Later than the one before.
        """
        from PIL import Image

        image = Image.fromarray(frame.pixels)
        self._tracks = [track for track in self._tracks if frame.time - track.time <= self._memory]
        self._frames_since += 1
        if self._is_search_due(frame.time):
            self._frames_since, self._searched = 0, frame.time
            least = self._least(image)
            self._recognise(frame, _search.faces_in(image, least, self._threshold), least)
        else:
            self._follow(frame, image)
        seen = [track for track in self._tracks if track.time == frame.time]
        return [TrackedFace(t.number, t.face) for t in sorted(seen, key=lambda t: t.number)]

    def _is_search_due(self, time: float) -> bool:
        return (
            self._searched is None
            or self._frames_since >= self._search_every
            or time - self._searched > _LONGEST_WITHOUT_SEARCH - 1e-6
        )

    def _least(self, image: Image.Image) -> int:
        return max(20, min(image.size) // 10) if self._min_size is None else self._min_size

    def _recognise(self, frame: VideoFrame, found: Faces, least: int) -> None:
        """Say which of the faces that were found are known, and give new numbers to the others."""
        sides = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0)
        found = found.rows(sides >= least).largest_first()
        faces = [found.one(i) for i in range(len(found.scores))]
        looks = [appearance_of(frame.pixels, face) for face in faces]
        of_track = self._matched(frame.time, faces, looks)
        doubts: list[tuple[float, NDArray[np.float32]]] = []
        for i, (face, look) in enumerate(zip(faces, looks, strict=True)):
            if (track := of_track.get(i)) is not None:
                is_clear = likeness(look, track.looks) > _CLEAR
                track.see(face, frame.time, is_clear=is_clear)
                if is_clear or not _touching(i, found.boxes):
                    track.looks = _mixed(track.looks, look)
                continue
            since = self._doubted_since(found.boxes[i], frame.time)
            if _touching(i, found.boxes) and frame.time - since < _DOUBT:
                doubts.append((since, found.boxes[i]))
                continue
            self._tracks.append(_Track(self._n_faces, face, frame.time, look))
            self._n_faces += 1
        self._doubts = doubts

    def _doubted_since(self, box: NDArray[np.float32], time: float) -> float:
        """Return when something was first seen at a place that is in doubt."""
        for since, place in self._doubts:
            if overlaps(box, place[None])[0][0] > _OVERLAP:
                return since
        return time

    def _matched(
        self, time: float, faces: list[Face], looks: list[NDArray[np.float32]]
    ) -> dict[int, _Track]:
        """Deal out the faces among the tracks so that all together fit best."""
        if not faces or not self._tracks:
            return {}
        from scipy.optimize import linear_sum_assignment

        costs = np.full((len(faces), len(self._tracks)), _IMPOSSIBLE)
        for j, track in enumerate(self._tracks):
            expected = track.expected(time)
            for i, (face, look) in enumerate(zip(faces, looks, strict=True)):
                costs[i, j] = _cost(np.asarray(face.box, np.float32), look, expected, track.looks)
        rows, columns = linear_sum_assignment(costs)
        return {
            i: self._tracks[j]
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
            if costs[i, j] < _IMPOSSIBLE
        }

    def _follow(self, frame: VideoFrame, image: Image.Image) -> None:
        """Look for each face that was there in the frame before."""
        newest = max((track.time for track in self._tracks), default=0.0)
        seen: list[tuple[_Track, Face]] = []
        for track in self._tracks:
            if track.time < newest:
                continue  # it is for the search to find it again
            found = _search.follow(image, track.expected(frame.time))
            if found is not None:
                face = found.one(0)._replace(score=track.face.score)
                seen.append((track, face))
        for track, face, is_clear in _themselves(seen, frame.pixels):
            track.see(face, frame.time, is_clear=is_clear)


def _themselves(
    seen: list[tuple[_Track, Face]], pixels: NDArray[np.uint8]
) -> Iterator[tuple[_Track, Face, bool]]:
    """Leave out tracks that have come to another face, and say which others are in the clear.

    It may be one that hides theirs, or one in its place after a cut.
    """
    boxes = np.array([face.box for _, face in seen], np.float32).reshape(-1, 4)
    looks: dict[int, NDArray[np.float32]] = {}

    def alike(i: int, j: int) -> float:
        """Say how much the face that track i has come to looks like the face of track j."""
        if i not in looks:
            looks[i] = appearance_of(pixels, seen[i][1])
        return likeness(looks[i], seen[j][0].looks)

    for i, (track, face) in enumerate(seen):
        if alike(i, i) < _LIKE_ENOUGH:
            continue
        touching = _touching(i, boxes)
        if any(alike(i, j) > alike(i, i) for j in touching):
            continue
        # Of two that have come to one face, which looks like both, it stays with the likelier.
        union, _ = overlaps(boxes[i], boxes)
        if any(alike(i, i) < alike(j, j) for j in touching if union[j] > _SAME_PLACE):
            continue
        yield track, face, alike(i, i) > _CLEAR


def _touching(i: int, boxes: NDArray[np.float32]) -> list[int]:
    """Return which heads touch the head of a face."""
    middles, halves = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    heads = np.concatenate([middles - _HEAD * halves, middles + _HEAD * halves], axis=1)
    union, _ = overlaps(heads[i], heads)
    return [j for j in np.flatnonzero(union > 0).tolist() if j != i]


def _mixed(known: NDArray[np.float32], new: NDArray[np.float32]) -> NDArray[np.float32]:
    mixed = (1 - _OF_LOOKS) * known + _OF_LOOKS * new
    return (mixed / max(float(np.linalg.norm(mixed)), 1e-6)).astype(np.float32)


def _cost(
    box: NDArray[np.float32],
    looks: NDArray[np.float32],
    expected: NDArray[np.float32],
    known: NDArray[np.float32],
) -> float:
    """Say how badly a face fits a track; `_IMPOSSIBLE` if it is another one."""
    side, known_side = (float((b[2:] - b[:2]).max()) for b in (box, expected))
    if not 1 / _GROWTH < side / max(known_side, 1e-6) < _GROWTH:
        return _IMPOSSIBLE
    alike = likeness(looks, known)
    overlap = float(overlaps(box, expected[None])[0][0])
    is_near = overlap > _OVERLAP and alike > _LIKE_ENOUGH
    if not is_near and alike < _VERY_ALIKE:
        return _IMPOSSIBLE
    distance = float(np.linalg.norm(_middle(box) - _middle(expected))) / side
    return min(distance, 2.0) + 2 * (1 - alike)


def _middle(box: NDArray[np.float32] | tuple[float, ...]) -> NDArray[np.float32]:
    left, top, right, bottom = box
    return np.array([(left + right) / 2, (top + bottom) / 2], np.float32)
