"""From the spec of a network to a Keras model."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ferclassifier._keras.float32 import float32_by_default
from ferclassifier._keras.named_weights import named_weights, without_values
from ferclassifier._keras.random_augmentation import RandomAugmentation
from ferclassifier._keras.spec import NetworkSpec
from ferclassifier._utils.keras_door import keras, layers
from ferclassifier.architectures import is_built_in
from ferclassifier.exceptions import ArchitectureError

_globals_lock = threading.RLock()


@contextmanager
def _keras_globals(*, seed: int, mixed_precision: bool) -> Iterator[None]:
    """Set what a network takes from global state while it is built, and put it back."""
    with _globals_lock, float32_by_default():
        policy = keras.config.dtype_policy()
        data_format = keras.config.image_data_format()
        state = random.getstate()
        try:
            keras.config.set_dtype_policy("mixed_bfloat16" if mixed_precision else "float32")
            keras.config.set_image_data_format("channels_last")
            random.seed(seed)  # layers without a seed draw theirs from here
            yield
        finally:
            keras.config.set_dtype_policy(policy)
            keras.config.set_image_data_format(data_format)
            random.setstate(state)


def build_network(spec: NetworkSpec, *, seed: int) -> Any:
    """Return a new model, of which no weight belongs to anybody else."""
    model = build_as_it_is(spec, seed=seed)
    if is_built_in(spec.architecture):
        return model
    again = build_as_it_is(spec, seed=seed)
    if set(map(id, model.variables)).isdisjoint(map(id, again.variables)):
        return model
    return _copy_of(model, spec)


def _copy_of(model: Any, spec: NetworkSpec) -> Any:
    """Return a model with layers of its own, for one of which some were made outside."""
    with _keras_globals(seed=0, mixed_precision=spec.mixed_precision):
        try:
            copied = keras.models.clone_model(model)
        except Exception as error:  # a layer's get_config and from_config may raise anything
            raise ArchitectureError(
                f"Got an architecture with layers that were made outside of it, and one of them "
                f"cannot be copied ({error}). Make them within the function, or let them "
                "have a get_config, so that the fit does not change yours."
            ) from error
    copy_weights(model, copied)
    return copied


def build_as_it_is(spec: NetworkSpec, *, seed: int) -> Any:
    """Return what the architecture makes: with a user's own layers, if it uses them."""
    with _keras_globals(seed=seed, mixed_precision=spec.mixed_precision):
        inputs = keras.Input(spec.image_shape, dtype="float32", name="images")
        x = inputs
        factor, offset = spec.factor_and_offset
        # Names that no layer of a user's has: those of a trained model keep theirs.
        if (factor, offset) != (1.0, 0.0):
            x = layers.Rescaling(factor, offset, dtype="float32", name="fer_scaling")(x)
        if spec.training_size is not None:
            resizing = {"antialias": True, "dtype": "float32", "name": "fer_resizing"}
            x = layers.Resizing(*spec.training_size, **resizing)(x)
        if spec.augmentation is not None:
            strength = spec.augmentation.to_dict()
            x = RandomAugmentation(strength, dtype="float32", name="fer_augmentation")(x)
        outputs = spec.build(x, spec.n_classes, **spec.architecture_params)
        _check_outputs(outputs, spec)
        if outputs.dtype != "float32":
            outputs = layers.Activation("linear", dtype="float32")(outputs)
        return keras.Model(inputs, outputs, name="ferclassifier")


def weight_shapes(
    spec: NetworkSpec, *, max_weights: int, max_values: int
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the weights that predict, by name, without memory for them.

    Parameters
    ----------
    spec : NetworkSpec
    max_weights, max_values : int
        How many arrays, and numbers in all, there may be before an `ArchitectureError` is raised.
    """
    with without_values(max_weights, max_values):
        model = build_as_it_is(spec.of_prediction, seed=0)
        return {name: tuple(weight.shape) for name, weight in named_weights(model).items()}


def _check_outputs(outputs: Any, spec: NetworkSpec) -> None:
    shape = getattr(outputs, "shape", None)
    if shape != (None, spec.n_classes):
        raise ArchitectureError(
            f"Got an architecture that returns {type(outputs).__name__} of shape {shape}, but "
            f"expected a symbolic tensor of probabilities of shape (None, {spec.n_classes}). End "
            'it with layers.Dense(n_classes, activation="softmax")(x) and return that.'
        )


def copy_weights(source: Any, target: Any) -> list[Any]:
    """Give a model the weights of another, and return them."""
    weights: list[Any] = source.get_weights()
    target.set_weights(weights)
    return weights
