"""Maps of saliency painted over faces."""

from __future__ import annotations

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_scalar

from ferclassifier.exceptions import DataError
from ferclassifier.images._displayable import displayable

# Matplotlib's "inferno", each eighth: its lightness rises evenly, also to the colour-blind.
_COLOURS = np.array(
    [
        (0, 0, 4),
        (33, 12, 74),
        (87, 16, 110),
        (138, 34, 106),
        (188, 55, 84),
        (228, 90, 49),
        (249, 142, 9),
        (249, 203, 53),
        (252, 255, 164),
    ],
    dtype=np.float32,
)


def overlay(images: ArrayLike, maps: ArrayLike, *, alpha: float = 0.7) -> NDArray[np.uint8]:
    """Paint maps over faces, in colours that grow lighter and denser where a map is larger.

    Parameters
    ----------
    images : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
        The faces, on any scale.
    maps : array-like of shape (n, height, width), in [0, 1]
        From :func:`~ferclassifier.inspection.saliency`.
    alpha : float in [0, 1], default=0.7
        How far the colour covers the face where a map is 1; where it is 0 the face stays as it is.

    Returns
    -------
    pictures : ndarray of shape (n, height, width, 3), uint8 in [0, 255]
        Red, green and blue.

    Raises
    ------
    DataError
        If there are not as many maps as images, or not of their size.
    ValueError
        If `alpha` is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> from ferclassifier.inspection import overlay
    >>> faces = np.full((2, 48, 48), 128, dtype=np.uint8)
    >>> overlay(faces, np.zeros((2, 48, 48)))[0, 0, 0]
    array([128, 128, 128], dtype=uint8)
    """
    check_scalar(alpha, "alpha", Real, min_val=0, max_val=1)
    maps = np.clip(np.asarray(maps, dtype=np.float32), 0, 1)
    faces = displayable(images, maps.shape[1:])
    if faces.shape[:3] != maps.shape:
        raise DataError(
            f"Got maps of shape {maps.shape} for images of shape {faces.shape[:3]}, but expected "
            "a map of the same size for each image."
        )
    if faces.ndim == 3:
        faces = faces[..., np.newaxis]
    opacity = alpha * maps[..., np.newaxis]
    return np.rint(faces + opacity * (_colours_of(maps) - faces)).astype(np.uint8)


def _colours_of(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    steps = np.linspace(0, 1, len(_COLOURS))
    channels = [np.interp(maps, steps, channel) for channel in _COLOURS.T]
    return np.stack(channels, axis=-1).astype(np.float32)
