"""What a classifier predicts with, as a plain Keras model that needs nothing of this package.

Views, temperature and the mean of several members are part of it; chance, and what acts only in
training, is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ferclassifier._keras.build import copy_weights
from ferclassifier._keras.float32 import float32_by_default
from ferclassifier._keras.forked import check_not_forked
from ferclassifier._keras.predictor import views_of
from ferclassifier._utils.keras_door import keras, layers, ops
from ferclassifier.architectures._batch_normalization import BatchNormalization

_SMALLEST_PROBABILITY = float(np.finfo(np.float32).tiny)
# Layers of Keras that pass on what they get, but for training; so do those called Random*.
_IN_TRAINING_ONLY = {
    "ActivityRegularization",
    "AlphaDropout",
    "AugMix",
    "CutMix",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "MixUp",
    "RandAugment",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
}


def prediction_model(
    network: Any, *, views: str | None, temperature: float, n_classes: int, name: str
) -> Any:
    """Return a model from images, on the scale of `fit`, to calibrated probabilities.

    Parameters
    ----------
    network : keras.Model
        The network that predicts; it is copied.
    views : {None, "flip", "ten_crop"}
    temperature : float
    n_classes : int
        One class has the probability 1, whatever the network says.
    name : str
        Of the model.

    Returns
    -------
    model : keras.Model
        Takes float32 images of shape (None, height, width, channels).
    """
    check_not_forked()
    with float32_by_default():
        copied = _plain_copy(network)
        inputs = keras.Input(copied.input_shape[1:], dtype="float32", name="images")
        outputs = _mean_over_views(copied, inputs, views)
        if n_classes == 1:
            outputs = ops.ones_like(outputs[:, :1])
        return keras.Model(inputs, _at_temperature(outputs, temperature), name=name)


def mean_model(
    members: Sequence[Any], weights: Sequence[float], *, temperature: float, name: str
) -> Any:
    """Return the weighted mean of several models of `prediction_model`, at a temperature.

    Parameters
    ----------
    members : list of keras.Model
        Of different names.
    weights : list of float
        Their sum is 1.
    temperature : float
    name : str
        Of the model.
    """
    with float32_by_default():
        inputs = keras.Input(members[0].input_shape[1:], dtype="float32", name="images")
        outputs = None
        for member, weight in zip(members, weights, strict=True):
            if weight:
                share = member(inputs, training=False) * float(weight)
                outputs = share if outputs is None else outputs + share
        return keras.Model(inputs, _at_temperature(outputs, temperature), name=name)


def _plain_copy(network: Any) -> Any:
    copied = keras.models.clone_model(network, clone_function=_plain, recursive=True)
    copy_weights(network, copied)
    return copied


def _plain(layer: Any) -> Any:
    if type(layer) is BatchNormalization:
        return layers.BatchNormalization.from_config(layer.get_config())
    if _acts_in_training_only(layer):
        # Called without being told, a model with a random layer runs whole in training mode.
        return layers.Identity(name=layer.name, dtype="float32")
    return type(layer).from_config(layer.get_config())


def _acts_in_training_only(layer: Any) -> bool:
    kind = type(layer)
    is_known = kind.__name__ in _IN_TRAINING_ONLY or kind.__name__.startswith("Random")
    if not (is_known and kind.__module__.partition(".")[0] == "keras"):
        return False
    return bool(layer.input.shape == layer.output.shape)  # RandomCrop cuts when it predicts too


def _mean_over_views(model: Any, inputs: Any, views: str | None) -> Any:
    if views is None:
        return model(inputs, training=False)
    seen = views_of(inputs, views)
    stacked = model(ops.concatenate(seen, axis=0), training=False)
    return ops.mean(ops.reshape(stacked, (len(seen), -1, stacked.shape[-1])), axis=0)


def _at_temperature(probabilities: Any, temperature: float) -> Any:
    if temperature == 1:
        return probabilities
    logs = ops.log(ops.maximum(probabilities, _SMALLEST_PROBABILITY))
    return ops.softmax(logs / float(temperature))
