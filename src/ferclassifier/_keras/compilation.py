"""Functions of a network, compiled on each of Keras's backends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.keras_door import keras, ops

Arrays = list[NDArray[Any]]


def compile_for_arrays(
    function: Callable[..., list[Any]],
    model: Any,
    signature: Sequence[tuple[tuple[int, ...], str]],
) -> Callable[..., Arrays]:
    """Make a function of tensors one of arrays, for any number of images.

    Parameters
    ----------
    function : callable
        Takes tensors and returns a list of them, each with a row for each image.
    model : keras.Model
        The network that it calls. Weights that change later are seen.
    signature : sequence of (shape, dtype)
        The shape of a row, and the type, of each array.

    Returns
    -------
    run : callable
        On TensorFlow it is compiled once; on JAX for each power of two up to which images are
        filled up; on other backends it runs as it is, without gradients.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _on_tensorflow(function, signature)
    if backend == "jax":
        return _on_jax(function, model)
    if backend == "torch":
        return _on_torch(function)
    return _as_it_is(function)


def _on_tensorflow(
    function: Callable[..., list[Any]], signature: Sequence[tuple[tuple[int, ...], str]]
) -> Callable[..., Arrays]:
    import tensorflow as tf

    traced = tf.function(function, autograph=False).get_concrete_function(
        *(tf.TensorSpec((None, *shape), dtype) for shape, dtype in signature)
    )
    return lambda *arrays: [result.numpy() for result in traced(*map(tf.convert_to_tensor, arrays))]


def _on_jax(function: Callable[..., list[Any]], model: Any) -> Callable[..., Arrays]:
    import jax

    variables = model.variables

    @jax.jit  # type: ignore[untyped-decorator]
    def stateless(values: list[Any], *arrays: Any) -> list[Any]:
        # Weights that are not passed in would be constants of what is compiled.
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return function(*arrays)

    def run(*arrays: NDArray[Any]) -> Arrays:
        n = len(arrays[0])
        values = [variable.value for variable in variables]
        results = stateless(values, *(_filled_up(array) for array in arrays))
        return [np.asarray(result)[:n] for result in results]

    return run


def _filled_up(array: NDArray[Any]) -> NDArray[Any]:
    """Repeat the last row until their number is a power of two: JAX compiles for each number."""
    missing = (1 << (len(array) - 1).bit_length()) - len(array)
    return np.concatenate([array, np.repeat(array[-1:], missing, axis=0)]) if missing else array


def _on_torch(function: Callable[..., list[Any]]) -> Callable[..., Arrays]:
    import torch

    return torch.no_grad()(_as_it_is(function))  # type: ignore[no-any-return]


def _as_it_is(function: Callable[..., list[Any]]) -> Callable[..., Arrays]:
    def run(*arrays: NDArray[Any]) -> Arrays:
        results = function(*(ops.convert_to_tensor(array) for array in arrays))
        return [ops.convert_to_numpy(result) for result in results]

    return run
