"""The images, labels and groups that an audit looks at, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import DataError, ImageError
from ferclassifier.images._arrays import parts_of
from ferclassifier.images._containers import array_in
from ferclassifier.images._displayable import displayable, luma, scale_as_shown
from ferclassifier.images._pixel_scale import PixelScale
from ferclassifier.images._sources import sources_in
from ferclassifier.metrics._label_column import label_column


@dataclass(frozen=True, eq=False)
class Audited:
    """Images in bytes with what is known of them.

    Parameters
    ----------
    images : ndarray of shape (n, height, width) or (n, height, width, 3), uint8
    gray : ndarray of shape (n, height, width), uint8
        `images` without colours; the same array where there are none.
    y : ndarray of shape (n,), or None
    classes : ndarray of shape (n_classes,), or None
    groups : ndarray of shape (n,), or None
    train_group : object, or None
        The one of `groups` that models are fitted on.
    """

    images: NDArray[np.uint8]
    gray: NDArray[np.uint8]
    y: NDArray[Any] | None
    classes: NDArray[Any] | None
    groups: NDArray[Any] | None
    train_group: Any

    def __len__(self) -> int:
        return len(self.images)

    @property
    def why_no_comparison(self) -> str | None:
        """Return why groups cannot be compared, or None."""
        if self.groups is None:
            return "no groups were given"
        return None if len(np.unique(self.groups)) > 1 else "there is one group only"

    @cached_property
    def in_training(self) -> NDArray[np.bool_]:
        """Which images a model may be fitted on: all of them where there are no groups."""
        if self.groups is None:
            return np.ones(len(self), dtype=bool)
        chosen: NDArray[np.bool_] = self.groups == self.train_group
        return chosen


def check_audited(
    X: Any,
    y: Any,
    groups: Any,
    *,
    classes: Any,
    train_group: Any,
    image_shape: Sequence[int] | None,
) -> Audited:
    """Check what `audit_images` was given.

    Raises
    ------
    DataError
        If labels or groups are missing, as many as there are not images, or not to be sorted.
    ImageError
        If `X` is no batch of images.
    """
    images = images_in_bytes(X, image_shape)
    if not len(images):
        raise ImageError("Got no images, but an audit needs at least one.")
    y = _one_per_image(y, "y", len(images))
    groups = _one_per_image(groups, "groups", len(images))
    return Audited(
        images=images,
        gray=_gray(images),
        y=y,
        classes=None if y is None else _classes(y, classes),
        groups=groups,
        train_group=_train_group(groups, train_group),
    )


def images_in_bytes(X: ArrayLike, image_shape: Sequence[int] | None) -> NDArray[np.uint8]:
    """Do what `displayable` does, for finite numbers and what is to be decoded only."""
    if sources_in(X) is not None:
        return displayable(X, image_shape)
    batch = np.asarray(array_in(X))
    if batch.dtype == np.uint8 or not len(batch):
        return displayable(batch, image_shape)
    if batch.dtype.kind not in "biuf":
        raise ImageError(f"Got an array of dtype {batch.dtype}, but expected numbers or paths.")
    return displayable(batch, image_shape, scale=scale_of(batch))


def scale_of(batch: NDArray[Any]) -> PixelScale:
    """Return the scale of all images, of which none may hold NaN or infinity."""
    scale = scale_as_shown(batch)
    if not np.isfinite([scale.low, scale.high]).all():
        raise ImageError(
            "Got images with NaN or infinity, but expected finite pixels. Leave those images out: "
            "X[np.isfinite(X.reshape(len(X), -1)).all(axis=1)]."
        )
    return scale


def _gray(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if images.ndim == 3:
        return images
    gray = np.empty(images.shape[:3], dtype=np.uint8)
    for part in parts_of(images):
        gray[part] = luma(images[part])
    return gray


def _one_per_image(given: Any, name: str, n_images: int) -> NDArray[Any] | None:
    """Return one value for each image: numbers, or objects such as text."""
    if given is None:
        return None
    values: NDArray[Any] = np.asarray(given)
    if values.ndim == 2:
        values = label_column(given, name=name)
    if values.shape != (n_images,):
        raise DataError(
            f"Got {name} of shape {values.shape}, but expected one for each of the "
            f"{n_images} images: shape ({n_images},)."
        )
    if pd.isna(values).any():
        raise DataError(
            f"Got {name} with missing values for {int(pd.isna(values).sum())} images. Leave these "
            "images out, or give the missing ones a name of their own."
        )
    try:
        np.unique(values)
    except TypeError as error:
        kinds = sorted({type(value).__name__ for value in values})
        raise DataError(
            f"Got {name} of several types ({', '.join(kinds)}), but expected one."
        ) from error
    return values


def _classes(y: NDArray[Any], given: Any) -> NDArray[Any]:
    found = np.unique(y)
    if given is None:
        return found
    classes: NDArray[Any] = np.asarray(given)
    if classes.ndim != 1 or len(np.unique(classes)) != len(classes):
        raise DataError(
            f"Got classes={quoted(classes)}, but expected each label once, in one dimension."
        )
    unknown = np.setdiff1d(found, classes)
    if len(unknown):
        raise DataError(
            f"Got labels that are not among classes={quoted(classes.tolist())}: "
            f"{quoted(unknown.tolist())}."
        )
    return classes


def _train_group(groups: NDArray[Any] | None, train_group: Any) -> Any:
    """Return the group that is asked for, the one called training, or the largest."""
    if groups is None:
        if train_group is not None:
            raise DataError(f"Got train_group={quoted(train_group)}, but no groups.")
        return None
    names, sizes = np.unique(groups, return_counts=True)
    if train_group is not None:
        if train_group not in names:
            raise DataError(
                f"Got train_group={quoted(train_group)}, but expected one of "
                f"{quoted(names.tolist())}."
            )
        return train_group
    called = [name for name in names if str(name).lower().startswith("train")]
    return called[0] if called else names[np.argmax(sizes)]
