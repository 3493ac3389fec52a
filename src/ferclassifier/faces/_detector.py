"""Find the faces in a photo, by our detector or by one of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ferclassifier._utils.counts import is_number
from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import DataError
from ferclassifier.faces import _search
from ferclassifier.faces._faces import LANDMARKS, Faces
from ferclassifier.images._photos import Photo, read_photo

if TYPE_CHECKING:
    from ferclassifier.images._source_kinds import ImageSource

Detector: TypeAlias = Callable[[NDArray[np.uint8]], "ArrayLike | Faces"]

MIN_SIZE = 20
THRESHOLD = 0.6

# A photo in which nothing was found for sure is turned by quarters, and looked at more strictly.
_SURE = 0.97
_TURNS = (1, 3, 2)
_THRESHOLD_TURNED = 0.9


def detect_faces(
    image: ImageSource,
    *,
    min_size: int = MIN_SIZE,
    threshold: float = THRESHOLD,
    detector: Detector | None = None,
) -> Faces:
    """Find the faces in a photo.

    Parameters
    ----------
    image : str, path, bytes, binary file object, PIL.Image.Image, dict or ndarray
        Whatever :func:`~ferclassifier.images.read_image` takes. The photo is turned upright by its
        EXIF data. One in which nothing is found for sure is looked at on its sides and upside down,
        too.
    min_size : int, default=20
        The longer side of the smallest face, in pixels of the photo. Whatever it is, faces below
        some fortieth of the photo's longer side are too small to be found.
    threshold : float, default=0.6
        The least score of a face, between 0 and 1.
    detector : callable, default=None
        A detector of one's own: a function from a photo, an array of shape (height, width, 3),
        uint8 in [0, 255], to boxes of shape (n, 4), which are left, top, right and bottom in
        pixels of it, or to :class:`~ferclassifier.faces.Faces`, which have landmarks and scores,
        too. A photo of more than 2048 pixels along a side is reduced before.

    Returns
    -------
    Faces
        `boxes`, `landmarks` and `scores`, the largest face first, in pixels of the upright photo as
        it stands in its file.

    Raises
    ------
    ImageError
        If the image is missing, damaged, or has more than 50 million pixels.
    DataError
        If the detector gives something else.
    TypeError
        If `image` is nothing that an image can be read from.
    ValueError
        If `min_size` or `threshold` is not one of the above.

    Notes
    -----
    Two networks of MediaPipe look at the whole photo and at overlapping tiles of it: that for the
    full range finds small faces, that for the short range those that are seen from near. Each place
    that may be a face is then looked at closely. Time and memory are bounded whatever the photo's
    size.

    References
    ----------
    V. Bazarevsky et al., BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs, 2019,
    arXiv:1907.05047.

    Examples
    --------
    A drawn face in a picture:

    >>> from PIL import Image
    >>> from ferclassifier import detect_faces, make_faces
    >>> drawn, _ = make_faces(1, random_state=0)
    >>> photo = Image.new("L", (400, 300), "gray")
    >>> photo.paste(Image.fromarray(drawn[0]).resize((120, 120)), (240, 100))
    >>> boxes, landmarks, scores = detect_faces(photo)
    >>> left, top, right, bottom = boxes[0]
    >>> bool(240 < left < right < 360 and 100 < top < bottom < 220)
    True
    """
    _check_options(min_size, threshold, detector)
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


def _check_options(min_size: Any, threshold: Any, detector: Any) -> None:
    if not isinstance(min_size, int | np.integer) or isinstance(min_size, bool) or min_size < 1:
        raise ValueError(f"Got min_size={quoted(min_size)}, but expected a whole number from 1 on.")
    if not is_number(threshold) or not 0 < threshold < 1:
        raise ValueError(f"Got threshold={quoted(threshold)}, but expected more than 0, below 1.")
    if detector is not None and not callable(detector):
        raise ValueError(
            f"Got detector={quoted(detector)}, but expected a function from an image to boxes."
        )


def _look(pixels: NDArray[np.uint8], min_size: float, threshold: float) -> Faces:
    """Look at a photo as it stands, and where nothing is found for sure, turned by quarters."""
    from PIL import Image

    image = Image.fromarray(pixels)
    best = _search.faces_in(image, min_size, threshold)
    if best.scores.max(initial=0) >= _SURE:
        return best
    for quarters in _TURNS:
        turned = image.transpose(Image.Transpose[f"ROTATE_{90 * quarters}"])
        limit = max(threshold, _THRESHOLD_TURNED)
        found = _search.faces_in(turned, min_size, limit, is_turned=True)
        if found.scores.max(initial=0) > best.scores.max(initial=0):
            best = found.turned_back(quarters, image.width, image.height)
    return best


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
