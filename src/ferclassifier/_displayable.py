"""Images in any form, as bytes that can be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ferclassifier._arrays import PixelScale, as_images, image_shape_of, parts_of
from ferclassifier._image_files import ImageFiles, paths_in
from ferclassifier._pipelines import split_pipeline
from ferclassifier.images import check_image_options

_SHAPE_OF_FILES = (48, 48)


def displayable(
    X: ArrayLike, image_shape: Sequence[int] | None = None, *, scale: PixelScale | None = None
) -> NDArray[np.uint8]:
    """Return images as gray or coloured bytes.

    Parameters
    ----------
    X : array-like of shape (n, pixels), (n, height, width) or (n, height, width, channels)
        The images on any scale; or array-like of shape (n,) or (n, 1), the paths of their files.
    image_shape : sequence of (height, width) or (height, width, channels), default=None
        How rows become images, and the size at which files are read; 48 x 48 gray for files, a
        square for rows, unless given.
    scale : PixelScale, default=None
        The scale of the pixels; that of `X` unless given, see :func:`scale_as_shown`.

    Returns
    -------
    images : ndarray of shape (n, height, width) or (n, height, width, 3), uint8 in [0, 255]
        A view where `X` holds bytes already. What is neither bytes, also as floats, nor unit floats
        is stretched from its smallest to its largest pixel.

    Raises
    ------
    ImageError
        If `X` is no batch of images, or a file cannot be read.
    """
    paths = paths_in(X)
    if paths is not None:
        height, width, channels = (*(image_shape or _SHAPE_OF_FILES), 1)[:3]
        check_image_options((height, width), channels)
        return _drop_gray_axis(ImageFiles(paths, (height, width, channels))[:])
    batch = np.asarray(X)
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
    """Measure the scale of images, and take floats in [0, 255] for copies of bytes."""
    scale = PixelScale.of(images)
    is_copy_of_bytes = scale.kind == "raw" and scale.low >= 0 and scale.high <= 255
    return PixelScale("bytes", 0.0, 255.0) if is_copy_of_bytes else scale


def decoded(estimator: Any, X: Any) -> Any:
    """Return what an ImageReader at the beginning of a pipeline makes of images, or the images."""
    from ferclassifier.preprocessing import ImageReader

    transformers, _ = split_pipeline(estimator)
    if transformers and isinstance(transformers[0], ImageReader):
        return transformers[0].transform(X)
    return X


def pictures_for(
    estimator: Any, X: ArrayLike, image_shape: Sequence[int] | None = None
) -> NDArray[np.uint8]:
    """Return the images that an estimator is given, as bytes that can be looked at.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier, or a pipeline or a search around one.
    X : array-like
        Images as the estimator takes them: in any form of :func:`displayable`, or whatever an
        ImageReader at the beginning of a pipeline reads.
    image_shape : sequence of (height, width) or (height, width, channels), default=None
        Shape of rows, and of files. None takes the first that a step of the estimator was fitted
        on, if one remembers it.

    Returns
    -------
    images : ndarray of shape (n, height, width) or (n, height, width, 3), uint8 in [0, 255]
    """
    if image_shape is None:
        image_shape = shape_known_to(estimator)
    return displayable(decoded(estimator, X), image_shape)


def shape_known_to(estimator: Any) -> tuple[int, ...] | None:
    """Return the shape of images that an estimator was fitted on, if a step of it remembers one."""
    transformers, classifier = split_pipeline(estimator)
    known = (getattr(step, "image_shape_", None) for step in [*transformers, classifier])
    return next((shape for shape in known if shape is not None), None)


def _drop_gray_axis(images: NDArray[Any]) -> NDArray[Any]:
    return images[..., 0] if images.shape[-1] == 1 else images
