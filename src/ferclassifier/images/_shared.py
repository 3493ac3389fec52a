"""Which images also appear among others, pixel by pixel."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ferclassifier._utils.wording import count
from ferclassifier.exceptions import ImageError
from ferclassifier.images._arrays import ImageShape, image_shape_of, parts_of
from ferclassifier.images._containers import array_in
from ferclassifier.images._digest import SHORT_DIGEST, image_digest
from ferclassifier.images._displayable import displayable, scale_as_shown
from ferclassifier.images._pixel_scale import PixelScale
from ferclassifier.images._sources import SHAPE_OF_SOURCES, sources_in

_BYTES = PixelScale("bytes", 0.0, 255.0)
_IMAGES_PER_PART = 256


def stands_in(images: ArrayLike, train_images: ArrayLike) -> NDArray[np.bool_]:
    """Tell which images also appear in the training data.

    Images are equal if all their pixels are, as bytes. Bytes, float copies of bytes and unit
    floats can be compared with each other, other floats with other floats only.

    Parameters
    ----------
    images, train_images : array-like
        Batches of images, rows, or whatever `read_image` takes; they may differ in form. Rows are
        taken to have the shape of the images they are compared with, and others are decoded to it.

    Returns
    -------
    ndarray of shape (n_images,), bool

    Raises
    ------
    ImageError
        If the images differ in shape, or in the scale of their pixels.

    Notes
    -----
    Takes time in proportion to the number of images, and memory for a hash of each training image
    beside a few hundred images as bytes.
    """
    batches = [_batch(images), _batch(train_images)]
    shape = _common_shape(*batches)
    scales = _common_scales(*batches)
    digests, seen = (
        _digests(batch, shape, scale) for batch, scale in zip(batches, scales, strict=True)
    )
    known = set(seen)
    return np.fromiter((digest in known for digest in digests), dtype=bool, count=len(batches[0]))


class KnownImages:
    """Images of which there are digests alone.

    Parameters
    ----------
    digests : bytes
        The first 8 bytes of the digest of each image, one after the other.
    image_shape : tuple of (height, width, channels)
    what : str
        What is known of them, behind "images that".
    """

    def __init__(self, digests: bytes, image_shape: ImageShape, what: str) -> None:
        starts = range(0, len(digests), SHORT_DIGEST)
        self._digests = {digests[start : start + SHORT_DIGEST] for start in starts}
        self._shape = image_shape
        self.name = f"the {count(len(starts), 'image')} that {what}"

    def find(self, images: ArrayLike) -> NDArray[np.bool_] | None:
        """Tell which images are among these, or None if they cannot be: they differ in form.

        Parameters
        ----------
        images : array-like
            As for `stands_in`.

        Returns
        -------
        ndarray of shape (n_images,), bool, or None
        """
        batch = _batch(images)
        scale = _scale(batch)
        if not _fits(batch, self._shape) or scale.kind == "raw":
            return None
        digests = _digests(batch, self._shape, scale)
        found = (digest[:SHORT_DIGEST] in self._digests for digest in digests)
        return np.fromiter(found, dtype=bool, count=len(batch))


def short_digests(images: ArrayLike) -> bytes:
    """Return what `KnownImages` knows of images: 8 bytes of each, sorted."""
    batch = _batch(images)
    shape = image_shape_of(batch.shape)
    return b"".join(
        sorted(digest[:SHORT_DIGEST] for digest in _digests(batch, shape, _scale(batch)))
    )


def _batch(images: ArrayLike) -> NDArray[Any]:
    """Return images as an array, or those to be decoded in one dimension."""
    sources = sources_in(images)
    return np.asarray(array_in(images)) if sources is None else sources


def _common_shape(images: NDArray[Any], train_images: NDArray[Any]) -> ImageShape:
    # What has more axes knows more of its shape: images, then rows, then what is decoded.
    telling = max(images, train_images, key=lambda batch: batch.ndim)
    if images.ndim == train_images.ndim == 2:  # to compare rows, nobody has to know their shape
        shape = (1, images.shape[1], 1)
    else:
        shape = image_shape_of(telling.shape) if telling.ndim > 1 else (*SHAPE_OF_SOURCES, 1)
    if not (_fits(images, shape) and _fits(train_images, shape)):
        raise ImageError(
            f"Got images of shape {images.shape[1:]} and training images of shape "
            f"{train_images.shape[1:]}, which cannot be compared. Give both in the same size and "
            "with the same channels; ImageResizer brings images to another size."
        )
    return shape


def _fits(batch: NDArray[Any], shape: ImageShape) -> bool:
    if batch.ndim > 2:
        return image_shape_of(batch.shape) == shape
    return batch.ndim == 1 or batch.shape[1] == math.prod(shape)


def _common_scales(images: NDArray[Any], train_images: NDArray[Any]) -> list[PixelScale]:
    scales = [_scale(images), _scale(train_images)]
    if "raw" not in {scale.kind for scale in scales}:
        return scales
    if scales[0].kind != scales[1].kind:
        raise ImageError(
            f"Got images with {scales[0]}, and training images with {scales[1]}, which cannot be "
            "compared. Give both as they were before they were scaled."
        )
    low, high = min(scale.low for scale in scales), max(scale.high for scale in scales)
    return [PixelScale("raw", low, high)] * 2


def _scale(batch: NDArray[Any]) -> PixelScale:
    return _BYTES if batch.ndim == 1 or not len(batch) else scale_as_shown(batch)


def _digests(batch: NDArray[Any], shape: ImageShape, scale: PixelScale) -> Iterator[bytes]:
    for part in parts_of(batch, _IMAGES_PER_PART):
        for image in displayable(batch[part], shape, scale=scale):
            yield image_digest(image)
