"""Several detections of one face become one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ferclassifier.faces._faces import Faces

# Two boxes are of one face if their intersection is this share of their union, as in MediaPipe, or
# that share of the smaller one: a tile sees a part of a face as a small face.
_SAME_UNION = 0.3
_SAME_PART = 0.65
# Boxes as near to the best as this are averaged with it.
_NEAR = 0.5


def suppressed(faces: Faces) -> Faces:
    """Leave one detection of each face, a mean of those that lie near the best, by their scores.

    Parameters
    ----------
    faces : Faces
        In any order.

    Returns
    -------
    Faces
        By their scores, the best first.

    Notes
    -----
    This is the weighted non-maximum suppression of BlazeFace (arXiv:1907.05047).
    """
    faces = faces.rows(np.argsort(-faces.scores, kind="stable"))
    left = np.ones(len(faces.scores), dtype=bool)
    kept = []
    for i in range(len(left)):
        if not left[i]:
            continue
        union, part = overlaps(faces.boxes[i], faces.boxes)
        same = left & ((union > _SAME_UNION) | (part > _SAME_PART))
        left &= ~same
        left[i] = False
        near = same & (union > _NEAR)
        near[i] = True
        kept.append(_mean(faces.rows(near), faces.scores[i]))
    return Faces.joined(kept)


def overlaps(
    box: NDArray[np.float32], boxes: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return intersections of one box with others, by the union and by the smaller of each two."""
    top_left = np.maximum(box[:2], boxes[:, :2])
    bottom_right = np.minimum(box[2:], boxes[:, 2:])
    shared = np.clip(bottom_right - top_left, 0, None).prod(axis=1)
    areas = np.clip(boxes[:, 2:] - boxes[:, :2], 1e-6, None).prod(axis=1)
    area = np.clip(box[2:] - box[:2], 1e-6, None).prod()
    return shared / (areas + area - shared), shared / np.minimum(areas, area)


def _mean(faces: Faces, score: float) -> Faces:
    weights = faces.scores / faces.scores.sum()
    return Faces(
        np.einsum("n,ni->i", weights, faces.boxes)[None],
        np.einsum("n,nij->ij", weights, faces.landmarks)[None],
        np.array([score], np.float32),
    )
