"""Look for faces in a photo: where there may be some, and then closely at each of these places."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ferclassifier._onnx.session import threads_of
from ferclassifier.faces._faces import Faces
from ferclassifier.faces._frames import Frame, of_landmarks
from ferclassifier.faces._network import FULL_RANGE, SHORT_RANGE, STEP, Network, probability
from ferclassifier.faces._suppression import overlaps, suppressed
from ferclassifier.faces._tiles import Tile, tiles_of

if TYPE_CHECKING:
    from PIL import Image

_T = TypeVar("_T")
_R = TypeVar("_R")

# More threads would have little left to do.
_MOST_THREADS = 4

# The sizes at which the networks look at a photo: how many times as long as the pictures that they
# were trained on its longer side is made. That for the full range finds small faces, that for the
# short range those that fill what it sees, for which there has to be a border around the photo.
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

# Looks at a place that may be a face: the network, and the share of its picture's side that the box
# then has. After the first, the picture is turned so that the eyes lie in a line.
_FIRST_LOOK = (SHORT_RANGE, 0.45)
_UPRIGHT_LOOKS = ((SHORT_RANGE, 0.45), (SHORT_RANGE, 0.6), (FULL_RANGE, 0.4))
# The least log-odds of the first look for which the others are worth their time.
_HOPE = -0.5
# The same of a face that was there a moment ago.
_STILL_THERE = 0.0
# The score, in log-odds: the weights of those of the looks, of how far apart the networks see the
# landmarks (in sides of the box), of the box's side (in octaves above 32 pixels, from 16 to 64:
# small spots look like faces more easily), of contrast (the standard deviation of the pixels, in
# octaves above 16 levels, from 4 to 40: so do folds of dark cloth), and a constant. They are those
# of a logistic regression on faces of FER-2013's training images that were pasted into pictures,
# and on places in pictures and portraits that are none. All of them are halved, and the constant is
# such that the threshold of 0.6 finds some 97 % of such faces.
_OF_LOOKS = (1.1, 0.76, 0.85, 0.07)
_OF_DISTANCE, _OF_SIDE, _OF_CONTRAST, _CONSTANT = -1.9, 1.25, 1.0, -2.2
_LARGEST_DISTANCE = 0.3
# The side of the middle of the picture of the first upright look, in which contrast is measured.
_MIDDLE = 44
# What a network says of a place where it sees nothing, and how sure it can be.
_NOTHING, _CERTAIN = -6.0, 8.0
# How well a box has to lie on that of before to be of the same face.
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
    seen = _in_threads(lambda box: look_closely(image, box), places.boxes[:_MOST_LOOKS])
    faces = Faces.joined([face for face in seen if face is not None])
    return suppressed(faces.rows(faces.scores >= threshold))


def _places_worth_a_look(
    image: Image.Image, zooms: dict[Network, tuple[float, ...]], min_size: float
) -> Faces:
    def found_in(look: tuple[Network, Tile]) -> Faces:
        network, tile = look
        faces, _ = network.faces_in(tile.pixels, _WORTH_A_LOOK[network])
        return faces.rows(~_are_cut(faces, tile)).moved(tile.scale, tile.corner)

    looks = []
    for network, its_zooms in zooms.items():
        enough = max(image.size) * _LEAST_PIXELS / min_size
        sides = [zoom * network.side for zoom in its_zooms]
        sides = sides[: 1 + sum(side < enough for side in sides)]
        looks += [(network, tile) for tile in tiles_of(image, sides, STEP, network.side)]
    faces = Faces.joined(_in_threads(found_in, looks))
    # A place somewhat smaller may turn out to be large enough.
    return faces.rows(faces.boxes[:, 2] - faces.boxes[:, 0] > 0.8 * min_size)


def _in_threads(function: Callable[[_T], _R], items: Iterable[_T]) -> list[_R]:
    """Call a function for each item, and return what it gives in their order."""
    n_threads = min(_MOST_THREADS, threads_of(None))
    if n_threads == 1:
        return [function(item) for item in items]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(function, items))


def _are_cut(found: Faces, tile: Tile) -> NDArray[np.bool_]:
    """Tell which boxes reach beyond an edge of a tile where the photo goes on."""
    sides = np.clip(found.boxes[:, 2:] - found.boxes[:, :2], 1e-6, None)
    height, width = tile.pixels.shape[:2]
    beyond = np.concatenate([-found.boxes[:, :2], found.boxes[:, 2:] - [width, height]], axis=1)
    are_cut = (beyond / np.tile(sides, 2) > _BEYOND) & np.array(tile.cut)
    return np.asarray(are_cut.any(axis=1), dtype=np.bool_)


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
        One face. None if there is hardly one.
    """
    first = _Look.at(image, _square_of(box), *_FIRST_LOOK)
    if first.face is None or first.logit < _HOPE:
        return None
    angle = of_landmarks(first.face.landmarks[0, :4]).angle
    square = _square_of(first.face.boxes[0], angle)
    looks = [_Look.at(image, square, *look) for look in _UPRIGHT_LOOKS]
    near, nearer, far = looks
    distance = _LARGEST_DISTANCE
    if near.face is not None and far.face is not None:
        # Without the ears, which the networks guess where they are hidden.
        apart = np.abs(near.face.landmarks - far.face.landmarks)[0, :4].mean()
        distance = min(distance, float(apart) / square.side)
    logit = (
        np.dot(_OF_LOOKS, [look.logit for look in (first, *looks)])
        + _OF_DISTANCE * distance
        + _OF_SIDE * _octaves(square.side, 32, 16, 64)
        + _OF_CONTRAST * _octaves(near.contrast, 16, 4, 40)
        + _CONSTANT
    )
    seen = [look.face.landmarks for look in (near, nearer) if look.face is not None]
    landmarks = np.mean(seen, axis=0) if seen else first.face.landmarks
    return Faces(first.face.boxes, landmarks, np.array([probability(logit)], np.float32))


