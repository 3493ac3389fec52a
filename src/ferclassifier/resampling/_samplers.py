"""Samplers of imbalanced-learn that make new images by changing some, not by repeating them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from imblearn.base import BaseSampler
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.utils import check_target_type
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from ferclassifier._utils.sklearn_compat import Interval, ShortMessagesMixin, StrOptions
from ferclassifier.augmentation import PRESETS, resolve_augmentation
from ferclassifier.images._arrays import as_images, image_shape_of, parts_of, release_pages
from ferclassifier.images._containers import array_in
from ferclassifier.images._sources import decoded, sources_in
from ferclassifier.resampling._changes import change_images

_IMAGE_CONSTRAINTS: dict[str, list[Any]] = {
    "strength": [StrOptions(set(PRESETS)), dict],
    "image_shape": ["array-like", None],
    "random_state": ["random_state"],
}


class _ImageSampler(ShortMessagesMixin, BaseSampler):  # type: ignore[misc]
    """What the samplers share: images in any form, and changed copies of some."""

    strength: str | Mapping[str, float]
    image_shape: Sequence[int] | None
    random_state: int | np.random.RandomState | None

    def fit_resample(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        """Resample images.

        Parameters
        ----------
        X : array-like of shape (n, pixels), (n, height, width) or (n, height, width, channels)
            The images; or array-like of shape (n,) or (n, 1) of what
            :func:`~ferclassifier.images.read_image` takes, which is decoded to `image_shape`, or
            to 48 x 48 gray.
        y : array-like of shape (n,)
            Their labels.
        **params : dict
            None are known.

        Returns
        -------
        X_resampled : array-like
            In the form that was given, or an array of bytes where images were decoded.
        y_resampled : array-like of shape (n_new,)
        """
        resampled: tuple[Any, Any] = super().fit_resample(self._opened(X), y, **params)
        return resampled

    def _opened(self, X: Any) -> Any:
        """Decode images, and bring arrays in a list or a Series to one."""
        sources = sources_in(X)
        if sources is None:
            return array_in(X)
        images = decoded(sources, self.image_shape)
        return images[..., 0] if images.shape[-1] == 1 else images

    def _check_X_y(  # noqa: N802
        self, X: Any, y: Any
    ) -> tuple[NDArray[Any], NDArray[Any], bool]:
        y, binarize_y = check_target_type(y, indicate_one_vs_all=True)
        if hasattr(X, "sparse"):  # a DataFrame of sparse columns, which come back as such
            X = X.sparse.to_dense()
        X, y = validate_data(self, self._opened(X), y, reset=True, allow_nd=True)
        self.n_features_in_ = int(np.prod(image_shape_of(X.shape, self.image_shape)))
        return X, y, binarize_y

    def _with_changed_copies(
        self, X: NDArray[Any], y: NDArray[Any], rows: NDArray[np.intp], rng: np.random.RandomState
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return all images and a changed copy of each of `rows`."""
        self.sample_indices_ = np.concatenate([np.arange(len(X)), rows])
        enlarged = np.empty((len(self.sample_indices_), *X.shape[1:]), dtype=X.dtype)
        for part in parts_of(X):
            enlarged[part] = X[part]
        shape = image_shape_of(X.shape, self.image_shape)
        strength = resolve_augmentation(self.strength)
        if strength is None:
            enlarged[len(X) :] = X[rows]
        else:
            copies = as_images(enlarged[len(X) :], shape)
            change_images(as_images(X, shape), rows, strength, rng, copies)
        release_pages(X)
        return enlarged, y[self.sample_indices_]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.sparse = False
        tags.sampler_tags.sample_indices = True
        return tags


