"""Images as a fitted classifier takes them, in any form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier.exceptions import ImageError, SingleImageError
from ferclassifier.images._arrays import ImageShape, as_images, image_shape_of, validate_batch
from ferclassifier.images._containers import array_in
from ferclassifier.images._pixel_scale import PixelScale
from ferclassifier.images._sources import ImageSources, shape_of_sources, sources_in

# Of single images: gray, coloured, and with transparency.
_CHANNELS = (1, 3, 4)

# What files hold, as far as their scale goes: images of every level of bytes.
_LIKE_FILES = np.tile(np.arange(256, dtype=np.uint8), (8, 1))


class ImageInputMixin:
    """Batches of images, rows or what is to be decoded, compared with what `fit` saw.

    A class that inherits from it has the parameter `image_shape`.
    """

    image_shape: Sequence[int] | None
    image_shape_: ImageShape
    pixel_scale_: PixelScale
    n_features_in_: int

    def _validate_images(self, X: Any, *, reset: bool) -> NDArray[Any] | ImageSources:
        """Check a batch in any form, and view it as images with channels."""
        sources = sources_in(X)
        if sources is not None:
            return self._validate_sources(sources, reset=reset)
        X = array_in(X)
        if not reset:
            self._refuse_single(X)
        X = validate_batch(self, X, reset=reset)
        if reset:
            self.image_shape_ = image_shape_of(X.shape, self.image_shape)
            self.pixel_scale_ = PixelScale.of_training(X)
        else:
            if X.ndim > 2:  # rows have been compared by their length
                self._check_image_shape(image_shape_of(X.shape))
            self.pixel_scale_.check(X)
        return as_images(X, self.image_shape_)

    def _validate_sources(self, sources: NDArray[Any], *, reset: bool) -> ImageSources:
        if reset:
            self.image_shape_ = shape_of_sources(self.image_shape)
            self.pixel_scale_ = PixelScale("bytes", 0.0, 255.0)
            self.n_features_in_ = math.prod(self.image_shape_)
            if hasattr(self, "feature_names_in_"):  # of an earlier fit
                del self.feature_names_in_
        else:
            self.pixel_scale_.check(_LIKE_FILES)
        return ImageSources(sources, self.image_shape_)

    def _refuse_single(self, X: Any) -> None:
        """Refuse one image of the shape that is known, which would be taken for many rows."""
        shape, size = tuple(getattr(X, "shape", ())), self.image_shape_[:2]
        is_image = shape in (size, *((*size, channels) for channels in _CHANNELS))
        if is_image and shape[1:] not in ((self.n_features_in_,), size):
            raise SingleImageError(
                f"Got one image of shape {shape}, but expected several. Put a single one into a "
                "list: [image], which is image[np.newaxis]."
            )

    def _check_image_shape(self, shape: ImageShape) -> None:
        if shape != self.image_shape_:
            raise ImageError(
                f"X has images of shape {shape}, but {type(self).__name__} is expecting "
                f"{self.image_shape_} (height, width, channels). {self._remedy_for(shape)}"
            )

    def _remedy_for(self, shape: ImageShape) -> str:
        height, width, channels = self.image_shape_
        if shape[:2] != (height, width):
            resized = f"ImageResizer(({height}, {width})).fit_transform(X)"
            return f"Resize them, {resized}, or fit another model."
        if channels == 3:
            return "Repeat gray as colours: np.repeat(X.reshape(*X.shape[:3], 1), 3, axis=-1)."
        if self.pixel_scale_.kind == "bytes":
            return f"Convert them to gray: ImageReader(({height}, {width})).transform(X)."
        return "Convert them to gray: X @ [0.299, 0.587, 0.114]."
