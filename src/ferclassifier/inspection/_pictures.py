"""What an estimator is given, as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import make_pipeline

from ferclassifier.images._displayable import displayable
from ferclassifier.images._sources import sources_in
from ferclassifier.inspection._pipelines import split_pipeline
from ferclassifier.preprocessing import ImageReader

# What may be held of images that were decoded; of more, each use decodes them again.
_MOST_BYTES = 2**30


def read_once(estimator: Any, X: Any) -> tuple[Any, Any]:
    """Decode images for all uses that follow.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier, or a pipeline or a search around one.
    X : array-like
        Images as the estimator takes them.

    Returns
    -------
    estimator : estimator
        What takes the decoded images, and predicts the same.
    images : array-like
        What an ImageReader at the beginning of a pipeline, or a classifier that decodes, makes of
        `X`; `X` itself where there is nothing to decode, or the images would take more than a
        gigabyte.
    """
    transformers, classifier = split_pipeline(estimator)
    if transformers and isinstance(transformers[0], ImageReader):
        reader, *others = transformers
        rest = make_pipeline(*others, classifier) if others else classifier
        return rest, reader.transform(X)
    shape, sources = getattr(classifier, "image_shape_", None), sources_in(X)
    if transformers or shape is None or sources is None:
        return estimator, X
    if len(sources) * prod(shape) > _MOST_BYTES:
        return estimator, X
    return classifier, displayable(sources, shape)


def _decoded(estimator: Any, X: Any) -> Any:
    """Return what an ImageReader at the beginning of a pipeline makes of images, or the images."""
    transformers, _ = split_pipeline(estimator)
    if transformers and isinstance(transformers[0], ImageReader):
        return transformers[0].transform(X)
    return X


def pictures_for(
    estimator: Any, X: ArrayLike, image_shape: Sequence[int] | None = None
) -> NDArray[np.uint8]:
    """Return the images that an estimator is given, as bytes that can be looked at.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier, or a pipeline or a search around one.
    X : array-like
        Images as the estimator takes them: in any form of :func:`displayable`, or whatever an
        ImageReader at the beginning of a pipeline reads.
    image_shape : sequence of (height, width) or (height, width, channels), default=None
        Shape of rows, and of what is decoded. None takes the first that a step of the estimator was
        fitted on, if one remembers it.

    Returns
    -------
    images : ndarray of shape (n, height, width) or (n, height, width, 3), uint8 in [0, 255]
    """
    if image_shape is None:
        image_shape = shape_known_to(estimator)
    return displayable(_decoded(estimator, X), image_shape)


def shape_known_to(estimator: Any) -> tuple[int, ...] | None:
    """Return the shape of images that an estimator was fitted on, if a step of it remembers one."""
    transformers, classifier = split_pipeline(estimator)
    known = (getattr(step, "image_shape_", None) for step in [*transformers, classifier])
    return next((shape for shape in known if shape is not None), None)
