"""Cut faces out of photos as a step of a Pipeline."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.sklearn_compat import Interval, Options, StrOptions
from ferclassifier._utils.wording import count, in_words
from ferclassifier.exceptions import DataError, ImageError, NoFaceError
from ferclassifier.faces._crops import crops_of, whole
from ferclassifier.faces._detector import MIN_SIZE, THRESHOLD, Detector
from ferclassifier.faces._faces import Face
from ferclassifier.images import check_image_options
from ferclassifier.images._decoder import MAX_PIXELS
from ferclassifier.images._photos import read_photo
from ferclassifier.images._source_kinds import path_of
from ferclassifier.preprocessing._image_transformer import refuse_frames
from ferclassifier.preprocessing._source_transformer import SourceTransformer, refuse_missing

_N_SHOWN = 3


class FaceCrops(NamedTuple):
    """Faces cut out of photos, and where they come from.

    Attributes
    ----------
    images : ndarray of shape (n_crops, height, width), uint8 in [0, 255]
        The crops, (n_crops, height, width, 3) with 3 channels: photo by photo, and of each the
        largest face first.
    rows : ndarray of shape (n_crops,), int
        Of which photo each of them is: its place among those that were given, from 0.
    faces : list of Face or None
        The face in its photo, in pixels of it; None where the whole picture was taken.

    Examples
    --------
    >>> from ferclassifier import FaceCropper, make_faces
    >>> faces, labels = make_faces(3, random_state=0)
    >>> images, rows, found = FaceCropper().crop(list(faces))
    >>> images.shape, rows.tolist(), found  # they are crops already
    ((3, 48, 48), [0, 1, 2], [None, None, None])
    """

    images: NDArray[np.uint8]
    rows: NDArray[np.intp]
    faces: list[Face | None]

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.images.shape[1:]))
        return f"<FaceCrops: {count(len(self.images), 'crop')} of {size}>"


class FaceCropper(SourceTransformer):
    """Cut the faces out of photos, framed as those of FER-2013 are.

    A photo becomes one crop or several, the largest face first; which photo each crop is of tells
    `crop`. A picture of at most 64 by 64 pixels is the crop of a face already, and is taken whole.

    Parameters
    ----------
    size : tuple of (height, width), default=(48, 48)
        Of the crops. One that is no square shows more, at its longer sides.
    channels : {1, 3}, default=1
        1 gives gray, 3 gives red, green and blue.
    margin : float, default=0.0
        What a crop shows more on each side than those of FER-2013 do, as a share of their side,
        from -0.4 to 2. The released models expect 0.
    align : bool, default=True
        Turn tilted faces more upright. FER-2013's are tilted themselves, so that a part of a tilt
        stays, of 8 degrees at most. Place and size follow the face in any case.
    on_no_face : {"raise", "whole", "skip"}, default="raise"
        What becomes of a photo in which no face is found. A classifier knows no answer "no face":
        "whole" hands it the whole photo, of which it will name an emotion. "skip" leaves the photo
        out, so that there is no crop of it.
    largest : bool, default=False
        Take the largest face of each photo alone.
    min_size : int, default=20
        The longer side of the smallest face, in pixels of the photo.
    threshold : float, default=0.6
        The least score of a face, between 0 and 1.
    detector : callable, default=None
        A detector of one's own, see :func:`~ferclassifier.faces.detect_faces`.
    as_rows : bool, default=False
        Return each crop as one row of pixels, which is what a ColumnTransformer and `set_output`
        need. Everything in this package takes rows too.
    max_pixels : int, default=50000000
        A photo of more pixels is refused by its header, before it is decoded.

    Attributes
    ----------
    n_features_in_ : int
        1: a photo is one value.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column; only if `fit` saw a DataFrame with a string column.

    See Also
    --------
    ferclassifier.faces.detect_faces : Find the faces in a photo.
    ImageReader : Read images that are crops of faces already.

    Notes
    -----
    **In a Pipeline with labels**, each photo has to give one crop. ``largest=True`` makes it so,
    with "raise" or "whole" for `on_no_face`; then `fit`, `score` and a search go with the labels of
    the photos. Otherwise there are as many rows as faces, and so many predictions: `fit_transform`
    with labels, and so the fit of a Pipeline, is an error where a photo has not given one crop.
    Take the crops by `crop` then, and pick labels by ``y[crops.rows]``.

    The transformer is stateless: it transforms without `fit`, and `fit` reads no file. As for
    :class:`~ferclassifier.ImageReader`, scikit-learn's common checks pass its input over, which is
    no matrix of numbers; the tests of this package run them on pictures that are made of one.

    Examples
    --------
    >>> import numpy as np
    >>> from ferclassifier import FaceCropper, make_faces
    >>> faces, labels = make_faces(3, random_state=0)
    >>> np.array_equal(FaceCropper().transform(faces), faces)
    True

    Two faces in a photo, found by a detector of one's own:

    >>> photo = np.zeros((300, 400, 3), np.uint8)
    >>> def detector(pixels):
    ...     return [(50, 50, 150, 150), (200, 80, 320, 200)]
    >>> crops = FaceCropper(detector=detector).crop([faces[0], photo])
    >>> crops.images.shape, crops.rows.tolist()
    ((3, 48, 48), [0, 1, 1])
    >>> [face and face.box for face in crops.faces]
    [None, (200.0, 80.0, 320.0, 200.0), (50.0, 50.0, 150.0, 150.0)]
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "size": ["array-like"],
        "channels": [Options(Integral, {1, 3})],
        "margin": [Interval(Real, -0.4, 2, closed="both")],
        "align": ["boolean"],
        "on_no_face": [StrOptions({"raise", "whole", "skip"})],
        "largest": ["boolean"],
        "min_size": [Interval(Integral, 1, None, closed="left")],
        "threshold": [Interval(Real, 0, 1, closed="neither")],
        "detector": [callable, None],
        "as_rows": ["boolean"],
        "max_pixels": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        size: tuple[int, int] = (48, 48),
        *,
        channels: int = 1,
        margin: float = 0.0,
        align: bool = True,
        on_no_face: Literal["raise", "whole", "skip"] = "raise",
        largest: bool = False,
        min_size: int = MIN_SIZE,
        threshold: float = THRESHOLD,
        detector: Detector | None = None,
        as_rows: bool = False,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self.size = size
        self.channels = channels
        self.margin = margin
        self.align = align
        self.on_no_face = on_no_face
        self.largest = largest
        self.min_size = min_size
        self.threshold = threshold
        self.detector = detector
        self.as_rows = as_rows
        self.max_pixels = max_pixels

    def crop(self, X: Any) -> FaceCrops:
        """Cut faces out of photos, and say where they come from.

        Parameters
        ----------
        X : list, array, Series or DataFrame of one column
            The photos, as `transform` takes them.

        Returns
        -------
        FaceCrops
            `images`, `rows` and `faces`. The images have their two or three dimensions whatever
            `as_rows` says.

        Raises
        ------
        ImageError
            If a photo is missing, damaged or too large; the message says which one and why.
        NoFaceError
            If no face is found in a photo and `on_no_face` is "raise".
        TypeError
            If `X`, or a photo in it, is nothing that can be read.
        """
        self._validate_params()
        check_image_options(self.size, self.channels)
        images, rows, faces = [], [], []
        for i, source in enumerate(self._list_images(X, reset=False)):
            for face, image in self._crops_of(source, i):
                images.append(image)
                rows.append(i)
                faces.append(face)
        shape = (*self.size, self.channels) if self.channels == 3 else tuple(self.size)
        stacked = np.array(images, dtype=np.uint8).reshape(len(images), *shape)
        return FaceCrops(stacked, np.array(rows, dtype=np.intp), faces)

    def transform(self, X: Any) -> NDArray[np.uint8]:
        """Cut faces out of photos.

        Parameters
        ----------
        X : list, array, Series or DataFrame of one column
            The photos: paths, bytes, binary file objects, PIL images, arrays of any sizes, or
            dicts of "bytes" and "path", mixed as they may be.

        Returns
        -------
        ndarray of shape (n_crops, height, width), uint8 in [0, 255]
            The crops, (n_crops, height, width, 3) with 3 channels. With `as_rows`,
            (n_crops, pixels), or a DataFrame of that shape where `set_output` says so. They are as
            many as the photos where each gives one crop, see Notes.

        Raises
        ------
        ImageError
            If a photo is missing, damaged or too large; the message says which one and why.
        NoFaceError
            If no face is found in a photo and `on_no_face` is "raise".
        TypeError
            If `X`, or a photo in it, is nothing that can be read.
        """
        return self._in_form(self.crop(X))

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> NDArray[np.uint8]:
        """Check the parameters, and cut faces out of photos that may have labels.

        Parameters
        ----------
        X : list, array, Series or DataFrame of one column
            The photos, as `transform` takes them.
        y : array-like of shape (n_photos,), default=None
            Their labels, if there are any.
        **fit_params : dict
            Handed on to `fit`.

        Returns
        -------
        ndarray of shape (n_crops, height, width), uint8 in [0, 255]
            What `transform` returns.

        Raises
        ------
        DataError
            If there are labels, and a photo has not given one crop.
        """
        crops = self.fit(X, y, **fit_params).crop(X)
        if y is not None:
            _check_one_of_each(crops.rows, len(np.asarray(y)))
        return self._in_form(crops)

    def _in_form(self, crops: FaceCrops) -> NDArray[np.uint8]:
        if self.as_rows:
            return crops.images.reshape(len(crops.images), int(np.prod(crops.images.shape[1:])))
        refuse_frames(self, "Set as_rows=True")
        return crops.images

    def _crops_of(self, source: Any, position: int) -> list[tuple[Face | None, NDArray[np.uint8]]]:
        try:
            refuse_missing(source)
            photo = read_photo(source, max_pixels=self.max_pixels)
        except (ImageError, TypeError) as error:
            raise type(error)(f"Image {position}: {error}") from error
        crops = crops_of(
            photo,
            size=self.size,
            channels=self.channels,
            margin=self.margin,
            align=self.align,
            largest=self.largest,
            min_size=self.min_size,
            threshold=self.threshold,
            detector=self.detector,
        )
        if crops or self.on_no_face == "skip":
            return crops
        if self.on_no_face == "whole":
            return [(None, whole(photo, size=self.size, channels=self.channels))]
        path = path_of(source)
        raise NoFaceError(
            f"Image {position}{f' ({path})' if path else ''}: no face was found. Leave it out, "
            "lower the threshold or min_size, or say on_no_face='skip', or 'whole' if it is a crop."
        )


def _check_one_of_each(rows: NDArray[np.intp], n_photos: int) -> None:
    """Refuse crops that do not go with the labels of the photos."""
    counts = np.bincount(rows, minlength=n_photos)
    odd = np.flatnonzero(counts != 1)
    if not odd.size:
        return
    shown = [f"image {i} has {counts[i]}" for i in odd]
    raise DataError(
        f"Got {n_photos} labels, but not one face for each: {in_words(shown, _N_SHOWN)}. "
        "largest=True takes one face of each photo. To learn from all of them, cut them out by "
        "crops = FaceCropper(...).crop(X), and fit on crops.images and y[crops.rows]."
    )
