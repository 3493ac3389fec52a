"""A face keeps its number, and another face gets another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from ferclassifier.video._reading import VideoFrame
from ferclassifier.video._tracker import FaceTracker
from video_files import hopper, other_person, scene

RATE = 15
ONE, OTHER = hopper(150), other_person(140)


def frames(pictures: Iterable[np.ndarray]) -> Iterator[VideoFrame]:
    for index, pixels in enumerate(pictures):
        yield VideoFrame(index / RATE, index, pixels)


def numbers(pictures: Iterable[np.ndarray]) -> list[dict[int, float]]:
    """Return the middle of each face, left to right, by its number, in every frame."""
    tracker = FaceTracker()
    return [
        {number: (face.box[0] + face.box[2]) / 2 for number, face in tracker.update(frame)}
        for frame in frames(pictures)
    ]


@pytest.fixture(scope="module")
def crossing() -> list[dict[int, float]]:
    """Two people walk past each other; the one in front goes to the right."""
    n = 45
    return numbers(
        scene((OTHER, round(430 - 380 * i / n), 70), (ONE, round(20 + 420 * i / n), 60))
        for i in range(n)
    )


def test_two_faces_that_cross(crossing: list[dict[int, float]]) -> None:
    assert set().union(*crossing) == {0, 1}
    left_first = min(crossing[0], key=crossing[0].__getitem__)
    right_first = 1 - left_first
    assert crossing[-1][left_first] > 400 > 250 > crossing[-1][right_first]


def test_in_between_one_is_hidden(crossing: list[dict[int, float]]) -> None:
    assert min(map(len, crossing)) == 1
    for seen in crossing:
        places = list(seen.values())
        assert len(places) == 1 or abs(places[0] - places[1]) > 10


def test_every_frame_has_the_face_that_is_there() -> None:
    seen = numbers(scene((ONE, 100 + 4 * i, 60)) for i in range(20))
    assert [list(found) for found in seen] == [[0]] * 20
    places = [found[0] for found in seen]
    np.testing.assert_allclose(np.diff(places), 4, atol=3.5)


@pytest.mark.parametrize("place", [60, 380])
def test_one_that_leaves_and_returns_within_a_second(place: int) -> None:
    there = [scene((ONE, 60, 60), (OTHER, 240, 60))] * 8
    alone = [scene((OTHER, 240, 60))] * 12
    back = [scene((ONE, place, 60), (OTHER, 240, 60))] * 8
    seen = numbers(there + alone + back)
    assert set(seen[0]) == set(seen[-1]) == {0, 1}
    by_place = min(seen[0], key=seen[0].__getitem__)
    assert abs(seen[-1][by_place] - seen[0][by_place] - (place - 60)) < 12
    assert by_place not in seen[15]


def test_one_that_stays_away_is_another_one_later() -> None:
    seen = numbers([scene((ONE, 60, 60))] * 5 + [scene()] * 26 + [scene((ONE, 60, 60))] * 5)
    assert (list(seen[0]), seen[20], list(seen[-1])) == ([0], {}, [1])


def test_another_person_in_the_same_place() -> None:
    seen = numbers([scene((ONE, 200, 60))] * 6 + [scene((OTHER, 203, 65))] * 6)
    assert list(seen[0]) == [0]
    assert list(seen[-1]) == [1]


def test_faces_are_searched_for_again_after_a_fifth_of_a_second() -> None:
    tracker = FaceTracker(search_every=1000)
    pictures = [scene()] + [scene((ONE, 200, 60))] * 2
    moments = [0.0, 0.1, 0.3]
    found = [
        tracker.update(VideoFrame(time, i, pixels))
        for i, (time, pixels) in enumerate(zip(moments, pictures, strict=True))
    ]
    assert [len(faces) for faces in found] == [0, 0, 1]


def test_small_faces_are_asked_for() -> None:
    small = scene((hopper(70), 300, 100))
    assert not FaceTracker().update(VideoFrame(0.0, 0, small))
    assert len(FaceTracker(min_size=20).update(VideoFrame(0.0, 0, small))) == 1
