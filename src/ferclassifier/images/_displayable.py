"""Images in any form, as bytes that can be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ferclassifier.images._arrays import as_images, image_shape_of, parts_of
from ferclassifier.images._containers import array_in
from ferclassifier.images._pixel_scale import PixelScale
from ferclassifier.images._sources import decoded, sources_in


def displayable(
    X: ArrayLike, image_shape: Sequence[int] | None = None, *, scale: PixelScale | None = None
) -> NDArray[np.uint8]:
    """Return images as gray or coloured bytes.

    Parameters
    ----------
    X : array-like of shape (n, pixels), (n, height, width) or (n, height, width, channels)
        The images on any scale; or array-like of shape (n,) or (n, 1) of whatever `read_image`
        takes.
    image_shape : sequence of (height, width) or (height, width, channels), default=None
        How rows become images, and the size to which images are decoded; 48 x 48 gray for these, a
        square for rows, unless given.
    scale : PixelScale, default=None
        The scale of the pixels; that of `X` unless given, see :func:`scale_as_shown`.

    Returns
    -------
    images : ndarray of shape (n, height, width) or (n, height, width, 3), uint8 in [0, 255]
        A view where `X` holds bytes already. What is neither on the scale of bytes nor unit floats
        is stretched from its smallest to its largest pixel.

    Raises
    ------
    ImageError
        If `X` is no batch of images, or one cannot be decoded.
    """
    sources = sources_in(X)
    if sources is not None:
        return _drop_gray_axis(decoded(sources, image_shape))
    batch = np.asarray(array_in(X))
    shape = image_shape_of(batch.shape, image_shape if batch.ndim == 2 else None)
    images = _drop_gray_axis(as_images(batch, shape))
    if images.dtype == np.uint8 or not len(images):
        return images.astype(np.uint8, copy=False)
    low, high = (scale or scale_as_shown(images)).ends
    stretch = 255.0 / (high - low) if high > low else 0.0
    shown = np.empty(images.shape, dtype=np.uint8)
    for part in parts_of(images):
        shown[part] = np.clip((images[part] - low) * stretch + 0.5, 0, 255)
    return shown


def scale_as_shown(images: NDArray[Any]) -> PixelScale:
    """Measure the scale of images, and take floats in [0, 255] for bytes that were resized."""
    scale = PixelScale.of(images)
    return PixelScale("bytes", 0.0, 255.0) if scale.is_between_bytes else scale


def _drop_gray_axis(images: NDArray[Any]) -> NDArray[Any]:
    return images[..., 0] if images.shape[-1] == 1 else images


def luma(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Gray levels of images with channels, with the weights of ITU-R 601-2, as Pillow rounds them.

    Parameters
    ----------
    levels : ndarray of shape (n, height, width, 3), uint8

    Returns
    -------
    ndarray of shape (n, height, width), uint8
    """
    weights = np.array([19595, 38470, 7471], dtype=np.uint32)
    return ((levels @ weights + 2**15) >> 16).astype(np.uint8)
