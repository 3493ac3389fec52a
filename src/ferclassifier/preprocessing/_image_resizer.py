"""Bring images to one size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from PIL import Image
from sklearn.utils.validation import check_is_fitted

from ferclassifier._utils.sklearn_compat import StrOptions, check_feature_names_in
from ferclassifier.exceptions import ImageError
from ferclassifier.images import check_image_options
from ferclassifier.images._arrays import ImageShape, pixel_names
from ferclassifier.preprocessing._image_transformer import ImageTransformer


class ImageResizer(ImageTransformer):
    """Bring images to one size, whatever their aspect ratio.

    Bytes get the same pixels as from :func:`~ferclassifier.images.read_image` with this size.

    Parameters
    ----------
    size : tuple of (height, width), default=(48, 48)
        Size of the new images.
    resample : {"lanczos", "bicubic", "bilinear", "box", "nearest"}, default="lanczos"
        The filter. All but "nearest" are antialiased: where images shrink, each new pixel weighs
        all old ones that it covers.
    image_shape : tuple of (height, width) or (height, width, channels), default=None
        How rows become images; None takes a square, with colours if their length is three times
        one, and refuses others.

    Attributes
    ----------
    image_shape_ : tuple of (height, width, channels)
        Shape of the images that `fit` saw.
    n_features_in_ : int
        Number of values per image that `fit` saw.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns; only if `fit` saw a DataFrame with string columns.

    See Also
    --------
    ImageReader : Read and resize image files.

    Notes
    -----
    The transformer is stateless: it transforms without `fit`, each image by itself. After `fit`,
    rows must be as long as they were, and the channels as many; images may have any size.

    Integers keep their dtype, everything else gives float32. A filter overshoots at edges, and what
    it overshoots is cut off at the ends of the image's scale: 0 and 1 for floats in [0, 1], 0 and
    255 for numbers in [0, 255], else the image's own extremes. Floats give the image
    that bytes give to about a level, and to some more at edges from black to white, where Pillow
    cuts bytes off halfway, too.

    References
    ----------
    Turkowski, "Filters for common resampling tasks", Graphics Gems I, 1990, for the filters and
    the overshoot.

    Examples
    --------
    >>> from ferclassifier import ImageResizer, make_faces
    >>> X, _ = make_faces(10, random_state=0)
    >>> ImageResizer((32, 24)).fit_transform(X).shape
    (10, 32, 24)
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "size": ["array-like"],
        "resample": [StrOptions({"lanczos", "bicubic", "bilinear", "box", "nearest"})],
        **ImageTransformer._parameter_constraints,
    }

    def __init__(
        self,
        size: tuple[int, int] = (48, 48),
        *,
        resample: Literal["lanczos", "bicubic", "bilinear", "box", "nearest"] = "lanczos",
        image_shape: Sequence[int] | None = None,
    ) -> None:
        self.size = size
        self.resample = resample
        self.image_shape = image_shape

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Name the columns that rows have after `transform`.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Compared with the names that `fit` saw, and not used otherwise.

        Returns
        -------
        names : ndarray of str objects
            "pixel_0_1" for row 0 and column 1; where there are channels, "pixel_0_1_2".
        """
        check_is_fitted(self, "image_shape_")
        check_feature_names_in(self, input_features, generate_names=False)
        return pixel_names(self._shape_out(self.image_shape_))

    def _fit_images(self, images: NDArray[Any]) -> None:
        check_image_options(self.size, channels=1)

    def _check_shape(self, found: ImageShape, fitted: ImageShape) -> None:
        if found[2] != fitted[2]:
            raise ImageError(
                f"Got images with {found[2]} channels, but ImageResizer was fitted on images with "
                f"{fitted[2]}. Read all images with the same number of channels."
            )

    def _shape_out(self, shape: ImageShape) -> ImageShape:
        check_image_options(self.size, channels=1)
        return (*self.size, shape[2])

    def _dtype_out(self, images: NDArray[Any]) -> DTypeLike:
        # By the dtype alone: by the pixels, one batch would give another dtype than the next.
        return images.dtype if images.dtype.kind in "iu" else np.float32

    def _transform_part(self, images: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        resample = Image.Resampling[self.resample.upper()]
        if images.dtype == np.uint8:
            return _resize_bytes(images, self.size, resample)
        if images.dtype.kind in "iu":
            return _resize_integers(images, self.size, resample)
        return _resize_floats(images.astype(np.float32, copy=False), self.size, resample)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = ["float32", "uint8"]
        return tags


def _resize_bytes(
    images: NDArray[np.uint8], size: tuple[int, int], resample: Image.Resampling
) -> NDArray[np.uint8]:
    height, width = map(int, size)
    gray = images[..., 0] if images.shape[3] == 1 else images
    new = [Image.fromarray(image).resize((width, height), resample) for image in gray]
    return np.stack([np.asarray(image) for image in new]).reshape(len(images), *size, -1)


def _resize_integers(
    images: NDArray[np.integer], size: tuple[int, int], resample: Image.Resampling
) -> NDArray[np.integer]:
    """Resize each image as bytes if its pixels are, and otherwise round what floats give."""
    new = np.empty((len(images), *size, images.shape[3]), dtype=images.dtype)
    white = min(255, np.iinfo(images.dtype).max)
    for i, image in enumerate(images):
        one = image[np.newaxis]
        if image.min() >= 0 and image.max() <= 255:
            new[i] = np.minimum(_resize_bytes(one.astype(np.uint8), size, resample), white)[0]
        else:
            new[i] = np.rint(_resize_floats(one.astype(np.float32), size, resample))[0]
    return new


def _resize_floats(
    images: NDArray[np.float32], size: tuple[int, int], resample: Image.Resampling
) -> NDArray[np.float32]:
    height, width = map(int, size)
    new = np.empty((len(images), height, width, images.shape[3]), dtype=np.float32)
    for i, channel in np.ndindex(len(images), images.shape[3]):
        plane = Image.fromarray(images[i, :, :, channel])
        new[i, :, :, channel] = np.asarray(plane.resize((width, height), resample))
    return np.clip(new, *_ends_of_scale(images))


def _ends_of_scale(images: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the least and the greatest value that a filter may give to each image."""
    low = images.min(axis=(1, 2, 3), keepdims=True)
    high = images.max(axis=(1, 2, 3), keepdims=True)
    white = np.where(high <= 1, 1, np.where(high <= 255, 255, high))
    return np.minimum(low, 0), np.where(low >= 0, white, high)
