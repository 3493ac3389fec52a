"""A Keras model that was trained elsewhere, as an architecture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ferclassifier._keras.build import build_as_it_is, copy_weights
from ferclassifier._keras.network import Network
from ferclassifier._keras.output_probe import refuse_unless_probabilities
from ferclassifier._keras.spec import NetworkSpec
from ferclassifier._utils.keras_door import keras, layers, ops
from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import ArchitectureError, DivergenceError, ImageError
from ferclassifier.images._arrays import ImageShape

_N_IMAGES = 4


class TrainedArchitecture:
    """A function ``build(inputs, n_classes)`` that returns what a trained model gives.

    Copies of it are the same object: what it holds never changes.

    Parameters
    ----------
    model : keras.Model
        From images to probabilities; it is copied.
    order : sequence of int
        Which column of the model each class has.
    factor_and_offset : tuple of (float, float)
        What brings pixels in [-1, 1] to the scale that the model was trained on.

    Raises
    ------
    ArchitectureError
        If the model cannot be copied.
    """

    def __init__(
        self, model: Any, order: Sequence[int], factor_and_offset: tuple[float, float]
    ) -> None:
        self.__name__ = str(model.name)
        self._model = _copy(model)
        self._order = list(order)
        self._factor_and_offset = factor_and_offset

    def __call__(self, inputs: Any, n_classes: int) -> Any:
        if n_classes != len(self._order):
            raise ArchitectureError(
                f"Got {n_classes} classes, but the model {self.__name__!r} was trained on "
                f"{len(self._order)}. Build a network with another last layer around it, as an "
                "architecture of your own."
            )
        factor, offset = self._factor_and_offset
        x = layers.Rescaling(factor, offset, dtype="float32", name="fer_scaling_of_model")(inputs)
        outputs = _flat(self._model, x)
        if self._order == list(range(n_classes)):
            return outputs
        return ops.take(outputs, self._order, axis=1)

    def __deepcopy__(self, memo: Any) -> TrainedArchitecture:
        return self

    def __repr__(self) -> str:
        return f"<trained model {self.__name__!r}>"


def check_trained_model(model: Any, n_classes: int) -> ImageShape:
    """Refuse what is no trained model from faces to probabilities.

    Parameters
    ----------
    model : keras.Model
    n_classes : int
        How many classes the user names.

    Returns
    -------
    image_shape : tuple of (height, width, channels)
        Of the images that it takes.

    Raises
    ------
    ArchitectureError
        If it gives another number of outputs.
    DivergenceError
        If its weights are not finite.
    ImageError
        If it takes something else than images of one size, gray or in colours.
    TypeError
        If it is no Keras model.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"Got {quoted(model)}, but expected a trained keras.Model: load a file with "
            "keras.models.load_model, which runs code that it may hold only if you let it."
        )
    if not model.built or not getattr(model, "inputs", None):
        raise ImageError(
            f"Got the model {model.name!r}, which does not know the shape of its images. Call it "
            "once on a batch, or give its first layer a shape by keras.Input."
        )
    shape = _image_shape_of(model)
    outputs = [tuple(output.shape) for output in model.outputs]
    if outputs != [(None, n_classes)]:
        told = outputs[0] if len(outputs) == 1 else outputs
        raise ArchitectureError(
            f"Got {n_classes} classes and a model with outputs of shape {told}, but expected "
            f"(None, {n_classes}): a probability for each class. Name as many classes as the model "
            "has, in the order of its columns."
        )
    return shape


def trained_network(spec: NetworkSpec) -> Network:
    """Return the network of a spec whose architecture is a trained model, with its weights."""
    network = Network(spec)
    # It may have served another fit, which left other weights in it.
    copy_weights(build_as_it_is(spec, seed=0), network.keras_model)
    return network


def check_probabilities_of(model: Any, name: str) -> None:
    """Refuse a network of which the outputs are no probabilities, with the weights it has.

    Parameters
    ----------
    model : keras.Model
        Takes bytes.
    name : str

    Raises
    ------
    ArchitectureError
        If there is no softmax at its end. The message says what there seems to be instead.
    DivergenceError
        If they are NaN.
    """
    images = np.random.default_rng(0).integers(0, 256, (_N_IMAGES, *model.input_shape[1:]))
    outputs = ops.convert_to_numpy(model(images.astype(np.float32), training=False))
    outputs = np.asarray(outputs, dtype=np.float64)
    if not np.isfinite(outputs).all():
        raise DivergenceError(
            f"Got the model {name!r}, which gives NaN or infinite values for noise: its training "
            "diverged, or its file is damaged."
        )
    refuse_unless_probabilities(outputs, name)


def _image_shape_of(model: Any) -> ImageShape:
    shapes = [tuple(one.shape) for one in model.inputs]
    shape = shapes[0]
    is_of_images = len(shapes) == 1 and len(shape) == 4 and shape[3] in (1, 3)
    if not is_of_images or None in shape[1:]:
        told = shape if len(shapes) == 1 else shapes
        raise ImageError(
            f"Got a model that takes {told}, but expected images of one size, (None, height, "
            "width, 1 or 3). Put keras.Input of such a shape before it, and what brings that to "
            "its own: keras.Model(inputs, model(layer(inputs)))."
        )
    return shape[1:]


def _copy(model: Any) -> Any:
    try:
        copied = keras.models.clone_model(model)
        copy_weights(model, copied)
    except Exception as error:  # a layer's get_config and from_config may raise anything
        raise ArchitectureError(
            f"Got the model {model.name!r}, which cannot be copied ({error}). Let its layers have "
            "a get_config that tells all their parameters."
        ) from error
    return copied


def _flat(model: Any, x: Any) -> Any:
    """Apply the layers of a model one by one, so that what is between them can be explained."""
    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            x = layer(x)
        return x
    if isinstance(model, keras.src.models.Functional):
        return model._run_through_graph(x)
    return model(x)
