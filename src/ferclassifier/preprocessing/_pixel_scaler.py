"""Bring pixels to another scale, and remember the one they had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sklearn.base import OneToOneFeatureMixin

from ferclassifier._utils.sklearn_compat import StrOptions
from ferclassifier.images._arrays import parts_of
from ferclassifier.images._pixel_scale import PixelScale
from ferclassifier.preprocessing._image_transformer import ImageTransformer

# A standard deviation of so many units in the last place is what rounding leaves of a constant.
_ULPS_OF_A_CONSTANT = 4


class PixelScaler(OneToOneFeatureMixin, ImageTransformer):  # type: ignore[misc]
    """Scale pixels to [0, 1], or to a mean of 0 and a standard deviation of 1.

    Parameters
    ----------
    method : {"unit", "standard", "per_image"}, default="unit"
        "unit" divides bytes by 255 and leaves floats in [0, 1] as they are; other values are
        brought from the range that `fit` saw to [0, 1]. "standard" takes the mean and the standard
        deviation of each channel over all pixels of the training images; "per_image" takes those
        of each image, over all its channels, and makes a constant image 0.
    image_shape : tuple of (height, width) or (height, width, channels), default=None
        How rows become images; None takes a square, with colours if their length is three times
        one, and refuses others.

    Attributes
    ----------
    mean_ : ndarray of shape (channels,), float64, or None
        The means that "standard" subtracts; None for the other methods.
    scale_ : ndarray of shape (channels,), float64, or None
        The standard deviations that "standard" divides by, 1 where a channel is constant; None
        for the other methods.
    pixel_scale_ : PixelScale
        The scale of the pixels that `fit` saw.
    image_shape_ : tuple of (height, width, channels)
        Shape of the images that `fit` saw.
    n_features_in_ : int
        Number of values per image.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns; only if `fit` saw a DataFrame with string columns.

    See Also
    --------
    HistogramEqualizer : Even out the contrast as well.
    sklearn.preprocessing.StandardScaler : Scale each pixel by its own statistics.

    Notes
    -----
    The result is float32. Pixels on another scale than those that `fit` saw, such as floats in
    [0, 1] after bytes, raise :class:`~ferclassifier.exceptions.PixelScaleError`. Each image
    depends on itself and on `fit` alone.

    "standard" has one mean for all places, because a face may stand anywhere and a convolution
    sees all places alike; scaling each pixel by itself would also raise the noise of a border that
    hardly changes. The statistics are taken in one pass of float64 over parts of the data, so that
    a ``numpy.memmap`` larger than memory can be fitted.

    References
    ----------
    Chan, Golub and LeVeque, "Algorithms for computing the sample variance: analysis and
    recommendations", The American Statistician 37:3, 1983.

    Examples
    --------
    >>> from ferclassifier import PixelScaler, make_faces
    >>> X, _ = make_faces(10, random_state=0)
    >>> scaled = PixelScaler("standard").fit_transform(X)
    >>> scaled.shape, scaled.dtype
    ((10, 48, 48), dtype('float32'))
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "method": [StrOptions({"unit", "standard", "per_image"})],
        **ImageTransformer._parameter_constraints,
    }

    mean_: NDArray[np.float64] | None
    scale_: NDArray[np.float64] | None

    def __init__(
        self,
        method: Literal["unit", "standard", "per_image"] = "unit",
        *,
        image_shape: Sequence[int] | None = None,
    ) -> None:
        self.method = method
        self.image_shape = image_shape

    def _fit_images(self, images: NDArray[Any]) -> None:
        self.pixel_scale_ = PixelScale.of_training(images)
        self.mean_ = self.scale_ = None
        if self.method == "standard":
            self.mean_, deviation = channel_statistics(images)
            self.scale_ = np.where(deviation > 0, deviation, 1.0)

    def _check_images(self, images: NDArray[Any]) -> None:
        self.pixel_scale_.check(images)

    def _transform_part(self, images: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        if self.method == "per_image":
            return standardise_each(images)
        if self.mean_ is not None and self.scale_ is not None:
            return (images - self.mean_) / self.scale_
        low, high = self.pixel_scale_.ends
        return (images - low) / (high - low or 1.0)


def channel_statistics(images: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each channel, in one pass.

    Parameters
    ----------
    images : ndarray of shape (n, height, width, channels)

    Returns
    -------
    mean, deviation : ndarray of shape (channels,), float64
    """
    # Subtracting any pixel costs nothing, and makes a constant channel exactly 0.
    origin = images[0, 0, 0].astype(np.float64)
    count, mean, squares = 0, np.zeros_like(origin), np.zeros_like(origin)
    for part in parts_of(images):
        pixels = (images[part] - origin).reshape(-1, len(origin))
        part_mean = pixels.mean(axis=0)
        delta = part_mean - mean
        total = count + len(pixels)
        squares += np.square(pixels - part_mean).sum(axis=0)
        squares += np.square(delta) * (count * len(pixels) / total)
        mean += delta * (len(pixels) / total)
        count = total
    return origin + mean, np.sqrt(squares / count)


def standardise_each(images: NDArray[Any]) -> NDArray[np.float64]:
    """Give each image a mean of 0 and a standard deviation of 1; a constant one becomes 0."""
    pixels = images.reshape(len(images), -1).astype(np.float64)
    epsilon = np.finfo(images.dtype).eps if images.dtype.kind == "f" else 0.0
    rounding = _ULPS_OF_A_CONSTANT * epsilon * np.abs(pixels).max(axis=1, keepdims=True)
    pixels -= pixels.mean(axis=1, keepdims=True)
    deviation = np.sqrt(np.square(pixels).mean(axis=1, keepdims=True))
    is_constant = deviation <= rounding
    pixels /= np.where(is_constant, 1.0, deviation)
    return np.where(is_constant, 0.0, pixels).reshape(images.shape)