class AugmentingOverSampler(_ImageSampler, BaseOverSampler):  # type: ignore[misc]
    """Fill the smaller classes with changed copies of their images.

    Where :class:`imblearn.over_sampling.RandomOverSampler` repeats an image of a small class
    dozens of times, each copy here is mirrored, shifted or lit otherwise. In an imbalanced-learn
    Pipeline it acts in training alone.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        The classes to fill and how far, as in every over-sampler of imbalanced-learn: "auto"
        brings all classes to the size of the largest, a dict gives the number of images wanted of
        each label, a float is the ratio of the smaller of two classes to the larger one.
    strength : {"sharp", "light", "standard"} or dict, default="sharp"
        How far the random changes go: a preset, or strengths by name, as for `augmentation` of
        :class:`~ferclassifier.FERClassifier`. "sharp" mirrors, shifts by whole pixels and changes
        the light.
    image_shape : tuple of (height, width) or (height, width, channels), default=None
        How rows become images; None takes a square, with colours if their length is three times
        one, and refuses others.
    random_state : int, RandomState instance or None, default=None
        Fixes which images are copied, and how they are changed.

    Attributes
    ----------
    sampling_strategy_ : dict
        The number of copies made of each label.
    sample_indices_ : ndarray of shape (n_samples_new,)
        The image that each image of the result is, or is made of. The given images come first,
        in their order.
    n_features_in_ : int
        Number of values per image.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns; only if X was a DataFrame with string columns.

    See Also
    --------
    ImageAugmenter : Enlarge all classes by the same factor.
    imblearn.over_sampling.RandomOverSampler : Repeat images as they are.

    Notes
    -----
    Images are ``(n, height, width)``, the same with a last axis of 1 or 3 channels, or rows
    ``(n, pixels)``; they come back in the form and the dtype they were given. Bytes stay in
    [0, 255], as floats too, and floats in [0, 1] stay there; other pixels stay within the range of
    the images. Whole numbers stay whole.

    Rotation and zoom, which "light" and "standard" have, interpolate between pixels, and the blur
    tells a network which images are copies, hence which classes were filled: it then looks for the
    blur instead of the face. Nothing of the kind can be seen in copies of "sharp".

    `sample_weight` cannot pass a Pipeline with a sampler, which changes the number of images; a
    `class_weight` can.

    References
    ----------
    Shorten and Khoshgoftaar, "A survey on image data augmentation for deep learning", Journal of
    Big Data 6:60, 2019, section on class imbalance.

    Examples
    --------
    >>> from collections import Counter
    >>> from ferclassifier import AugmentingOverSampler, make_faces
    >>> X, y = make_faces(100, n_classes=2, random_state=0)
    >>> kept = [*range(60), *(i for i in range(60, 100) if y[i] == 0)]
    >>> X_new, y_new = AugmentingOverSampler(random_state=0).fit_resample(X[kept], y[kept])
    >>> len(set(Counter(y_new.tolist()).values()))
    1
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "sampling_strategy": BaseOverSampler._parameter_constraints["sampling_strategy"],
        **_IMAGE_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        strength: str | dict[str, float] = "sharp",
        image_shape: Sequence[int] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.strength = strength
        self.image_shape = image_shape
        self.random_state = random_state

    def _fit_resample(self, X: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        rng = check_random_state(self.random_state)
        rows = [
            _spread(np.flatnonzero(y == label), n_copies, rng)
            for label, n_copies in self.sampling_strategy_.items()
        ]
        return self._with_changed_copies(X, y, np.concatenate([np.empty(0, int), *rows]), rng)


class ImageAugmenter(_ImageSampler):
    """Enlarge a training set by changed copies of its images.

    It is for classifiers that do not change images themselves, a linear model or a forest;
    :class:`~ferclassifier.FERClassifier` draws new changes in every epoch and needs no copies. In
    an imbalanced-learn Pipeline it acts in training alone.

    Parameters
    ----------
    factor : float of at least 1, default=2
        Size of the result as a multiple of the images given, these included.
    strength : {"sharp", "light", "standard"} or dict, default="sharp"
        How far the random changes go: a preset, or strengths by name, as for `augmentation` of
        :class:`~ferclassifier.FERClassifier`. "sharp" mirrors, shifts by whole pixels and changes
        the light.
    image_shape : tuple of (height, width) or (height, width, channels), default=None
        How rows become images; None takes a square, with colours if their length is three times
        one, and refuses others.
    random_state : int, RandomState instance or None, default=None
        Fixes how the images are changed, and which are copied once more if `factor` is no whole
        number.

    Attributes
    ----------
    sample_indices_ : ndarray of shape (n_samples_new,)
        The image that each image of the result is, or is made of. The given images come first,
        in their order.
    sampling_strategy_ : dict
        The classes and their sizes, as given.
    n_features_in_ : int
        Number of values per image.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns; only if X was a DataFrame with string columns.

    See Also
    --------
    AugmentingOverSampler : Enlarge the smaller classes only.

    Notes
    -----
    Images are ``(n, height, width)``, the same with a last axis of 1 or 3 channels, or rows
    ``(n, pixels)``; they come back in the form and the dtype they were given. Bytes stay in
    [0, 255], as floats too, and floats in [0, 1] stay there; other pixels stay within the range of
    the images. Whole numbers stay whole.

    Examples
    --------
    >>> from ferclassifier import ImageAugmenter, make_faces
    >>> X, y = make_faces(20, random_state=0)
    >>> X_new, y_new = ImageAugmenter(factor=3, random_state=0).fit_resample(X, y)
    >>> X_new.shape
    (60, 48, 48)
    """

    _sampling_type = "bypass"
    sampling_strategy = "auto"  # asked for by the base class, which leaves the classes alone

    _parameter_constraints: dict[str, list[Any]] = {
        "factor": [Interval(Real, 1, None, closed="left")],
        **_IMAGE_CONSTRAINTS,
    }

    def __init__(
        self,
        factor: float = 2,
        *,
        strength: str | dict[str, float] = "sharp",
        image_shape: Sequence[int] | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.factor = factor
        self.strength = strength
        self.image_shape = image_shape
        self.random_state = random_state

    def _fit_resample(self, X: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        rng = check_random_state(self.random_state)
        rows = _spread(np.arange(len(X)), round((self.factor - 1) * len(X)), rng)
        return self._with_changed_copies(X, y, rows, rng)


def _spread(rows: NDArray[np.intp], n_copies: int, rng: np.random.RandomState) -> NDArray[np.intp]:
    """Choose rows so that each is taken equally often, give or take one."""
    whole, rest = divmod(n_copies, len(rows))
    return np.concatenate([np.tile(rows, whole), rng.permutation(rows)[:rest]])
