"""Find the faces in a photo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import DataError
from ferclassifier.faces import _network
from ferclassifier.faces._faces import LANDMARKS, Faces
from ferclassifier.faces._suppression import suppressed
from ferclassifier.faces._tiles import tiles_of
from ferclassifier.images._photos import Photo, read_photo

if TYPE_CHECKING:
    from PIL import Image

    from ferclassifier.images._source_kinds import ImageSource

Detector: TypeAlias = Callable[[NDArray[np.uint8]], "ArrayLike | Faces"]

MIN_SIZE = 20
THRESHOLD = 0.6

# How many times as large as the network's input the longer side of a photo is made, and cut into
# tiles: of a photo of four to three these are 1, 4, 9 and 20.
_ZOOMS = (1.0, 1.6, 2.6, 4.2)
# The network finds faces from about so many of its own pixels on.
_LEAST_FACE = 20
# A photo in which nothing was found is turned, and looked at less closely and more strictly.
_ZOOMS_TURNED = (1.0, 1.6)
_THRESHOLD_TURNED = 0.75
_QUARTERS = (1, 3, 2)


def detect_faces(
    image: ImageSource,
    *,
    min_size: int = MIN_SIZE,
    threshold: float = THRESHOLD,
    detector: Detector | None = None,
) -> Faces:
    """Find the faces in a photo."""
    photo = read_photo(image)
    return faces_of(photo, min_size=min_size, threshold=threshold, detector=detector)


def faces_of(
    photo: Photo,
    *,
    min_size: int = MIN_SIZE,
    threshold: float = THRESHOLD,
    detector: Detector | None = None,
) -> Faces:
    """Do what `detect_faces` does, in a photo that has been read."""
    height, width = photo.pixels.shape[:2]
    scale = (photo.size[1] / width, photo.size[0] / height)
    if detector is None:
        found = _look(photo.pixels, min_size / max(scale), threshold)
    else:
        found = _checked(detector(photo.pixels))
        found = found.rows(found.scores >= threshold)
    found = found.moved(scale)
    sides = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0)
    return found.rows(sides >= min_size).largest_first()


def _look(pixels: NDArray[np.uint8], min_size: float, threshold: float) -> Faces:
    """Look at a photo as it stands, and where nothing is found, turned by quarters."""
    from PIL import Image

    image = Image.fromarray(pixels)
    found = _found_in(image, _zooms(max(image.size), min_size), threshold)
    turns = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}
    for quarters in _QUARTERS:
        if len(found.scores):
            break
        turned = image.transpose(turns[quarters])
        found = _found_in(turned, _ZOOMS_TURNED, max(threshold, _THRESHOLD_TURNED))
        found = found.turned_back(quarters, image.width, image.height)
    return found


def _found_in(image: Image.Image, zooms: tuple[float, ...], threshold: float) -> Faces:
    tiles = tiles_of(image, zooms, _network.SIDE)
    return suppressed(Faces.joined([_network.faces_in(tile, threshold) for tile in tiles]))


def _zooms(side: int, min_size: float) -> tuple[float, ...]:
    """Return those at which the smallest faces are large enough for the network."""
    enough = side * _LEAST_FACE / (min_size * _network.SIDE)
    n_needed = 1 + sum(zoom < enough for zoom in _ZOOMS)
    return _ZOOMS[:n_needed]


def _checked(found: Any) -> Faces:
    """Return what a detector of the user's own has found as faces."""
    if isinstance(found, Faces):
        return found
    boxes = np.asarray(found, dtype=np.float32)
    if boxes.size == 0:
        return Faces.none()
    if boxes.ndim != 2 or boxes.shape[1] != 4 or not np.isfinite(boxes).all():
        raise DataError(
            f"The detector gave {quoted(found)}, but expected boxes of shape (n, 4): left, top, "
            "right and bottom, in pixels."
        )
    landmarks = np.full((len(boxes), len(LANDMARKS), 2), np.nan, np.float32)
    return Faces(boxes, landmarks, np.ones(len(boxes), np.float32))
