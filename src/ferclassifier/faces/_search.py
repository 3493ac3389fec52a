"""Look for faces in a photo: where there may be some, and then closely at each of these places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ferclassifier.faces._faces import Faces
from ferclassifier.faces._network import FULL_RANGE, SHORT_RANGE, STEP, Network, probability
from ferclassifier.faces._suppression import overlaps, suppressed
from ferclassifier.faces._tiles import Tile, tiles_of

if TYPE_CHECKING:
    from PIL import Image

# The sizes at which the networks look at a photo: how many times as long as what they were trained on
# its longer side is made. That for the full range finds small faces, that for the short range those
# that fill what it sees, for which there has to be a border around the photo.
_ZOOMS = {FULL_RANGE: (1.0, 1.6, 2.6, 4.2), SHORT_RANGE: (0.65, 1.0, 1.6, 2.6, 4.2, 6.8)}
_ZOOMS_TURNED = {FULL_RANGE: (1.0, 1.6), SHORT_RANGE: (0.65, 1.0, 1.6, 2.6)}
# They find faces from so many of their own pixels on.
_LEAST_PIXELS = 20

# The least score, in log-odds, of a place that is worth a close look, and how many get one at most.
_WORTH_A_LOOK = {FULL_RANGE: -1.6, SHORT_RANGE: -0.5}
_MOST_LOOKS = 100
# A box may reach beyond a tile in which it was found by this share of its side. One that reaches
# further is a part of a face, and another tile holds all of it.
_BEYOND = 0.1

# Close looks: the network, the share of the side of its picture that the box then has, and the
# weight of its log-odds in those of the score. The weights and the last number are a logistic
# regression on faces of FER-2013's training images that were pasted into pictures, and on places in
# pictures without faces.
_CLOSE_LOOKS = ((SHORT_RANGE, 0.45, 2.3), (SHORT_RANGE, 0.6, 2.0), (FULL_RANGE, 0.3, 0.3))
_INTERCEPT = -3.9
# What a network says of a place where it sees nothing, and how well a box has to lie on that of
# before to be the same face.
_NOTHING, _CERTAIN = -6.0, 8.0
_SAME = 0.3


def faces_in(
    image: Image.Image, min_size: float, threshold: float, *, is_turned: bool = False
) -> Faces:
    """Find faces in a photo as it stands.

    Parameters
    ----------
    image : PIL.Image.Image
        In colours.
    min_size : float
        The longer side of the smallest face, in pixels.
    threshold : float
        The least score.
    is_turned : bool, default=False
        Look at it less closely, as at a photo that may be turned.

    Returns
    -------
    Faces
        Each face once, in pixels of the photo.
    """
    zooms = _ZOOMS_TURNED if is_turned else _ZOOMS
    places = suppressed(_places_worth_a_look(image, zooms, min_size))
    seen = [look_closely(image, box) for box in places.boxes[:_MOST_LOOKS]]
    faces = Faces.joined([face for face in seen if face is not None])
    return suppressed(faces.rows(faces.scores >= threshold))


def _places_worth_a_look(
    image: Image.Image, zooms: dict[Network, tuple[float, ...]], min_size: float
) -> Faces:
    found = []
    for network, its_zooms in zooms.items():
        enough = max(image.size) * _LEAST_PIXELS / min_size
        sides = [zoom * network.side for zoom in its_zooms]
        sides = sides[: 1 + sum(side < enough for side in sides)]
        for tile in tiles_of(image, sides, STEP, network.side):
            faces, _ = network.faces_in(tile.pixels, _WORTH_A_LOOK[network])
            whole = faces.rows(~_are_cut(faces, tile))
            found.append(whole.moved(tile.scale, tile.corner))
    faces = Faces.joined(found)
    # A place somewhat smaller may turn out to be large enough.
    return faces.rows(faces.boxes[:, 2] - faces.boxes[:, 0] > 0.8 * min_size)


def _are_cut(found: Faces, tile: Tile) -> NDArray[np.bool_]:
    """Tell which boxes reach beyond an edge of a tile where the photo goes on."""
    sides = np.clip(found.boxes[:, 2:] - found.boxes[:, :2], 1e-6, None)
    height, width = tile.pixels.shape[:2]
    beyond = np.concatenate([-found.boxes[:, :2], found.boxes[:, 2:] - [width, height]], axis=1)
    return ((beyond / np.tile(sides, 2) > _BEYOND) & np.array(tile.cut)).any(axis=1)


def look_closely(image: Image.Image, box: NDArray[np.float32]) -> Faces | None:
    """Say how likely there is a face at a place, and where exactly.

    Parameters
    ----------
    image : PIL.Image.Image
        In colours.
    box : ndarray of shape (4,), float32
        Left, top, right and bottom of what may be a face, in pixels.

    Returns
    -------
    Faces or None
        One face: its box and its landmarks are means of what was seen. None if nothing was.
    """
    logit, seen = _INTERCEPT, []
    for network, share, weight in _CLOSE_LOOKS:
        face, face_logit = _close_look(image, box, network, share)
        logit += weight * np.clip(face_logit, _NOTHING, _CERTAIN)
        # The networks' boxes are not the same; the landmarks of that for the short range are nearer.
        if face is not None and network is SHORT_RANGE:
            seen.append(face)
    if not seen:
        return None
    boxes, landmarks, _ = Faces.joined(seen)
    score = np.array([probability(logit)], np.float32)
    return Faces(boxes.mean(axis=0)[None], landmarks.mean(axis=0)[None], score)


def _close_look(
    image: Image.Image, box: NDArray[np.float32], network: Network, share: float
) -> tuple[Faces | None, float]:
    """Return the face that a network sees at a place, and its log-odds."""
    from PIL import Image

    middle, side = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]).max() / share
    left, top = np.round(middle - side / 2).astype(int).tolist()
    side = max(round(float(side)), 1)
    region = image.crop((left, top, left + side, top + side))
    size = (network.side, network.side)
    region = region.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    found, logits = network.faces_in(np.asarray(region), _NOTHING)
    scale = side / network.side
    found = found.moved((scale, scale), (left, top))
    logits = np.where(overlaps(box, found.boxes)[0] > _SAME, logits, _NOTHING)
    if not len(logits) or logits.max() <= _NOTHING:
        return None, _NOTHING
    # The mean of the detections of the best face.
    return suppressed(found.rows(logits > _NOTHING)).rows(np.array([0])), float(logits.max())
