"""Even out the contrast of images."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sklearn.base import OneToOneFeatureMixin

from ferclassifier._utils.sklearn_compat import Interval, StrOptions
from ferclassifier._utils.wording import quoted
from ferclassifier.images._displayable import luma
from ferclassifier.images._pixel_scale import PixelScale
from ferclassifier.preprocessing._histograms import equalise, equalise_adaptively
from ferclassifier.preprocessing._image_transformer import ImageTransformer


class HistogramEqualizer(OneToOneFeatureMixin, ImageTransformer):  # type: ignore[misc]
    """Even out the contrast of each image.

    Parameters
    ----------
    method : {"global", "clahe"}, default="global"
        "global" spreads the gray levels of the image over the whole scale; "clahe", contrast-
        limited adaptive histogram equalisation, does so tile by tile, which also evens out light
        from one side.
    clip_limit : float >= 1, default=2.0
        With "clahe", the bins of a tile's histogram are cut at this multiple of their mean, and
        what is cut off is spread over all of them. Contrast, and noise, rise by at most this
        factor plus one.
    tile_grid : tuple of (rows, columns), default=(4, 4)
        With "clahe", the number of tiles. Where they do not divide the image, they differ by a
        pixel.
    image_shape : tuple of (height, width) or (height, width, channels), default=None
        How rows become images; None takes a square, with colours if their length is three times
        one, and refuses others.

    Attributes
    ----------
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
    PixelScaler : Change the scale, not the histogram.

    Notes
    -----
    Pixels keep their scale: integers in [0, 255] give uint8, everything else float32 of 256 levels,
    of [0, 1] for unit floats, else of the range that `fit` saw, beyond which values are cut off.
    Pixels on another scale than those that `fit` saw raise
    :class:`~ferclassifier.exceptions.PixelScaleError`.

    Of images with 3 channels the luma is equalised, and each channel is shifted by the change in
    it, which keeps the hue as far as the scale allows. Images of one level stay as they are.

    "global" is what OpenCV's ``equalizeHist`` does. "clahe" differs from OpenCV's: bins are
    not rounded to whole pixels, which moves grays by dozens of levels where a tile has fewer than
    256 pixels; no pixels are mirrored beyond the edge; and weights are measured from the true
    centres of the tiles, so that a mirror image is treated alike.

    References
    ----------
    Gonzalez and Woods, "Digital Image Processing", section 3.3.

    Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994.

    Examples
    --------
    >>> from ferclassifier import HistogramEqualizer, make_faces
    >>> X, _ = make_faces(10, random_state=0)
    >>> even = HistogramEqualizer("clahe").fit_transform(X // 4)
    >>> int((X // 4).max()), int(even.max()) > 100
    (63, True)
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "method": [StrOptions({"global", "clahe"})],
        "clip_limit": [Interval(Real, 1, None, closed="left")],
        "tile_grid": ["array-like"],
        **ImageTransformer._parameter_constraints,
    }

    def __init__(
        self,
        method: Literal["global", "clahe"] = "global",
        *,
        clip_limit: float = 2.0,
        tile_grid: tuple[int, int] = (4, 4),
        image_shape: Sequence[int] | None = None,
    ) -> None:
        self.method = method
        self.clip_limit = clip_limit
        self.tile_grid = tile_grid
        self.image_shape = image_shape

    def _fit_images(self, images: NDArray[Any]) -> None:
        _check_tile_grid(self.tile_grid)
        self.pixel_scale_ = PixelScale.of_training(images)

    def _check_images(self, images: NDArray[Any]) -> None:
        self.pixel_scale_.check(images)

    def _dtype_out(self, images: NDArray[Any]) -> DTypeLike:
        is_bytes = self.pixel_scale_.kind == "bytes" and images.dtype.kind in "iu"
        return np.uint8 if is_bytes else np.float32

    def _transform_part(self, images: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        low, high = self.pixel_scale_.ends
        step = (high - low) / 255 or 1.0
        levels = images
        if images.dtype != np.uint8:
            levels = np.rint(np.clip((images - low) / step, 0, 255)).astype(np.uint8)
        new = self._equalise(levels)
        return new if dtype == np.uint8 else low + new * step

    def _equalise(self, levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Equalise images with channels."""
        gray = luma(levels) if levels.shape[3] == 3 else levels[..., 0]
        if self.method == "global":
            even = equalise(gray)
        else:
            rows, columns = self.tile_grid
            even = equalise_adaptively(gray, self.clip_limit, (rows, columns))
        if levels.shape[3] == 1:
            return even[..., None]
        change = even.astype(np.int16) - gray
        return np.clip(levels + change[..., None], 0, 255).astype(np.uint8)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32", "uint8"]
        return tags


def _check_tile_grid(tile_grid: Any) -> None:
    grid = list(tile_grid)
    if len(grid) != 2 or not all(isinstance(n, int | np.integer) and n > 0 for n in grid):
        raise ValueError(
            f"Got tile_grid={quoted(tile_grid)}, but expected (rows, columns), two numbers from 1 "
            "on."
        )
