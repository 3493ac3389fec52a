"""Images as a fitted classifier takes them, in any form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier.exceptions import ImageError
from ferclassifier.images._arrays import ImageShape, as_images, image_shape_of, validate_batch
from ferclassifier.images._decoder import check_image_options
from ferclassifier.images._files import SHAPE_OF_FILES, ImageFiles, paths_in
from ferclassifier.images._pixel_scale import PixelScale


class ImageInputMixin:
    """Batches of images, rows or paths, compared with what `fit` saw.

    A class that inherits from it has the parameter `image_shape`.
    """

    image_shape: Sequence[int] | None
    image_shape_: ImageShape
    pixel_scale_: PixelScale
    n_features_in_: int

    def _validate_images(self, X: Any, *, reset: bool) -> NDArray[Any] | ImageFiles:
        """Check a batch in any form, and view it as images with channels."""
        if isinstance(X, list | tuple):
            X = np.asarray(X)
        paths = paths_in(X)
        if paths is not None:
            return self._validate_files(paths, reset=reset)
        X = validate_batch(self, X, reset=reset)
        if reset:
            self.image_shape_ = image_shape_of(X.shape, self.image_shape)
            self.pixel_scale_ = PixelScale.of(X)
        else:
            if X.ndim > 2:  # rows have been compared by their length
                self._check_image_shape(image_shape_of(X.shape))
            self.pixel_scale_.check(X)
        return as_images(X, self.image_shape_)

    def _validate_files(self, paths: NDArray[Any], *, reset: bool) -> ImageFiles:
        if reset:
            shape = SHAPE_OF_FILES if self.image_shape is None else self.image_shape
            height, width, channels = (*shape, 1)[:3]
            check_image_options((height, width), channels)
            self.image_shape_ = (int(height), int(width), int(channels))
            self.pixel_scale_ = PixelScale("bytes", 0.0, 255.0)
            self.n_features_in_ = height * width * channels
            if hasattr(self, "feature_names_in_"):  # of an earlier fit
                del self.feature_names_in_
        else:
            self.pixel_scale_.check(np.array([0, 255], dtype=np.uint8))
        return ImageFiles(paths, self.image_shape_)

    def _check_image_shape(self, shape: ImageShape) -> None:
        if shape != self.image_shape_:
            raise ImageError(
                f"X has images of shape {shape}, but {type(self).__name__} is expecting "
                f"{self.image_shape_} (height, width, channels). Resize them, or fit another model."
            )
