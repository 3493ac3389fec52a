"""The statistics of BatchNorm: those of images as they are predicted.

In training they are those of augmented images under dropout: smoother ones, by the interpolation
of the warp, with another variance. A fit ends by computing them anew. One that goes on from a
network with good statistics, on a few images perhaps, moves them by as much as it has seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.keras_door import layers

if TYPE_CHECKING:
    from ferclassifier._keras.batches import Batches

_BATCHES = 32
_FEWEST_IMAGES = 512
_SHARE_OF_TRAINING = 0.05
# What statistics are taken to stand on, whatever more was seen: they must not become immovable.
MOST_IMAGES = 2048
_EPSILON = 1e-3

Statistics = list[NDArray[np.float32]]


def images_for_statistics(n_trained: int) -> int:
    """Return of how many images a fit from random weights needs the statistics.

    They are computed in float32, image for image a third of a training step in multiply-adds and
    more than that in time. A short fit, of which the weights are still far from any good, spends
    a twentieth of its images on them, and a long one as many as there are batches for.

    Parameters
    ----------
    n_trained : int
        Images that the fit was trained on, each as often as it was seen.
    """
    return max(_FEWEST_IMAGES, round(_SHARE_OF_TRAINING * n_trained))


def recompute_statistics(model: Any, batches: Batches, n_images: int | None = None) -> None:
    """Compute the statistics of BatchNorm on images as they are predicted.

    They become the mean over the batches, each counting by its size, with dropout off; averaged
    weights get statistics of their own.

    Parameters
    ----------
    model : keras.Model
        The network that predicts, without augmentation.
    batches : Batches
        Of the training images.
    n_images : int, default=None
        Of how many images at least, if there are as many; None for those of all batches that may
        be used.

    References
    ----------
    Li et al., "Understanding the Disharmony between Dropout and Batch Normalization by Variance
    Shift", arXiv:1801.05134; Izmailov et al., "Averaging Weights Leads to Wider Optima and Better
    Generalization", arXiv:1803.05407.
    """
    normalisations = _normalisations(model)
    if not normalisations:
        return
    dropouts = [part for part in _parts(model) if isinstance(part, layers.Dropout)]
    momenta = [layer.momentum for layer in normalisations]
    rates = [layer.rate for layer in dropouts]
    seen = 0
    try:
        for layer in dropouts:
            layer.rate = 0.0
        for i in range(min(len(batches), _BATCHES)):
            if n_images is not None and seen >= n_images:
                break
            images = batches[i][0]
            for layer in normalisations:
                layer.momentum = seen / (seen + len(images))
            model(images, training=True)
            seen += len(images)
    finally:
        for layer, momentum in zip(normalisations, momenta, strict=True):
            layer.momentum = momentum
        for layer, rate in zip(dropouts, rates, strict=True):
            layer.rate = rate


def statistics_of(model: Any) -> Statistics:
    """Return copies of the statistics of all normalisations."""
    return [np.array(np.asarray(variable)) for variable in _variables(model)]


def set_statistics(model: Any, statistics: Statistics) -> None:
    """Give the normalisations these statistics."""
    for variable, values in zip(_variables(model), statistics, strict=True):
        variable.assign(values)


def moved_statistics(
    known: Statistics, before: Statistics, after: Statistics, *, n_known: int, n_images: int
) -> Statistics:
    """Return what is known of many images, after training on some.

    Parameters
    ----------
    known : list of ndarray
        The statistics of many images, with the weights before.
    before, after : list of ndarray
        Those of the images that were trained on, with the weights before and after.
    n_known, n_images : int
        The numbers of both.

    Returns
    -------
    statistics : list of ndarray
        What the change of the weights did to the statistics of the images that are at hand, it did
        to those of the others: their means are shifted and their variances scaled alike. Then each
        counts by its number of images. Weights that did not change leave a few images no say.
    """
    share = n_known / (n_known + n_images)
    pairs = zip(*(iter(part) for part in (known, before, after)), strict=True)
    moved = []
    for place, (k, b, a) in enumerate(pairs):
        is_mean = place % 2 == 0
        elsewhere = k + a - b if is_mean else k * (a + _EPSILON) / (b + _EPSILON)
        moved.append(share * elsewhere + (1 - share) * a)
    return moved


def _variables(model: Any) -> list[Any]:
    return [
        variable
        for layer in _normalisations(model)
        for variable in (layer.moving_mean, layer.moving_variance)
    ]


def _normalisations(model: Any) -> list[Any]:
    return [part for part in _parts(model) if isinstance(part, layers.BatchNormalization)]


def _parts(model: Any) -> list[Any]:
    return list(model._flatten_layers(include_self=False))
