"""Where in a face a classifier looks."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from ferclassifier._classifier import FERClassifier
from ferclassifier._utils.sklearn_compat import safe_indexing
from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import DataError
from ferclassifier.images._arrays import ImageShape, as_images, image_shape_of, parts_of
from ferclassifier.images._containers import array_in, count_in
from ferclassifier.images._maps import normalised, resized
from ferclassifier.images._occlusion import occlusion_map
from ferclassifier.images._sources import ImageSources, shape_of_sources, sources_in
from ferclassifier.inspection._pictures import shape_known_to
from ferclassifier.inspection._pipelines import split_pipeline, transformed
from ferclassifier.metrics._class_codes import codes_of
from ferclassifier.metrics._label_column import label_column
from ferclassifier.preprocessing._image_reader import ImageReader

Method = Literal["gradcam", "gradient", "occlusion"]
_METHODS = ("auto", "gradcam", "gradient", "occlusion")


def saliency(
    clf: Any,
    images: ArrayLike,
    method: Literal["auto", "gradcam", "gradient", "occlusion"] = "auto",
    *,
    target: Any = None,
    patch_size: int | None = None,
    image_shape: Sequence[int] | None = None,
    batch_size: int = 64,
) -> NDArray[np.float32]:
    """Show which parts of each image speak for a class.

    Parameters
    ----------
    clf : estimator
        A fitted classifier, or a pipeline or a search around one. "gradcam" and "gradient" need a
        :class:`~ferclassifier.FERClassifier`; "occlusion" takes any that has `predict_proba`.
    images : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
        Images as `clf` takes them; or array-like of shape (n,) or (n, 1), what
        :func:`~ferclassifier.images.read_image` takes.
    method : {"auto", "gradcam", "gradient", "occlusion"}, default="auto"
        "gradcam" is the fastest, "gradient" the sharpest, and "occlusion" asks nothing of the
        classifier, see Notes. "auto" takes "gradcam" where `clf` has feature maps and gradients,
        and otherwise "occlusion".
    target : label or array-like of shape (n,), default=None
        The class to be explained, one for all images or one for each; None explains the class that
        `clf` finds most probable.
    patch_size : int, default=None
        Side of the patches that "occlusion" hides; None takes a fifth of the longer side.
    image_shape : sequence of (height, width) or (height, width, channels), default=None
        Shape of rows, and of the maps of what is decoded. None takes the one that `clf` was fitted
        on, if it remembers it, and otherwise a square.
    batch_size : int, default=64
        Images that go through the classifier at once.

    Returns
    -------
    maps : ndarray of shape (n, height, width), float32 in [0, 1]
        As large as the images, or, of what is decoded, as what `clf` reads. The largest value of
        each map is 1; where a map is 0, nothing speaks for the class.

    Raises
    ------
    ValueError
        If an option is not valid, `target` is no class of `clf`, or `clf` has no gradients or no
        probabilities, as `method` needs.
    ImageError
        If `images` are none that `clf` takes.
    ArchitectureError
        If the network has no feature maps for "gradcam".

    See Also
    --------
    SaliencyDisplay : Draw faces and maps.
    overlay : Paint maps over faces.

    Notes
    -----
    All three explain the log-odds of the class, ``log p - log(1 - p)``. Probabilities, and their
    logarithms, hardly move where a classifier is sure.

    "gradcam" multiplies the features of each place, less their mean over all places, by the
    gradients of the log-odds, and keeps what is positive. It does so at each stage of the network,
    after which the maps become smaller, and averages: the last stage, 3 x 3 for 48 pixels, knows
    best what speaks for the class, and the first ones know where. Grad-CAM [1]_ takes one layer and
    averages the gradients over all places, which is right only for the last of a network that pools
    globally; the product at each place is from [2]_, several layers are from [3]_.

    "gradient" shares out among the pixels what the details of the image add to the log-odds of the
    blurred image: integrated gradients [4]_. The shares are added up over a few pixels, where those
    of opposite sign cancel, and what is positive is kept. Gradients alone, also those of noisy
    copies, find little more in a face than its middle.

    "occlusion" hides one patch after the other under the image's mean, each half over the next,
    and maps how far the log-odds fall [5]_. It costs 121 predictions of an image, unless
    `patch_size` makes them more or fewer.

    With `test_time_augmentation`, "occlusion" explains the mean over all views, and the others the
    image as it is. A map tells what a classifier looked at, not whether it was right to.

    References
    ----------
    .. [1] Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
       Localization", arXiv:1610.02391.
    .. [2] Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of
       convolutional neural networks", arXiv:2011.08891.
    .. [3] Jiang et al., "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization",
       IEEE Transactions on Image Processing 30, 2021.
    .. [4] Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", arXiv:1703.01365.
    .. [5] Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks",
       arXiv:1311.2901.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.inspection import saliency
    >>> X, y = make_faces(200, n_classes=2, random_state=0)
    >>> clf = LogisticRegression(C=0.01).fit(X.reshape(200, -1) / 255, y)
    >>> saliency(clf, X[:3].reshape(3, -1) / 255, "occlusion").shape
    (3, 48, 48)
    """
    _check_options(method, patch_size, batch_size)
    check_is_fitted(clf)
    if method == "auto":
        method = best_method(clf)
    explained = _Explained(clf, method, image_shape)
    n_images = count_in(images)
    X = explained.opened(images)
    codes = explained.codes_of(target, n_images)
    maps = [
        explained.maps(
            X[part] if isinstance(X, ImageSources) else safe_indexing(X, part),
            None if codes is None else codes[part],
            patch_size=patch_size,
            batch_size=batch_size,
        )
        for part in parts_of(X, batch_size)
    ]
    all_maps = np.concatenate(maps)
    if sources_in(images) is not None and (size := explained.size_of_sources()) is not None:
        all_maps = resized(all_maps, size)
    return normalised(all_maps)


def best_method(clf: Any) -> Method:
    """Return the method that "auto" stands for: the fastest that a fitted classifier allows."""
    _, classifier = split_pipeline(clf)
    if isinstance(classifier, FERClassifier) and classifier._network_facts().has_gradcam:
        return "gradcam"
    return "occlusion"


def _check_options(method: str, patch_size: int | None, batch_size: int) -> None:
    if method not in _METHODS:
        raise ValueError(f"Got method={quoted(method)}, but expected one of {_METHODS}.")
    if patch_size is not None:
        check_scalar(patch_size, "patch_size", Integral, min_val=1)
    check_scalar(batch_size, "batch_size", Integral, min_val=1)


class _Explained:
    """A classifier, and what is done to images on the way to it."""

    def __init__(self, clf: Any, method: str, image_shape: Sequence[int] | None) -> None:
        self._clf = clf
        self._transformers, self._classifier = split_pipeline(clf)
        self._method = method
        self._image_shape = image_shape
        self._reader = None
        if self._transformers and isinstance(self._transformers[0], ImageReader):
            self._reader = self._transformers.pop(0)
        self._check_classifier()

    def _check_classifier(self) -> None:
        name = type(self._classifier).__name__
        if self._method == "occlusion":
            if not hasattr(self._classifier, "predict_proba"):
                raise ValueError(
                    f"Got a {name}, which has no predict_proba. Explain a classifier with "
                    "probabilities, such as CalibratedClassifierCV around this one."
                )
        elif not isinstance(self._classifier, FERClassifier):
            raise ValueError(
                f"Got a {name} for method={quoted(self._method)}, which needs the gradients of a "
                'FERClassifier at the end of clf. Use method="occlusion".'
            )

    def codes_of(self, target: Any, n_images: int) -> NDArray[np.intp] | None:
        """Return the index of the class to be explained for each image, if a target says so."""
        if target is None:
            return None
        labels = (
            np.full(n_images, target)
            if np.ndim(target) == 0
            else label_column(target, name="target")
        )
        if len(labels) != n_images:
            raise DataError(
                f"Got a target of {len(labels)} labels for {n_images} images. Pass one label, or "
                "one for each image."
            )
        return codes_of(labels, self._classifier.classes_, name="target")

    def maps(
        self,
        images: Any,
        codes: NDArray[np.intp] | None,
        *,
        patch_size: int | None,
        batch_size: int,
    ) -> NDArray[np.float32]:
        """Return the maps of a batch, on any scale."""
        X = self._read(images)
        if codes is None:
            codes = self._predict_proba(X).argmax(axis=1)
        if self._method == "occlusion":
            return self._occlude(X, codes, patch_size, batch_size)
        maps = self._differentiate(X, codes)
        if not _holds_pixels(X):  # a transformer of the user's reads it
            return maps
        return resized(maps, self._shape_of(X)[:2])

    def size_of_sources(self) -> tuple[int, int] | None:
        """Return the height and width at which sources are to be shown, if not as decoded."""
        if self._reader is not None or self._image_shape is None:
            return None
        height, width = self._image_shape[:2]
        return height, width

    def opened(self, X: Any) -> Any:
        """Return images such that parts of them can be taken; what a transformer reads as it is."""
        if self._reader is not None or self._transformers:
            return X
        sources = sources_in(X)
        if sources is None:
            return array_in(X)
        shape = shape_of_sources(getattr(self._classifier, "image_shape_", None))
        return ImageSources(sources, shape)

    def _read(self, images: Any) -> Any:
        if self._reader is not None:
            return self._reader.transform(images)
        if sources_in(images) is not None:
            return images
        images = array_in(images)
        return images if hasattr(images, "shape") else np.asarray(images)

    def _predict_proba(self, X: Any) -> NDArray[Any]:
        proba: NDArray[Any] = self._classifier.predict_proba(transformed(self._transformers, X))
        return proba

    def _differentiate(self, X: Any, codes: NDArray[np.intp]) -> NDArray[np.float32]:
        maps: NDArray[np.float32] = self._classifier._explain(
            transformed(self._transformers, X), codes, self._method
        )
        return maps

    def _occlude(
        self, X: Any, codes: NDArray[np.intp], patch_size: int | None, batch_size: int
    ) -> NDArray[np.float32]:
        if not _holds_pixels(X):
            raise DataError(
                "Got images that are no numbers, of which occlusion hides parts. Read them first, "
                "or with an ImageReader at the beginning of clf."
            )
        batch = np.asarray(X)

        def predict_proba(images: NDArray[Any]) -> NDArray[Any]:
            return self._predict_proba(_in_form(images, X))

        return np.stack(
            [
                occlusion_map(
                    image, code, predict_proba, patch_size=patch_size, batch_size=batch_size
                )
                for image, code in zip(as_images(batch, self._shape_of(X)), codes, strict=True)
            ]
        )

    def _shape_of(self, X: Any) -> ImageShape:
        if len(X.shape) > 2:
            return image_shape_of(X.shape)
        shape = self._image_shape
        return image_shape_of(X.shape, shape_known_to(self._clf) if shape is None else shape)


def _holds_pixels(X: Any) -> bool:
    return sources_in(X) is None and np.asarray(X).dtype.kind in "biuf"


def _in_form(images: NDArray[Any], X: Any) -> Any:
    """Give images with channels the form of a batch."""
    batch = images.reshape((len(images), *X.shape[1:]))
    return type(X)(batch, columns=X.columns) if hasattr(X, "columns") else batch