def follow(image: Image.Image, box: NDArray[np.float32]) -> Faces | None:
    """Find a face again near where it was a moment ago, by one look.

    Parameters
    ----------
    image : PIL.Image.Image
        In colours.
    box : ndarray of shape (4,), float32
        Left, top, right and bottom of where it should be, in pixels.

    Returns
    -------
    Faces or None
        One face, whose score is that of a network and no probability. None if it is not there.
    """
    look = _Look.at(image, _square_of(box), *_FIRST_LOOK)
    return None if look.face is None or look.logit < _STILL_THERE else look.face


def _square_of(box: NDArray[np.float32], angle: float = 0.0) -> Frame:
    x, y = ((box[:2] + box[2:]) / 2).tolist()
    return Frame(x, y, float((box[2:] - box[:2]).max()), angle)


def _octaves(value: float, zero: float, low: float, high: float) -> float:
    return float(np.log2(np.clip(value, low, high) / zero))


class _Look(NamedTuple):
    """What a network sees at a place: a face or none, its log-odds, and the place's contrast."""

    face: Faces | None
    logit: float
    contrast: float

    @classmethod
    def at(cls, image: Image.Image, square: Frame, network: Network, share: float) -> _Look:
        """Look at a square that may be turned, and at what is around it."""
        pixels, corner, scale = _around(image, square, share, network.side)
        start = (network.side - _MIDDLE) // 2
        contrast = pixels[start:-start, start:-start].mean(axis=2).std()
        found, logits = network.faces_in(pixels, _NOTHING)
        half = network.side * share / 2
        box = np.array([-half, -half, half, half], np.float32) + network.side / 2
        is_same = overlaps(box, found.boxes)[0] > _SAME
        if not is_same.any():
            return cls(None, _NOTHING, float(contrast))
        face = suppressed(found.rows(is_same)).rows(np.array([0]))
        logit = min(float(logits[is_same].max()), _CERTAIN)
        return cls(_brought_back(face, corner, scale), logit, float(contrast))


def _around(
    image: Image.Image, square: Frame, share: float, side: int
) -> tuple[NDArray[np.uint8], complex, complex]:
    """Cut out a square with what is around it, and turn it upright.

    Returns
    -------
    pixels : ndarray of shape (side, side, 3), uint8
    corner, scale : complex
        A place z in it is the place corner + scale * z in the image, x + iy being a place.
    """
    from PIL import Image

    middle, reach = complex(square.x, square.y), square.side / share / 2
    # A turned square needs more around it; half of a diagonal.
    outer = reach * (np.sqrt(2) if square.angle else 1)
    left, top = round(square.x - outer), round(square.y - outer)
    width = max(1, round(2 * outer))
    n = max(1, round(side * outer / reach))
    region = image.crop((left, top, left + width, top + width))
    region = region.resize((n, n), Image.Resampling.BILINEAR, reducing_gap=2.0)
    middle = complex(left + width / 2, top + width / 2)
    if square.angle:
        start = (n - side) // 2
        region = _turned(region, square.angle, start, side)
        middle += width / n * (start + side / 2 - n / 2) * (1 + 1j) * np.exp(1j * square.angle)
    scale = width / n * np.exp(1j * square.angle)
    return np.asarray(region), middle - scale * (1 + 1j) * side / 2, scale


def _turned(image: Image.Image, angle: float, start: int, side: int) -> Image.Image:
    """Turn a square picture around its middle, and keep only what is then around it."""
    from PIL import Image

    middle = image.width / 2
    x, y = np.cos(angle), np.sin(angle)
    # The place in the picture from which the corner of the result comes.
    offset = start - middle
    corner = (x * offset - y * offset + middle, y * offset + x * offset + middle)
    matrix = (x, -y, corner[0], y, x, corner[1])
    return image.transform((side, side), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


def _brought_back(face: Faces, corner: complex, scale: complex) -> Faces:
    """Bring a face to the coordinates of the image; its box keeps its size, and stays upright."""
    places = corner + scale * (face.landmarks.astype(float) @ [1, 1j])
    middle = corner + scale * ((face.boxes[:, :2] + face.boxes[:, 2:]).astype(float) / 2 @ [1, 1j])
    half = (face.boxes[:, 2:] - face.boxes[:, :2]) / 2 * abs(scale)
    middles = np.stack([middle.real, middle.imag], axis=-1)
    boxes = np.concatenate([middles - half, middles + half], axis=1).astype(np.float32)
    landmarks = np.stack([places.real, places.imag], axis=-1).astype(np.float32)
    return Faces(boxes, landmarks, face.scores)
