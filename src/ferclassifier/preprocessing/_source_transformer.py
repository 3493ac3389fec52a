"""What the transformers share that read images from whatever holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ferclassifier._utils.fit_tasks import FitTasks
from ferclassifier._utils.sklearn_compat import (
    CallbackSupportMixin,
    ShortMessagesMixin,
    check_feature_names_in,
    fit_context,
)
from ferclassifier._utils.wording import names_quoted
from ferclassifier.exceptions import ImageError
from ferclassifier.images import check_image_options
from ferclassifier.images._arrays import pixel_names
from ferclassifier.images._sources import holds_numbers, is_missing, refuse_single

if TYPE_CHECKING:
    from typing import Self


class SourceTransformer(
    CallbackSupportMixin,  # type: ignore[misc]
    ShortMessagesMixin,
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Base of the transformers that make images of one size of files, bytes and the like.

    They are stateless, and their input is a column of images, no matrix.
    """

    size: tuple[int, int]
    channels: int

    @fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters and the form of the input; no image is read.

        Parameters
        ----------
        X : list, array, Series or DataFrame of one column
            The images, as `transform` takes them.
        y : object, default=None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a parameter is not valid.
        ImageError
            If `X` has more than one column, or no image.
        TypeError
            If `X` is a single image, or holds rows of numbers.
        """
        tasks = FitTasks(self, X, y)
        check_image_options(self.size, self.channels)
        self._list_images(X, reset=True)
        tasks.end()
        return self

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Name the columns of the rows that `transform` returns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Compared with the name that `fit` saw, and not used otherwise.

        Returns
        -------
        names : ndarray of str objects
            "pixel_0_1" for row 0 and column 1; with 3 channels, "pixel_0_1_2".
        """
        check_is_fitted(self, "n_features_in_")
        check_feature_names_in(self, input_features, generate_names=False)
        return pixel_names((*self.size, self.channels))

    def _list_images(self, X: Any, *, reset: bool) -> list[Any]:
        """Put the images of any container into a list, and check the name of its column."""
        images = list_images(X)
        if hasattr(X, "columns"):
            validate_data(self, X, reset=reset, skip_check_array=True)
        elif reset:
            self.n_features_in_ = 1
            if hasattr(self, "feature_names_in_"):  # of an earlier fit
                del self.feature_names_in_
        return images

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        tags.requires_fit = False
        return tags


def list_images(X: Any) -> list[Any]:
    """Put the images of any container into a list.

    Parameters
    ----------
    X : list, array of shape (n,) or (n, 1), Series, DataFrame of one column, or array of images

    Returns
    -------
    list

    Raises
    ------
    ImageError
        If there is more than one column, or no image.
    TypeError
        If `X` is a single image, or holds rows of numbers.
    """
    refuse_single(X)
    if not (hasattr(X, "shape") or isinstance(X, Sequence)):
        raise TypeError(
            f"Got X of type {type(X).__name__}, but expected a list, an array, a Series or a "
            "DataFrame of one column."
        )
    shape: tuple[int, ...] = tuple(getattr(X, "shape", (len(X),)))
    is_numbers = holds_numbers(X)
    if is_numbers and len(shape) < 3:
        raise TypeError(
            f"Got an array of {X.dtype} of shape {shape}, but expected paths, bytes, file objects, "
            "PIL images or arrays of images. Rows of pixels need no reading; ImageResizer brings "
            "their images to another size."
        )
    if not is_numbers and (len(shape) > 2 or (len(shape) == 2 and shape[1] != 1)):
        names = f", the columns {names_quoted(X.columns)}" if hasattr(X, "columns") else ""
        raise ImageError(
            f"Got X of shape {shape}{names}, but expected one column of images. Pick one column."
        )
    if not shape[0]:
        raise ImageError("Got no image, but expected at least one.")
    if hasattr(X, "columns"):
        X = X[X.columns[0]]
    return list(X[:, 0] if isinstance(X, np.ndarray) and len(shape) == 2 else X)


def refuse_missing(source: Any) -> None:
    """Raise an ImageError if a value stands for no image."""
    if is_missing(source):
        raise ImageError(f"got {source}, a missing value, instead of an image")
