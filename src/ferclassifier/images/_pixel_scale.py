"""The scale of the pixels of a batch."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier.exceptions import PixelScaleError, PixelScaleWarning
from ferclassifier.images._arrays import parts_of

# What a standardised or interpolated image may exceed [0, 1] by before it is no unit image.
_UNIT_SLACK = 0.5
# So many pixels of standardised data never all fall into [0, 1] by chance.
_TELLING_PIXELS = 64


@dataclass(frozen=True)
class PixelScale:
    """The scale of the pixels that a model was fitted on.

    Attributes
    ----------
    kind : {"bytes", "unit", "raw"}
        Integers in [0, 255]; floats in [0, 1]; anything else, taken as it comes.
    low, high : float
        The smallest and the largest pixel.
    """

    kind: str
    low: float
    high: float

    @classmethod
    def of(cls, X: NDArray[Any]) -> PixelScale:
        """Measure a batch; uint8 is taken for bytes without a look at a single pixel."""
        return cls("bytes", 0.0, 255.0) if X.dtype == np.uint8 else cls._measured(X)

    @classmethod
    def _measured(cls, X: NDArray[Any]) -> PixelScale:
        lows, highs = zip(*((X[part].min(), X[part].max()) for part in parts_of(X)), strict=True)
        low, high = float(np.min(lows)), float(np.max(highs))
        if X.dtype.kind in "iu":
            return cls("bytes" if low >= 0 and high <= 255 else "raw", low, high)
        return cls("unit" if low >= 0 and high <= 1 else "raw", low, high)

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
        """
        if X.dtype == np.uint8 and self.kind == "bytes":
            return
        got = self._measured(X)
        if got.low == got.high == 0:  # a black image is black on every scale
            return
        getattr(self, f"_check_{self.kind}")(X, got)

    def _check_bytes(self, X: NDArray[Any], got: PixelScale) -> None:
        if got.kind == "unit":
            if got.high == 1 and not _has_between(X, got.low, 1):
                self._warn(got)  # only zeros and ones: nearly black bytes, or a unit drawing
            else:
                self._refuse(got, "Multiply by 255")
        elif got.low < 0 or got.high > 255:
            self._refuse(got, "Undo the scaling")

    def _check_unit(self, X: NDArray[Any], got: PixelScale) -> None:
        if got.low < -_UNIT_SLACK or got.high > 1 + _UNIT_SLACK:
            remedy = "Divide by 255" if got.low >= 0 and got.high <= 255 else "Undo the scaling"
            self._refuse(got, remedy)
        if got.low < 0 or got.high > 1:
            self._warn(got)

    def _check_raw(self, X: NDArray[Any], got: PixelScale) -> None:
        spread = self.high - self.low
        if got.kind == "bytes" and got.high > self.high + 10 * spread:
            self._refuse(got, "Scale them the same way")
        if got.kind == "unit" and self.low < 0 and X.size >= _TELLING_PIXELS:
            self._warn(got)

    def _refuse(self, got: PixelScale, remedy: str) -> None:
        raise PixelScaleError(
            f"Got {got}, but the model was fitted on {self}. {remedy}, or put the step that "
            "scales the pixels into the same Pipeline as the model."
        )

    def _warn(self, got: PixelScale) -> None:
        warnings.warn(
            f"Got {got}, while the model was fitted on {self}: if these are images on another "
            "scale, the predictions are wrong.",
            PixelScaleWarning,
            stacklevel=5,
        )


def _has_between(X: NDArray[Any], low: float, high: float) -> bool:
    """Whether a pixel lies between two values, neither of them included."""
    return any(np.any((low < X[part]) & (X[part] < high)) for part in parts_of(X))
