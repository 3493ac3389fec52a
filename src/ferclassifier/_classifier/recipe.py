"""The parameters of a classifier as the spec of a network and the settings of its training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ferclassifier._classifier.initial_weights import architecture_of
from ferclassifier.augmentation import resolve_augmentation

if TYPE_CHECKING:
    from ferclassifier._keras.spec import NetworkSpec, TrainingSettings

_FOCAL_GAMMA = 2.0
_SMALL_SHARE = 0.6


def network_spec(
    clf: Any, steps: int, *, origin: Any, is_partial: bool, continues: bool
) -> NetworkSpec:
    """Return what is to be built.

    Parameters
    ----------
    clf : FERClassifier
        With the attributes that images and labels give.
    steps : int
        Steps of an epoch.
    origin : FERClassifier
        The fitted one whose architecture is taken, if `initial_weights` names one.
    is_partial : bool
    continues : bool
        Whether training goes on from the weights at hand.
    """
    from ferclassifier._keras.devices import chosen_devices
    from ferclassifier._keras.optimizer import has_schedule
    from ferclassifier._keras.spec import NetworkSpec

    architecture, architecture_params = clf.architecture, dict(clf.architecture_params or {})
    if clf.initial_weights is not None:
        architecture, architecture_params = architecture_of(
            origin._network.spec, clf.architecture, clf.architecture_params
        )
    return NetworkSpec(
        architecture=architecture,
        architecture_params=architecture_params,
        image_shape=clf.image_shape_,
        n_classes=clf._n_outputs,
        factor_and_offset=clf.pixel_scale_.factor_and_offset,
        augmentation=resolve_augmentation(clf.augmentation),
        mixed_precision=uses_mixed_precision(clf.precision),
        optimizer=_optimizer(clf, is_partial=is_partial, continues=continues),
        weight_decay=clf.weight_decay,
        decays=clf.learning_rate_schedule == "cosine"
        and not is_partial
        and not has_schedule(clf.optimizer),
        focal_gamma=_FOCAL_GAMMA if clf.loss == "focal" else 0.0,
        average_momentum=0.0 if is_partial else _momentum(clf, steps),
        devices=chosen_devices(),
    )


def training_settings(clf: Any, *, is_partial: bool, continues: bool) -> TrainingSettings:
    """Return how the network is to be trained.

    Parameters
    ----------
    clf : FERClassifier
        With the attributes that images and labels give.
    is_partial : bool
    continues : bool
        Whether training goes on from the weights at hand.
    """
    from ferclassifier._keras.optimizer import rate_of
    from ferclassifier._keras.rate_setters import check_rate_setters, course_of
    from ferclassifier._keras.spec import TrainingSettings

    epochs = 1 if is_partial else clf.epochs
    small_size = None if is_partial else _small_size(clf)
    schedule = None if is_partial else clf.learning_rate_schedule
    course = course_of(clf.optimizer, schedule)
    check_rate_setters(clf.callbacks or [], course)
    tunes = _tunes(clf, continues=continues)
    optimizer = _optimizer(clf, is_partial=is_partial, continues=continues)
    return TrainingSettings(
        learning_rate=rate_of(clf.learning_rate, optimizer, schedule, tunes=tunes),
        epochs=epochs,
        warms_up=schedule == "cosine",
        course=course,
        plateau_patience=max(1, clf.patience // 2) if schedule == "plateau" else None,
        patience=clf.patience if clf.early_stopping else None,
        callbacks=list(clf.callbacks or []),
        is_one_of_many=is_partial,
        tunes=tunes,
        small_size=small_size,
        small_epochs=0 if small_size is None else min(round(_SMALL_SHARE * epochs), epochs - 1),
    )


def uses_mixed_precision(precision: str) -> bool:
    """Whether training multiplies in bfloat16, on this machine."""
    from ferclassifier._keras.processor import is_mixed_precision_faster

    if precision == "auto":
        return is_mixed_precision_faster()
    return precision == "mixed_bfloat16"


def _optimizer(clf: Any, *, is_partial: bool, continues: bool) -> Any:
    """Return the optimizer, or its name; "auto" is that for what is to be done.

    Steps of Muon do not grow shorter with the gradient. That is good for a whole fit, whose rate
    falls to zero, but not for good weights that are to be kept, nor at a constant rate.
    """
    if not (isinstance(clf.optimizer, str) and clf.optimizer == "auto"):
        return clf.optimizer
    return "sgd" if is_partial or _tunes(clf, continues=continues) else "muon"


def _tunes(clf: Any, *, continues: bool) -> bool:
    """Whether good weights are trained on, rather than random ones."""
    return clf.initial_weights is not None or (continues and clf._network.is_complete)


def _momentum(clf: Any, steps: int) -> float:
    """Return the momentum of averaged weights; 0 for none."""
    if clf.average_weights is True:  # over about the last fiftieth of the steps
        return float(np.clip(1 - 50 / (steps * clf.epochs), 0.0, 0.9999))
    return float(clf.average_weights)


def _small_size(clf: Any) -> tuple[int, int] | None:
    """Return the size of the images in the first epochs, if it is another."""
    if clf.progressive_resizing is None:
        return None
    height, width, _ = clf.image_shape_
    share = clf.progressive_resizing
    small = (max(1, round(share * height)), max(1, round(share * width)))
    return None if small == (height, width) else small
