"""The scale of the pixels of a batch."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier.exceptions import PixelScaleError, PixelScaleWarning
from ferclassifier.images._arrays import FEWEST_PIXELS, parts_of, release_pages

# What a standardised or interpolated image may exceed [0, 1] by before it is no unit image.
_UNIT_SLACK = 0.5
# What two levels of a picture differ by at least, as a share of black to white, and some rounding.
_GRAY_LEVEL = 1.01 / 255
# What standardised pixels hardly ever exceed, and what is nearly black among bytes.
_NEARLY_BLACK = 3.0
# Whole floats that reach no further are no photographs: scikit-learn's digits are in [0, 16].
_FEW_LEVELS = 16.0
# So many images are seldom all of them dark or pale.
_TELLING_IMAGES = 8
# So many are looked at for a mean, and every so many of their pixels, whatever the width.
_IMAGES_LOOKED_AT = 64
_PIXELS_APART = 5
# By how much less or more than in `fit` pixels of one scale may vary, as a share of its deviation;
# images that are neither dark nor pale are near the mean of `fit`, and away from its ends.
_HARDLY_ANY_VARIATION, _LEAST_VARIATION, _MOST_VARIATION = 0.1, 0.7, 1.5
_NEAR_THE_MEAN, _MARGIN = 0.75, 0.05
# No image is so many standard deviations away from all others.
_FAR = 6.0


@dataclass(frozen=True)
class PixelScale:
    """The scale of the pixels that a model was fitted on.

    Attributes
    ----------
    kind : {"bytes", "unit", "raw"}
        Integers in [0, 255], and floats that are whole and reach beyond 16; floats in [0, 1];
        anything else, taken as it comes.
    low, high : float
        The smallest and the largest pixel.
    mean, deviation : float or None
        Of raw pixels, whose ends tell little; None where nobody has looked.
    """

    kind: str
    low: float
    high: float
    mean: float | None = None
    deviation: float | None = None

    @classmethod
    def of(cls, X: NDArray[Any]) -> PixelScale:
        """Measure a batch; uint8 is taken for bytes without a look at a single pixel."""
        if X.dtype == np.uint8:
            return cls("bytes", 0.0, 255.0)
        low, high = _extremes(X)
        return cls(_kind(X, low, high), low, high)

    @classmethod
    def of_training(cls, X: NDArray[Any]) -> PixelScale:
        """Measure a batch that a model is fitted on, for `check`.

        Warns
        -----
        PixelScaleWarning
            If all pixels are darker than one level of gray, of which a network learns little.
        """
        scale = cls.of(X)
        if scale.kind == "raw" and len(X) >= _TELLING_IMAGES:
            mean, deviation = _moments(X)
            scale = replace(scale, mean=mean, deviation=deviation)
        if scale._is_twice_divided and _is_picture(X) and _has_between(X, scale.low, scale.high):
            warnings.warn(
                f"Got floats that reach from {scale.low:.4g} to {scale.high:.4g} only: if these "
                "are bytes that were divided by 255 twice, divide once.",
                PixelScaleWarning,
                stacklevel=4,
            )
        return scale

    @property
    def factor_and_offset(self) -> tuple[float, float]:
        """What brings these pixels to [-1, 1]; raw ones stay as they are."""
        return {"bytes": (1 / 127.5, -1.0), "unit": (2.0, -1.0), "raw": (1.0, 0.0)}[self.kind]

    @property
    def ends(self) -> tuple[float, float]:
        """Black and white: of bytes, of unit floats, or the extremes of the raw ones."""
        return {"bytes": (0.0, 255.0), "unit": (0.0, 1.0)}.get(self.kind, (self.low, self.high))

    def __str__(self) -> str:
        return {
            "bytes": "bytes in [0, 255]",
            "unit": "unit floats in [0, 1]",
            "raw": f"values in [{self.low:.4g}, {self.high:.4g}], taken as they come",
        }[self.kind]

    @property
    def is_between_bytes(self) -> bool:
        """Whether these are floats on the scale of bytes but not whole, as after resizing."""
        return self.kind == "raw" and self.low >= 0 and _NEARLY_BLACK < self.high <= 255

    @property
    def _is_twice_divided(self) -> bool:
        """Whether these are unit floats of which the brightest is less than a level of gray."""
        return self.kind == "unit" and 0 < self.high <= _GRAY_LEVEL

    def check(self, X: NDArray[Any]) -> None:
        """Refuse a batch on another scale than this one.

        Parameters
        ----------
        X : ndarray
            The images to be predicted, or to be fitted further.

        Raises
        ------
        PixelScaleError
            If the scales differ beyond doubt; the message names both.

        Warns
        -----
        PixelScaleWarning
            If they probably differ, but the values leave it open.

        Notes
        -----
        Dark, pale and constant images are told from a wrong scale by their levels, which bytes
        leave whole and apart from each other. What is more than that, a batch of images tells
        better than one: a single image may be anything on a scale without ends.
        """
        if X.dtype == np.uint8 and self.kind == "bytes":
            return
        low, high = _extremes(X)
        if low == high == 0:  # a black image is black on every scale
            return
        getattr(self, f"_check_{self.kind}")(X, low, high)

    def _check_bytes(self, X: NDArray[Any], low: float, high: float) -> None:
        if low < 0 or high > 255:
            self._refuse(X, "Undo the scaling")
        if high > _NEARLY_BLACK or X.dtype.kind in "iu":
            return
        is_whole = _is_whole(X)
        if high <= 1 and not is_whole:
            self._refuse(X, "Multiply by 255")
        # Only zeros and ones are nearly black bytes, or a unit drawing; what lies between few
        # levels is a nearly black image that was resized, or a bright one that was standardised.
        if low < high and (high <= 1 or not is_whole):
            self._warn(X)

    def _check_unit(self, X: NDArray[Any], low: float, high: float) -> None:
        if low < -_UNIT_SLACK or high > 1 + _UNIT_SLACK:
            is_byte = low >= 0 and high <= 255
            self._refuse(X, "Divide by 255" if is_byte else "Undo the scaling")
        if low < 0 or high > 1:
            self._warn(X)
        if not _is_picture(X):
            return
        if self._is_twice_divided:
            if high > 10 * self.high:
                self._refuse(X, "Divide all of them by 255, and once")
        elif high <= _GRAY_LEVEL < self.high and _has_between(X, low, high):
            self._refuse(X, "Divide by 255 once only")

    def _check_raw(self, X: NDArray[Any], low: float, high: float) -> None:
        spread = self.high - self.low
        if spread == 0:  # a constant tells nothing of other values
            return
        reach = self._reach if _is_picture(X) else 10 * spread
        if low < self.low - reach or high > self.high + reach:
            mean, _ = _moments(X)
            if mean < self.low - reach or mean > self.high + reach:
                self._refuse(X, "Scale them the same way")
        if not _is_picture(X) or low == high:
            return
        if self.is_between_bytes:
            self._check_bytes(X, low, high)
            return
        is_batch = len(X) >= _TELLING_IMAGES
        is_flat = high - low <= _GRAY_LEVEL * spread and _has_between(X, low, high)
        is_positive = self.low < 0 <= low and (is_batch or high <= 1)
        if is_flat or is_positive or (is_batch and not self._varies_like(X, low, high)):
            self._warn(X)

    @property
    def _reach(self) -> float:
        """How far beyond the ends of raw pixels the mean of other images may be."""
        spread = self.high - self.low
        return min(spread, _FAR * self.deviation) if self.deviation else spread

    def _varies_like(self, X: NDArray[Any], low: float, high: float) -> bool:
        """Whether pixels vary as those of `fit`; dark and pale images may vary less."""
        if self.mean is None or not self.deviation:
            return True
        mean, deviation = _moments(X)
        variation = deviation / self.deviation
        margin = _MARGIN * (self.high - self.low)
        is_in_the_middle = self.low + margin < low and high < self.high - margin
        is_near_the_mean = abs(mean - self.mean) < _NEAR_THE_MEAN * self.deviation
        if is_in_the_middle and variation < _HARDLY_ANY_VARIATION:
            return False
        return variation <= _MOST_VARIATION and not (
            is_near_the_mean and variation < _LEAST_VARIATION
        )

    def _refuse(self, X: NDArray[Any], remedy: str) -> None:
        raise PixelScaleError(
            f"Got {_told(X)}, but the model was fitted on {self}. {remedy}, or put the step that "
            "scales the pixels into the same Pipeline as the model."
        )

    def _warn(self, X: NDArray[Any]) -> None:
        warnings.warn(
            f"Got {_told(X)}, while the model was fitted on {self}: if these are images on another "
            "scale, the predictions are wrong.",
            PixelScaleWarning,
            stacklevel=5,
        )


def _told(X: NDArray[Any]) -> str:
    scale = PixelScale.of(X)
    if scale._is_twice_divided:
        return f"floats in [{scale.low:.4g}, {scale.high:.4g}]"
    return str(scale)


def _extremes(X: NDArray[Any]) -> tuple[float, float]:
    lows, highs = zip(*((X[part].min(), X[part].max()) for part in parts_of(X)), strict=True)
    return float(np.min(lows)), float(np.max(highs))


def _kind(X: NDArray[Any], low: float, high: float) -> str:
    if low >= 0 and high <= 1 and X.dtype.kind not in "iu":
        return "unit"
    if low >= 0 and high <= 255:
        is_bytes = X.dtype.kind in "iu" or (high > _FEW_LEVELS and _is_whole(X))
        return "bytes" if is_bytes else "raw"
    return "raw"


def _is_whole(X: NDArray[Any]) -> bool:
    """Whether all pixels are whole numbers; where they are not, the first part tells it."""
    return all(bool(np.all(np.rint(X[part]) == X[part])) for part in parts_of(X))


def _is_picture(X: NDArray[Any]) -> bool:
    # Of fewer values a row may by chance look as if it were on any scale.
    return math.prod(X.shape[1:]) >= FEWEST_PIXELS


def _moments(X: NDArray[Any]) -> tuple[float, float]:
    """Mean and standard deviation of all pixels, of many those of some."""
    images = X[:: -(-len(X) // _IMAGES_LOOKED_AT)]
    pixels = images.reshape(len(images), -1)[:, ::_PIXELS_APART].astype(np.float64)
    release_pages(X)
    return float(pixels.mean()), float(pixels.std())


def _has_between(X: NDArray[Any], low: float, high: float) -> bool:
    """Whether a pixel lies between two values, neither of them included."""
    return any(np.any((low < X[part]) & (X[part] < high)) for part in parts_of(X))
