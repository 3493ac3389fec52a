"""Read image files as a step of a Pipeline."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ferclassifier._utils.fit_tasks import FitTasks
from ferclassifier._utils.sklearn_compat import (
    CallbackSupportMixin,
    Interval,
    Options,
    ShortMessagesMixin,
    StrOptions,
    check_feature_names_in,
    fit_context,
)
from ferclassifier._utils.wording import names_quoted
from ferclassifier.exceptions import ImageError, UnreadableImageWarning
from ferclassifier.images import check_image_options, read_image
from ferclassifier.images._arrays import pixel_names
from ferclassifier.images._decoder import MAX_PIXELS
from ferclassifier.images._sources import holds_numbers, is_missing, refuse_single
from ferclassifier.preprocessing._image_transformer import refuse_frames

if TYPE_CHECKING:
    from typing import Self

_N_FAILURES_SHOWN = 3


class ImageReader(
    CallbackSupportMixin,  # type: ignore[misc]
    ShortMessagesMixin,
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Read images, wherever they are and of any sizes, to arrays of bytes of one size.

    Each image is read by :func:`~ferclassifier.images.read_image`: the orientation in its EXIF
    data is applied, transparent pixels are laid on white.

    Parameters
    ----------
    size : tuple of (height, width), default=(48, 48)
        The images are resized to this, whatever their aspect ratio, with an antialiasing Lanczos
        filter.
    channels : {1, 3}, default=1
        1 gives gray, 3 gives red, green and blue.
    as_rows : bool, default=False
        Return each image as one row of pixels, which is what a ColumnTransformer and `set_output`
        need. Everything in this package takes rows too.
    on_error : {"raise", "blank"}, default="raise"
        What becomes of an image that is missing or damaged. A transformer must return as many
        images as it was given: "blank" puts a black one in its place, and one
        :class:`~ferclassifier.exceptions.UnreadableImageWarning` says which they were.
    max_pixels : int, default=50000000
        An image of more pixels counts as one that cannot be read: it is refused by its header,
        since decoding it may take 25 bytes for each of them.

    Attributes
    ----------
    n_features_in_ : int
        1: an image is one value.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column; only if `fit` saw a DataFrame with a string column.

    See Also
    --------
    load_image_folder : Read a folder with a subfolder for each label.
    ImageResizer : Bring images that are arrays already to one size.

    Notes
    -----
    The transformer is stateless: it transforms without `fit`, and `fit` reads no file. A file
    object is read from where it stands, and is left there if it can seek. Of arrays, integers and
    floats are brought to bytes each by themselves, as those of files are.

    Its input is no matrix of numbers, which the tags say, and scikit-learn's common checks, which
    know nothing else, pass it over; the tests of this package run them on images that are made of
    such a matrix.

    Examples
    --------
    A table with a column of images, beside other columns:

    >>> import pandas as pd
    >>> from PIL import Image
    >>> from sklearn.compose import make_column_transformer
    >>> from ferclassifier import ImageReader
    >>> faces = [Image.new("L", (60, 80), level) for level in (0, 255)]
    >>> table = pd.DataFrame({"face": faces, "age": [31, 64]})
    >>> ImageReader().fit_transform(table["face"]).shape
    (2, 48, 48)
    >>> columns = make_column_transformer(
    ...     (ImageReader((8, 8), as_rows=True), "face"), ("passthrough", ["age"])
    ... )
    >>> columns.fit_transform(table).shape
    (2, 65)

    Which images could not be read:

    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     X = ImageReader(on_error="blank").transform([faces[0], "no_such_file.png"])
    >>> [w.message.failures for w in caught]
    [[(1, 'Image 1: no_such_file.png: there is no such file')]]
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "size": ["array-like"],
        "channels": [Options(Integral, {1, 3})],
        "as_rows": ["boolean"],
        "on_error": [StrOptions({"raise", "blank"})],
        "max_pixels": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        size: tuple[int, int] = (48, 48),
        *,
        channels: int = 1,
        as_rows: bool = False,
        on_error: Literal["raise", "blank"] = "raise",
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self.size = size
        self.channels = channels
        self.as_rows = as_rows
        self.on_error = on_error
        self.max_pixels = max_pixels

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
        self : ImageReader

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

    def transform(self, X: Any) -> NDArray[np.uint8]:
        """Read images.

        Parameters
        ----------
        X : list, array, Series or DataFrame of one column
            The images: paths, bytes, binary file objects, PIL images, arrays of any sizes, or
            dicts of "bytes" and "path", as Hugging Face's `datasets` and Parquet files have them,
            mixed as they may be.

        Returns
        -------
        ndarray of shape (n, height, width), uint8 in [0, 255]
            The images, (n, height, width, 3) with 3 channels. With `as_rows`, (n, pixels), or a
            DataFrame of that shape where `set_output` says so.

        Raises
        ------
        ImageError
            If an image is missing or damaged and `on_error` is "raise"; the message says which one
            and why.
        TypeError
            If `X`, or an image in it, is nothing that can be read.

        Warns
        -----
        UnreadableImageWarning
            If images are missing or damaged and `on_error` is "blank".
        """
        self._validate_params()
        check_image_options(self.size, self.channels)
        if not self.as_rows:
            refuse_frames(self, "Set as_rows=True")
        sources = self._list_images(X, reset=False)
        shape = tuple(self.size) if self.channels == 1 else (*self.size, self.channels)
        images = np.zeros((len(sources), *shape), dtype=np.uint8)
        failures = []
        for i, source in enumerate(sources):
            try:
                images[i] = self._read(source, i)
            except ImageError as error:
                if self.on_error == "raise":
                    raise
                failures.append((i, str(error)))
        if failures:
            warnings.warn(_warning_of(failures, len(sources)), stacklevel=3)
        return images.reshape(len(images), -1) if self.as_rows else images

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

    def _read(self, source: Any, position: int) -> NDArray[np.uint8]:
        try:
            if is_missing(source):
                raise ImageError(f"got {source}, a missing value, instead of an image")
            return read_image(
                source, size=self.size, channels=self.channels, max_pixels=self.max_pixels
            )
        except (ImageError, TypeError) as error:
            raise type(error)(f"Image {position}: {error}") from error

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


def _warning_of(failures: list[tuple[int, str]], n_images: int) -> UnreadableImageWarning:
    shown = "; ".join(message for _, message in failures[:_N_FAILURES_SHOWN])
    more = len(failures) - _N_FAILURES_SHOWN
    return UnreadableImageWarning(
        f"{len(failures)} of {n_images} images cannot be read, and are black. {shown}"
        + (f"; and {more} more." if more > 0 else "."),
        failures,
    )
