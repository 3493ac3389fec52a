"""scikit-learn's face of an ONNX file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from numbers import Integral
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from ferclassifier._classifier.confidence import ConfidenceMixin
from ferclassifier._classifier.inputs import ImageInputMixin
from ferclassifier._files.fewer_classes import among, places_of
from ferclassifier._onnx.model import OnnxModel
from ferclassifier._utils.sklearn_compat import Interval, ShortMessagesMixin
from ferclassifier.images._arrays import ImageShape, parts_of
from ferclassifier.images._pixel_scale import PixelScale

if TYPE_CHECKING:
    from typing import NoReturn

_IMAGES_AT_ONCE = 256


class OnnxFERClassifier(
    ConfidenceMixin,
    ImageInputMixin,
    ShortMessagesMixin,
    ClassifierMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Classify faces by an ONNX file, without Keras and TensorFlow.

    It is fitted from the start, and cannot be fitted. It takes the same images as the classifier
    that was exported, and refuses the same.

    Parameters
    ----------
    model : str or path-like
        A file that :func:`~ferclassifier.export.export_onnx` wrote, or the name of a released model
        that comes as one, such as "compact". It is opened by the first prediction, or when an
        attribute is asked for.
    classes : array-like of labels, default=None
        Some of the file's classes, two or more, in any order. The others are left out, and the
        probabilities are those given that it is one of these. None keeps all.
    n_threads : int or None, default=1
        Threads of a prediction; None takes what OMP_NUM_THREADS says, or all processors.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted, as they were given to the classifier that was exported, or those of them
        that `classes` names.
    n_features_in_ : int
        Number of values per image.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns; only if that classifier saw a DataFrame with string columns.
    image_shape_ : tuple of (height, width, channels)
        Shape of the images that it takes.
    pixel_scale_ : PixelScale
        The scale of the pixels.
    temperature_ : float
        What the log-probabilities of the file are divided by, which has a temperature of its own:
        1.0, until `calibrate` fits it. A clone starts from 1.0 again.

    See Also
    --------
    ferclassifier.load_pretrained : ``runtime="onnx"`` returns one of these.

    Notes
    -----
    Pixels that are no whole numbers, as after resizing in floats, are rounded for a model of bytes.
    A pickle holds the file too. Memory does not grow with the number of images.

    Examples
    --------
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.export import OnnxFERClassifier
    >>> X, _ = make_faces(3, random_state=0)
    >>> OnnxFERClassifier("compact").predict_proba(X).shape
    (3, 7)
    """

    # On top of the file's own; `calibrate` sets another one for the object.
    temperature_ = 1.0
    image_shape = None

    _parameter_constraints: dict[str, list[Any]] = {
        "model": [str, PathLike],
        "classes": ["array-like", None],
        "n_threads": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(
        self,
        model: str | PathLike[str],
        *,
        classes: Iterable[Any] | None = None,
        n_threads: int | None = 1,
    ) -> None:
        self.model = model
        self.classes = classes
        self.n_threads = n_threads

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> NoReturn:
        """Refuse to be fitted: a file answers, and does not learn.

        Parameters
        ----------
        X : array-like
            Anything.
        y : array-like, default=None
            Anything.

        Raises
        ------
        NotImplementedError
            Always. The message says what can be fitted instead.
        """
        raise NotImplementedError(
            "OnnxFERClassifier answers by a file and cannot be fitted. Fit a FERClassifier, from a "
            "released model perhaps (initial_weights='compact'), and export that. Where a fit is "
            "called all the same, as in StackingClassifier, wrap this in FrozenEstimator."
        )

    @property
    def classes_(self) -> NDArray[Any]:  # type: ignore[override]
        """The labels of the columns."""
        known = self._opened.metadata.classes
        return known if self.classes is None else known[places_of(self.classes, known)]

    @property
    def image_shape_(self) -> ImageShape:  # type: ignore[override]
        """Height, width and channels of an image."""
        return self._opened.image_shape

    @property
    def pixel_scale_(self) -> PixelScale:  # type: ignore[override]
        """The scale of the pixels."""
        return PixelScale(**self._opened.metadata.pixel_scale)

    @property
    def n_features_in_(self) -> int:  # type: ignore[override]
        """Number of values per image."""
        return math.prod(self.image_shape_)

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """Names of the columns, if there are any."""
        names = self._opened.metadata.feature_names
        if names is None:
            raise AttributeError("feature_names_in_: the model was fitted without names.")
        return np.array(names, dtype=object)

    @property
    def _opened(self) -> OnnxModel:
        """The file of the parameters, opened once for each."""
        wanted = (self.model, self.n_threads)
        found: tuple[Any, OnnxModel] | None = self.__dict__.get("_model")
        if found is None or found[0] != wanted:
            self._validate_params()
            found = wanted, OnnxModel(self.model, n_threads=self.n_threads)
            self.__dict__["_model"] = found
        return found[1]

    def _uncalibrated_proba(self, X: Any) -> NDArray[np.float32]:
        model = self._opened
        found = np.concatenate([model.predict_proba(batch) for batch in self._batches_of(X)])
        if self.classes is None:
            return found
        return among(found, places_of(self.classes, model.metadata.classes))

    def _batches_of(self, X: Any) -> Iterator[NDArray[Any]]:
        """Yield images in any form, as the graph takes them."""
        images = self._validate_images(X, reset=False)
        dtype = self._opened.metadata.input_dtype
        for part in parts_of(images, _IMAGES_AT_ONCE):
            batch = images[part]
            if dtype == np.uint8 and batch.dtype.kind == "f":
                batch = np.rint(batch)
            yield batch.astype(dtype, copy=False)

    def __getstate__(self) -> Any:
        self._opened  # noqa: B018 - a copy elsewhere may not find the file
        return super().__getstate__()

    def __sklearn_is_fitted__(self) -> bool:
        # What is asked for a prediction opens the file for all copies of the moment.
        return self._opened is not None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
