"""Rows of what the faces in a video show."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PIL import Image

from ferclassifier import analyze_video, predict_photos, read_video
from ferclassifier.exceptions import UnknownModelError, VideoError
from ferclassifier.photos._model import open_model
from video_files import hopper, other_person, scene, write_video

ONE, OTHER = hopper(150), other_person(140)
KEYS = [
    *("time", "frame", "face", "left", "top", "right", "bottom", "detection"),
    *("emotion", "probability", "happy", "sad"),
]


class Flickering:
    """Says now this, now that, of every face."""

    classes = ["happy", "sad"]
    image_shape = (48, 48, 1)

    def __init__(self) -> None:
        self.n_calls = 0

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        self.n_calls += 1
        happy = 0.7 if self.n_calls % 2 else 0.2
        return np.tile([happy, 1 - happy], (len(images), 1))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """First one, then two, and nobody at the end: each when faces are searched for, after 0.2 s."""
    pictures = [scene((ONE, 60, 60))] * 6 + [scene((ONE, 60, 60), (OTHER, 400, 60))] * 4
    return write_video(tmp_path_factory.mktemp("video") / "film.mp4", [*pictures, *[scene()] * 3])


def test_a_row_for_each_face_in_each_frame(film: Path, onnx_model: Path) -> None:
    rows = list(analyze_video(film, onnx_model))
    assert [list(row) for row in rows] == [KEYS] * len(rows)
    assert [row["frame"] for row in rows] == [0, 1, 2, 3, 4, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 11, 12]
    assert [row["face"] for row in rows] == [0] * 6 + [0, 1] * 4 + [None] * 3
    assert [row["time"] for row in rows[:3]] == [0.0, 0.1, 0.2]
    for row in rows[:-3]:
        assert 0.6 < row["detection"] <= 1
        assert row["probability"] == row[row["emotion"]] == max(row["happy"], row["sad"])
        assert row["happy"] + row["sad"] == pytest.approx(1, abs=1e-5)
        assert 0 <= row["left"] < row["right"] <= 640
        assert 0 <= row["top"] < row["bottom"] <= 360
    assert rows[-1] == dict.fromkeys(KEYS) | {"time": 1.2, "frame": 12}


def test_expressions_are_smoothed_unless_that_is_switched_off() -> None:
    pictures = [scene((ONE, 60, 60))] * 24

    def flips(**options: float) -> int:
        rows = analyze_video(iter(pictures), Flickering(), **options)  # type: ignore[arg-type]
        emotions = [row["emotion"] for row in rows]
        return sum(a != b for a, b in pairwise(emotions[12:]))

    assert flips(half_life=0) == 11
    assert flips() == 0


def test_without_tracking_faces_are_numbered_in_each_frame() -> None:
    pictures = [scene((OTHER, 60, 60)), scene((OTHER, 60, 60), (hopper(200), 380, 60))]
    model = Flickering()
    rows = list(analyze_video(pictures, model, track=False))
    assert [(row["frame"], row["face"]) for row in rows] == [(0, 0), (1, 0), (1, 1)]
    assert rows[1]["left"] > 300  # the larger one comes first
    assert_allclose([row["happy"] for row in rows], [0.7, 0.2, 0.2])


def test_frames_are_read_as_rows_are_asked_for(onnx_model: Path) -> None:
    read = []

    def source() -> Iterator[np.ndarray]:
        for i in range(100):
            read.append(i)
            yield scene((ONE, 60, 60))

    with analyze_video(source(), onnx_model) as analysis:
        next(analysis)
        assert len(read) < 5
        assert analysis.thumbnails[0].shape == (64, 64, 3)
    assert list(analysis) == []


def test_an_early_end_lets_go_of_the_file(film: Path, onnx_model: Path) -> None:
    analysis = analyze_video(film, onnx_model)
    next(analysis)
    analysis.close()
    assert list(analysis) == []


def test_the_model_sees_what_predict_photos_would(film: Path, tmp_path: Path) -> None:
    first = next(read_video(film))
    Image.fromarray(first.pixels).save(tmp_path / "frame.png")
    (photo,) = predict_photos(tmp_path / "frame.png", "tiny")
    row = next(analyze_video(film, "tiny"))
    classes = open_model("tiny").classes
    assert list(row)[10:] == classes
    assert row["emotion"] == photo["emotion"]
    # Faces of other sizes are searched for, and so the box is not quite the same.
    assert_allclose([row[c] for c in classes], [photo[c] for c in classes], atol=0.15)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"search_every": 0}, "search_every"),
        ({"half_life": -1}, "half_life"),
        ({"threshold": 1}, "threshold"),
        ({"min_size": 1.5}, "min_size"),
        ({"every": -0.2}, "every"),
    ],
)
def test_parameters_are_checked_at_once(
    options: dict[str, float], words: str, film: Path, onnx_model: Path
) -> None:
    with pytest.raises(ValueError, match=words):
        analyze_video(film, onnx_model, **options)  # type: ignore[arg-type]


def test_a_model_that_does_not_exist(film: Path) -> None:
    with pytest.raises(UnknownModelError, match="nobody"):
        analyze_video(film, "nobody")


def test_a_damaged_file_is_told_when_it_is_read(tmp_path: Path, onnx_model: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film" * 100)
    with pytest.raises(VideoError, match=r"film\.mp4"):
        next(analyze_video(tmp_path / "film.mp4", onnx_model))
