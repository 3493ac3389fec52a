"""Crops of the faces in a photo, as a classifier takes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ferclassifier.faces._detector import MIN_SIZE, THRESHOLD, Detector, faces_of
from ferclassifier.faces._faces import Face
from ferclassifier.faces._frames import cut, frame_of
from ferclassifier.images._photos import Photo

# A picture whose sides are no longer than this is the crop of a face already, as those of FER-2013.
LARGEST_CROP = 64
# In less than this nobody sees a face.
_LEAST_CROP = 12


def crops_of(
    photo: Photo,
    *,
    size: tuple[int, int] = (48, 48),
    channels: int = 1,
    margin: float = 0.0,
    align: bool = True,
    largest: bool = False,
    min_size: int = MIN_SIZE,
    threshold: float = THRESHOLD,
    detector: Detector | None = None,
) -> list[tuple[Face | None, NDArray[np.uint8]]]:
    """Cut the faces out of a photo.

    Parameters
    ----------
    photo : Photo
        What `read_photo` returns.
    size : tuple of (height, width), default=(48, 48)
        Of the crops.
    channels : {1, 3}, default=1
        1 gives gray, 3 gives red, green and blue.
    margin : float, default=0.0
        What the crop shows more on each side than those of FER-2013 do, as a share of their side.
    align : bool, default=True
        Turn faces upright.
    largest : bool, default=False
        Take the largest face alone.
    min_size, threshold, detector
        As in `detect_faces`.

    Returns
    -------
    list of (face, crop)
        Empty if no face was found. The largest face comes first, in pixels of the photo as it
        stands in its file. A picture of at most 64 by 64 pixels is itself a crop: it is taken
        whole, and the face is None; one with a side of less than 12 pixels shows none. Crops are
        of shape (height, width, channels), uint8.
    """
    if min(photo.size) < _LEAST_CROP:
        return []
    if max(photo.size) <= LARGEST_CROP:
        return [(None, whole(photo, size=size, channels=channels))]
    faces = faces_of(photo, min_size=min_size, threshold=threshold, detector=detector)
    reduction = max(photo.size) / max(photo.pixels.shape[:2])
    crops: list[tuple[Face | None, NDArray[np.uint8]]] = []
    for i in range(len(faces.scores))[: 1 if largest else None]:
        face = faces.one(i)
        frame = frame_of(face, margin=margin, align=align, box_is_ours=detector is None)
        frame = frame.scaled(1 / reduction)
        crops.append((face, cut(photo.pixels, frame, size, channels)))
    return crops


def whole(
    photo: Photo, *, size: tuple[int, int] = (48, 48), channels: int = 1
) -> NDArray[np.uint8]:
    """Make a crop of all of a photo, whatever its aspect ratio, as `ImageReader` does.

    Returns
    -------
    ndarray of shape (height, width, channels), uint8
    """
    from PIL import Image

    height, width = size
    image = Image.fromarray(photo.pixels).convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    return np.array(image, dtype=np.uint8).reshape(height, width, channels)
