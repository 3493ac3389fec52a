"""Gradients through the network that predicts, on each of Keras's backends.

What is differentiated are the log-odds of a class, ``log p - log(1 - p)``: with a softmax, its
logit against the others. Gradients of probabilities, and of their logarithms, vanish where a
network is sure, which is where one wants to know why.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from ferclassifier.exceptions import ArchitectureError

# A map of 3 x 3, where 48 pixels end after four halvings, cannot tell a mouth from a nose.
_POSITIONS_WANTED = 6
_SMALLEST_PROBABILITY = float(np.finfo(np.float32).tiny)
# The noise of SmoothGrad: the share of an image's range of pixels, and how often it is drawn.
_NOISE = 0.1
_N_DRAWS = 8


class Explainer:
    """What the pixels and the features of images do to a network's log-odds.

    On TensorFlow the functions are compiled, once for each of the two types of pixels and any
    number of images; TensorFlow keeps what it has compiled.

    Parameters
    ----------
    model : keras.Model
        A functional model from images to probabilities.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._compiled: dict[tuple[str, str], Callable[..., NDArray[Any]]] = {}

    def gradcam(self, images: NDArray[Any], codes: NDArray[np.integer]) -> NDArray[np.float32]:
        """Weigh the feature maps by their mean gradients, and keep what speaks for the class.

        Parameters
        ----------
        images : ndarray of shape (n, height, width, channels), uint8 or float32
        codes : ndarray of shape (n,), int
            The class of each image to be explained.

        Returns
        -------
        maps : ndarray of shape (n, rows, columns), float32
            Not negative, as large as the feature maps.
        """
        return self._run("gradcam", self._make_gradcam, images, codes)

    def gradient(self, images: NDArray[Any], codes: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the mean square of each pixel's gradient over noisy copies of the image.

        Parameters
        ----------
        images : ndarray of shape (n, height, width, channels), uint8 or float32
        codes : ndarray of shape (n,), int
            The class of each image to be explained.

        Returns
        -------
        maps : ndarray of shape (n, height, width), float32
            Not negative; of the channels, the largest.
        """
        return self._run("gradient", lambda: self._input_gradient, images, codes)

    def _run(
        self, name: str, make: Callable[[], Any], images: NDArray[Any], codes: NDArray[Any]
    ) -> NDArray[np.float32]:
        key = name, images.dtype.name
        with self._lock:  # two threads would compile the same function twice
            if key not in self._compiled:
                shape = self._model.input_shape[1:]
                self._compiled[key] = _compiled(make(), shape, images.dtype.name)
        return self._compiled[key](images, codes.astype(np.int32))

    def _make_gradcam(self) -> Callable[[Any, Any], Any]:
        features = _explained_features(self._model)
        body = keras.Model(self._model.input, features, name="features")
        head = keras.Model(features, self._model.output, name="head")

        def gradcam(images: Any, codes: Any) -> Any:
            maps = body(ops.cast(images, "float32"), training=False)
            gradients = _gradient(lambda a: _log_odds(head(a, training=False), codes), maps)
            weights = ops.mean(gradients, axis=(1, 2), keepdims=True)
            return ops.relu(ops.sum(weights * maps, axis=-1))

        return gradcam

    def _input_gradient(self, images: Any, codes: Any) -> Any:
        def log_odds(pixels: Any) -> Any:
            return _log_odds(self._model(pixels, training=False), codes)

        pixels = ops.cast(images, "float32")
        spread = ops.max(pixels, axis=(1, 2, 3), keepdims=True) - ops.min(
            pixels, axis=(1, 2, 3), keepdims=True
        )
        squares = [
            ops.square(_gradient(log_odds, pixels + _NOISE * spread * noise))
            for noise in self._draws()
        ]
        return ops.max(sum(squares) / len(squares), axis=-1)

    def _draws(self) -> NDArray[np.float32]:
        """Draw the noise: the same for all images, lest a map depend on its neighbours."""
        rng = np.random.default_rng(0)
        shape = (_N_DRAWS, *self._model.input_shape[1:])
        return rng.standard_normal(shape, dtype=np.float32)


def _log_odds(probabilities: Any, codes: Any) -> Any:
    chosen = ops.one_hot(codes, probabilities.shape[-1], dtype=probabilities.dtype)
    its_own = ops.sum(probabilities * chosen, axis=-1)
    others = ops.sum(probabilities * (1 - chosen), axis=-1)
    return ops.log(ops.maximum(its_own, _SMALLEST_PROBABILITY)) - ops.log(
        ops.maximum(others, _SMALLEST_PROBABILITY)
    )


def _gradient(score: Callable[[Any], Any], at: Any) -> Any:
    """Return the gradient of a score of each image, at tensors of the backend."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(at)
            scores = score(at)
        return tape.gradient(scores, at)
    if backend == "jax":
        import jax

        return jax.grad(lambda x: score(x).sum())(at)
    if backend == "torch":
        import torch

        with torch.enable_grad():
            at = at.detach().requires_grad_()
            return torch.autograd.grad(score(at).sum(), at)[0]
    raise NotImplementedError(
        f"Got Keras's backend {backend!r}, but gradients are computed on tensorflow, jax and torch."
        ' Use method="occlusion", which needs none.'
    )


def _compiled(
    function: Callable[[Any, Any], Any], shape: tuple[int, ...], dtype: str
) -> Callable[..., NDArray[Any]]:
    """Make a function of tensors one of arrays, compiled for any number of images."""
    if keras.backend.backend() != "tensorflow":
        return lambda images, codes: ops.convert_to_numpy(
            function(ops.convert_to_tensor(images), ops.convert_to_tensor(codes))
        )
    import tensorflow as tf

    traced = tf.function(function, autograph=False).get_concrete_function(
        tf.TensorSpec((None, *shape), dtype), tf.TensorSpec((None,), "int32")
    )
    return lambda images, codes: traced(
        tf.convert_to_tensor(images), tf.convert_to_tensor(codes)
    ).numpy()


def _explained_features(model: Any) -> Any:
    """Choose the feature maps that Grad-CAM explains: deep, but not too coarse.

    Returns
    -------
    features : KerasTensor of shape (None, rows, columns, filters)
        The last through which everything passes, of those with 6 rows and 6 columns or more; where
        there are none, the last of the largest.

    Raises
    ------
    ArchitectureError
        If the network has no such layer.
    """
    chosen, most = None, 1
    for features in _bottlenecks(model):
        rows, columns = features.shape[1:3] if len(features.shape) == 4 else (0, 0)
        positions = min(rows or 0, _POSITIONS_WANTED) * min(columns or 0, _POSITIONS_WANTED)
        if positions > most:
            chosen, most = features, positions
    if chosen is None:
        raise ArchitectureError(
            "Got a network without a layer of feature maps (rows, columns, filters) through which "
            'everything passes, which Grad-CAM needs. Use method="gradient" or '
            'method="occlusion".'
        )
    return chosen


def _bottlenecks(model: Any) -> Iterator[Any]:
    """Yield the tensors through which everything passes, learned ones only, from the last."""
    order = {id(operation): i for i, operation in enumerate(model.operations)}
    has_weights = [bool(getattr(operation, "weights", ())) for operation in model.operations]
    first_learned = has_weights.index(True) if any(has_weights) else len(has_weights)

    def position(tensor: Any) -> int:
        return order[id(tensor._keras_history.operation)]

    pending = {id(model.output): model.output}
    while pending:
        last = max(pending.values(), key=position)
        if position(last) < first_learned:
            return
        if len(pending) == 1:
            yield last
        del pending[id(last)]
        history = last._keras_history
        node = history.operation._inbound_nodes[history.node_index]
        pending.update({id(tensor): tensor for tensor in node.input_tensors})
