"""One detection is left of each face."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose

from ferclassifier.faces import Faces
from ferclassifier.faces._suppression import suppressed


def faces_at(*boxes: tuple[float, float, float, float], scores: list[float]) -> Faces:
    middles = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in boxes]
    landmarks = np.repeat(np.array(middles, np.float32)[:, None], 6, axis=1)
    return Faces(np.array(boxes, np.float32), landmarks, np.array(scores, np.float32))


def test_detections_of_one_face_are_averaged_by_their_scores() -> None:
    kept = suppressed(faces_at((0, 0, 10, 10), (2, 0, 12, 10), scores=[0.6, 0.9]))
    assert_allclose(kept.boxes, [[1.2, 0, 11.2, 10]], rtol=1e-5)
    assert_allclose(kept.landmarks[0, 0], [6.2, 5], rtol=1e-5)
    assert_allclose(kept.scores, [0.9])


def test_neighbours_stay() -> None:
    kept = suppressed(faces_at((0, 0, 10, 10), (9, 0, 19, 10), scores=[0.6, 0.9]))
    assert_allclose(kept.scores, [0.9, 0.6])


def test_a_part_of_a_face_goes_whichever_score_is_higher() -> None:
    for scores in ([0.6, 0.9], [0.9, 0.6]):
        kept = suppressed(faces_at((0, 0, 30, 30), (10, 10, 20, 20), scores=scores))
        assert len(kept.scores) == 1


def test_nothing_stays_nothing() -> None:
    assert len(suppressed(Faces.none()).scores) == 0
