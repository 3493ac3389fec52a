"""What a detector finds in a photo: boxes, landmarks and scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import count

# The landmarks of a face, in their order; right and left are those of the person.
LANDMARKS = ("right eye", "left eye", "nose", "mouth", "right ear", "left ear")


class Face(NamedTuple):
    """A face in a photo.

    Attributes
    ----------
    box : tuple of (left, top, right, bottom), float
        In pixels of the photo; it may reach beyond its edges.
    landmarks : ndarray of shape (6, 2), float32
        x and y of the right eye, the left eye, the tip of the nose, the middle of the mouth and
        both ears, right and left being those of the person. NaN where the detector gives none.
    score : float
        In [0, 1]: how sure the detector is that this is a face.

    Examples
    --------
    >>> import numpy as np
    >>> from ferclassifier.faces import Face
    >>> left, top, right, bottom = Face((20.0, 10.0, 80.0, 90.0), np.zeros((6, 2)), 0.9).box
    >>> right - left, bottom - top
    (60.0, 80.0)
    """

    box: tuple[float, float, float, float]
    landmarks: NDArray[np.float32]
    score: float


class Faces(NamedTuple):
    """The faces in a photo, the largest first.

    Attributes
    ----------
    boxes : ndarray of shape (n, 4), float32
        Left, top, right and bottom in pixels of the photo, from the left and the top of it. A box
        may reach beyond its edges.
    landmarks : ndarray of shape (n, 6, 2), float32
        x and y of the right eye, the left eye, the tip of the nose, the middle of the mouth and
        both ears, right and left being those of the person. NaN where the detector gives none.
    scores : ndarray of shape (n,), float32
        In [0, 1]: how sure the detector is that these are faces.

    Examples
    --------
    >>> from ferclassifier import detect_faces, make_faces
    >>> (drawn,), _ = make_faces(1, random_state=0)
    >>> faces = detect_faces(drawn)
    >>> faces.boxes.shape, faces.landmarks.shape, faces.scores.shape
    ((1, 4), (1, 6, 2), (1,))
    """

    boxes: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    scores: NDArray[np.float32]

    @classmethod
    def none(cls) -> Faces:
        """Return no faces."""
        return cls(
            np.empty((0, 4), np.float32),
            np.empty((0, len(LANDMARKS), 2), np.float32),
            np.empty(0, np.float32),
        )

    @classmethod
    def joined(cls, found: Sequence[Faces]) -> Faces:
        """Put the faces of several looks one after another."""
        if not found:
            return cls.none()
        return cls(*(np.concatenate(parts) for parts in zip(*found, strict=True)))

    def rows(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Faces:
        """Return some of the faces, in this order."""
        return Faces(self.boxes[chosen], self.landmarks[chosen], self.scores[chosen])

    def largest_first(self) -> Faces:
        """Order the faces by the areas of their boxes."""
        sides = self.boxes[:, 2:] - self.boxes[:, :2]
        return self.rows(np.argsort(-sides.prod(axis=1), kind="stable"))

    def moved(self, scale: tuple[float, float], offset: tuple[float, float] = (0, 0)) -> Faces:
        """Multiply all x and y by these, and add those."""
        by, to = np.asarray(scale, np.float32), np.asarray(offset, np.float32)
        boxes = self.boxes.reshape(-1, 2, 2) * by + to
        return Faces(boxes.reshape(-1, 4), self.landmarks * by + to, self.scores)

    def turned_back(self, quarters: int, width: int, height: int) -> Faces:
        """Bring what was found in `numpy.rot90(photo, quarters)` to a photo of this size."""
        boxes = self.boxes.reshape(-1, 2, 2)
        boxes, landmarks = (_turned_back(xy, quarters, width, height) for xy in (boxes, self[1]))
        corners = np.concatenate([boxes.min(axis=1), boxes.max(axis=1)], axis=1)
        return Faces(corners, landmarks, self.scores)

    def one(self, i: int) -> Face:
        """Return one of the faces."""
        left, top, right, bottom = self.boxes[i].tolist()
        return Face((left, top, right, bottom), self.landmarks[i], float(self.scores[i]))

    def __repr__(self) -> str:
        return f"<Faces: {count(len(self.scores), 'face')} found>"

    def _repr_html_(self) -> str:
        """Show boxes and scores as a table in a notebook, a row for each face."""
        names = ("left", "top", "right", "bottom", "score")
        head = "".join(f"<th>{name}</th>" for name in ("face", *names))
        body = ""
        for number, (box, score) in enumerate(zip(self.boxes, self.scores, strict=True)):
            sides = "".join(f"<td>{side:.0f}</td>" for side in box)
            body += f"<tr><th>{number}</th>{sides}<td>{score:.2f}</td></tr>"
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _turned_back(
    places: NDArray[np.float32], quarters: int, width: int, height: int
) -> NDArray[np.float32]:
    """Turn places in a picture that was turned counterclockwise by so many quarters."""
    x, y = places[..., 0], places[..., 1]
    quarters %= 4
    if quarters == 1:
        x, y = width - y, x
    elif quarters == 2:
        x, y = width - x, height - y
    elif quarters == 3:
        x, y = y, height - x
    return np.stack([x, y], axis=-1)
