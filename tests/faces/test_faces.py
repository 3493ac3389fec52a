"""What was found: order, and coordinates in a photo that was moved or turned."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ferclassifier.faces import Faces


@pytest.fixture
def faces() -> Faces:
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 50, (3, 2))
    boxes = np.concatenate([corners, corners + np.array([(5, 6), (20, 30), (9, 9)])], axis=1)
    landmarks = rng.uniform(0, 80, (3, 6, 2))
    scores = np.array([0.9, 0.7, 0.8])
    return Faces(*(part.astype(np.float32) for part in (boxes, landmarks, scores)))


def test_the_largest_comes_first(faces: Faces) -> None:
    assert_allclose(faces.largest_first().scores, [0.7, 0.8, 0.9])


@pytest.mark.parametrize("quarters", [0, 1, 2, 3, 4])
def test_what_is_found_in_a_turned_photo_is_brought_back(faces: Faces, quarters: int) -> None:
    """A pixel that is set shows where places are."""
    height, width = 90, 110
    for (x, y), found in zip(faces.landmarks[0], range(6), strict=True):
        photo = np.zeros((height, width))
        photo[int(y), int(x)] = 1
        row, column = np.argwhere(np.rot90(photo, quarters))[0]
        turned = faces._replace(landmarks=np.full_like(faces.landmarks, (column + 0.5, row + 0.5)))
        back = turned.turned_back(quarters, width, height).landmarks[0, found]
        assert_allclose(back, (int(x) + 0.5, int(y) + 0.5))


def test_a_turned_box_stays_a_box(faces: Faces) -> None:
    back = faces.turned_back(1, 110, 90)
    sides, sides_back = (f.boxes[:, 2:] - f.boxes[:, :2] for f in (faces, back))
    assert_allclose(sides_back, sides[:, ::-1], rtol=1e-5)


def test_faces_are_moved(faces: Faces) -> None:
    moved = faces.moved((2, 3), (10, 20))
    assert_allclose(moved.boxes[0], faces.boxes[0] * [2, 3, 2, 3] + [10, 20, 10, 20], rtol=1e-6)
    assert_allclose(moved.landmarks, faces.landmarks * [2, 3] + [10, 20], rtol=1e-6)


def test_no_faces_have_the_shapes_of_many() -> None:
    none = Faces.joined([])
    assert (none.boxes.shape, none.landmarks.shape, none.scores.shape) == ((0, 4), (0, 6, 2), (0,))
    assert len(none.largest_first().moved((2, 2)).turned_back(1, 5, 5).scores) == 0


def test_one_face(faces: Faces) -> None:
    face = faces.one(1)
    assert_allclose(face.box, faces.boxes[1])
    assert face.score == pytest.approx(0.7)
    assert face.landmarks.shape == (6, 2)


def test_a_notebook_shows_a_row_for_each_face(faces: Faces) -> None:
    shown = faces._repr_html_()
    rows = shown.split("<tr>")[2:]
    assert len(rows) == len(faces.scores)
    left, top, *_ = faces.boxes[0]
    assert f"<td>{left:.0f}</td><td>{top:.0f}</td>" in rows[0]
    assert f"<td>{faces.scores[0]:.2f}</td>" in rows[0]
