"""What the transformers of images share: any form of a batch goes in, and the same comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ferclassifier._utils.fit_tasks import FitTasks
from ferclassifier._utils.sklearn_compat import (
    CallbackSupportMixin,
    ShortMessagesMixin,
    fit_context,
    get_output_config,
)
from ferclassifier.exceptions import ImageError
from ferclassifier.images._arrays import (
    ImageShape,
    as_images,
    image_shape_of,
    parts_of,
    validate_batch,
)
from ferclassifier.images._containers import array_in
from ferclassifier.images._sources import sources_in

if TYPE_CHECKING:
    from typing import Self


class ImageTransformer(
    CallbackSupportMixin,  # type: ignore[misc]
    ShortMessagesMixin,
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Base of the transformers that take and return arrays of images.

    A transformer writes `_transform_part`, and where they are not those of its input
    `_shape_out` and `_dtype_out`; `_fit_images` if it learns something.
    """

    image_shape: Sequence[int] | None
    n_features_in_: int

    _parameter_constraints: dict[str, list[Any]] = {"image_shape": ["array-like", None]}

    @fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn the shape of the images, and what the transformer has to know of their pixels.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
            The images.
        y : object, default=None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ImageError
            If `X` is no batch of images.
        ValueError
            If a parameter is not valid, or `X` holds no numbers or none that are finite.
        """
        tasks = FitTasks(self, X, y)
        batch = validate_batch(self, self._opened(X), reset=True)
        self.image_shape_ = image_shape_of(batch.shape, self.image_shape)
        self._fit_images(as_images(batch, self.image_shape_))
        tasks.end()
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Transform images.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
            The images.

        Returns
        -------
        ndarray
            New images in the form that was given: rows stay rows, and become a DataFrame where
            `set_output` says so.

        Raises
        ------
        ImageError
            If the images have another shape than those that `fit` saw, or are no rows while
            `set_output` asks for a DataFrame.
        PixelScaleError
            If the transformer remembers a scale, and the pixels are on another one.
        """
        check_is_fitted(self)
        self._validate_params()  # a stateless transformer may not have been fitted
        batch = validate_batch(self, self._opened(X), reset=False)
        if batch.ndim > 2:
            refuse_frames(self, "Pass rows: X.reshape(len(X), -1)")
        images = as_images(batch, self._shape_in(batch))
        self._check_images(images)
        shape = self._shape_out(images.shape[1:])
        dtype = self._dtype_out(images)
        new = np.empty((len(images), *shape), dtype=dtype)
        for part in parts_of(images):
            new[part] = self._transform_part(images[part], dtype)
        return _in_form(new, batch.ndim)

    def _opened(self, X: Any) -> Any:
        """Bring arrays to one, and refuse what is to be decoded.

        NumPy would make pixels of PIL images, whatever the numbers in them mean.
        """
        if sources_in(X) is None:
            return array_in(X)
        name = type(self).__name__
        raise ImageError(
            f"Got images to be decoded, but {name} takes arrays. Put an ImageReader before it: "
            f"make_pipeline(ImageReader(), {name}(), ...)."
        )

    def _shape_in(self, batch: NDArray[Any]) -> ImageShape:
        """Height, width and channels of images to be transformed."""
        fitted: ImageShape | None = getattr(self, "image_shape_", None)
        if fitted is None:  # a stateless transformer
            return image_shape_of(batch.shape, self.image_shape)
        if batch.ndim == 2:  # their length has been compared
            return fitted
        found = image_shape_of(batch.shape)
        self._check_shape(found, fitted)
        return found

    def _check_shape(self, found: ImageShape, fitted: ImageShape) -> None:
        if found != fitted:
            raise ImageError(
                f"X has images of shape {found}, but {type(self).__name__} is expecting {fitted} "
                "(height, width, channels). Resize them, or fit another transformer."
            )

    def _fit_images(self, images: NDArray[Any]) -> None:
        """Learn from images with channels."""

    def _check_images(self, images: NDArray[Any]) -> None:
        """Refuse images that do not go with those of `fit`."""

    def _shape_out(self, shape: ImageShape) -> ImageShape:
        return shape

    def _dtype_out(self, images: NDArray[Any]) -> DTypeLike:
        return np.float32

    def _transform_part(self, images: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        """Transform some of the images, whose result will be of this dtype."""
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def refuse_frames(transformer: Any, remedy: str) -> None:
    """Raise an error where `set_output` asks for a DataFrame, which cannot hold images."""
    container = get_output_config("transform", transformer)["dense"]
    if container != "default":
        raise ImageError(
            f"Got images for {type(transformer).__name__}, but expected rows, because set_output "
            f"asks for {container}, whose tables have two dimensions. {remedy}, or call "
            "set_output(transform='default')."
        )


def _in_form(images: NDArray[Any], ndim: int) -> NDArray[Any]:
    """Give images with channels the form of a batch of so many dimensions."""
    if ndim == 2:
        return images.reshape(len(images), -1)
    return images[..., 0] if ndim == 3 else images
