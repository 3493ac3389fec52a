"""Read image files as a step of a Pipeline."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.sklearn_compat import Interval, Options, StrOptions
from ferclassifier.exceptions import ImageError, UnreadableImageWarning
from ferclassifier.images import check_image_options, read_image
from ferclassifier.images._decoder import MAX_PIXELS
from ferclassifier.preprocessing._image_transformer import refuse_frames
from ferclassifier.preprocessing._source_transformer import SourceTransformer, refuse_missing

_N_FAILURES_SHOWN = 3


class ImageReader(SourceTransformer):
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

    def _read(self, source: Any, position: int) -> NDArray[np.uint8]:
        try:
            refuse_missing(source)
            return read_image(
                source, size=self.size, channels=self.channels, max_pixels=self.max_pixels
            )
        except (ImageError, TypeError) as error:
            raise type(error)(f"Image {position}: {error}") from error


def _warning_of(failures: list[tuple[int, str]], n_images: int) -> UnreadableImageWarning:
    shown = "; ".join(message for _, message in failures[:_N_FAILURES_SHOWN])
    more = len(failures) - _N_FAILURES_SHOWN
    return UnreadableImageWarning(
        f"{len(failures)} of {n_images} images cannot be read, and are black. {shown}"
        + (f"; and {more} more." if more > 0 else "."),
        failures,
    )
