"""Gradients through the network that predicts, on each of Keras's backends.

What is differentiated are the log-odds of a class, ``log p - log(1 - p)``: with a softmax, its
logit against the others. Gradients of probabilities, and of their logarithms, vanish where a
network is sure, which is where one wants to know why.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from ferclassifier._keras.compilation import compile_for_arrays
from ferclassifier._keras.float32 import float32_by_default
from ferclassifier._keras.forked import check_not_forked
from ferclassifier._utils.keras_door import keras, ops
from ferclassifier.exceptions import ArchitectureError
from ferclassifier.images._maps import normalised, resized

_SMALLEST_PROBABILITY = float(np.finfo(np.float32).tiny)
# Shares of an image's longer side: how far its details are blurred away, and over what distance
# the contributions of pixels are added, so that those of opposite sign cancel.
_BLUR, _SMOOTHING = 1 / 12, 1 / 24
_N_STEPS = 8
_BACKENDS = ("tensorflow", "jax", "torch")

Tensors = list[Any]


class Explainer:
    """What the pixels and the features of images do to a network's log-odds.

    The functions are compiled once for each type of pixels; TensorFlow keeps what it has compiled.

    Parameters
    ----------
    model : keras.Model
        A functional model from images to probabilities.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._compiled: dict[tuple[str, str], Callable[..., list[NDArray[Any]]]] = {}

    @property
    def allows_gradcam(self) -> bool:
        """Whether the network has feature maps, and the backend gradients."""
        try:
            return keras.backend.backend() in _BACKENDS and bool(_stages(self._model))
        except ArchitectureError:
            return False

    def map(
        self, method: Literal["gradcam", "gradient"], images: NDArray[Any], codes: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return the maps of a method, as `gradcam` or `integrated_gradients` does."""
        maps = {"gradcam": self.gradcam, "gradient": self.integrated_gradients}
        check_not_forked()
        with float32_by_default():
            return maps[method](images, codes)

    def gradcam(self, images: NDArray[Any], codes: NDArray[np.integer]) -> NDArray[np.float32]:
        """Find the places whose features speak for the class, more than those of other places do.

        At each stage of the network the features of a place, less their mean over all places, are
        multiplied by their gradients. What is positive is averaged over the stages.

        Parameters
        ----------
        images : ndarray of shape (n, height, width, channels), uint8 or float32
        codes : ndarray of shape (n,), int
            The class of each image to be explained.

        Returns
        -------
        maps : ndarray of shape (n, height, width), float32 in [0, 1]

        Raises
        ------
        ArchitectureError
            If the network has no feature maps.
        """
        stages = self._run("gradcam", self._make_gradcam, images, codes)
        size = images.shape[1:3]
        maps = [normalised(resized(contributions, size)) for contributions in stages]
        mean: NDArray[np.float32] = np.mean(maps, axis=0)
        return mean

    def integrated_gradients(
        self, images: NDArray[Any], codes: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Share out among the pixels what the details of an image add to the log-odds.

        Parameters
        ----------
        images : ndarray of shape (n, height, width, channels), uint8 or float32
        codes : ndarray of shape (n,), int
            The class of each image to be explained.

        Returns
        -------
        contributions : ndarray of shape (n, height, width), float32
            Their sum is about the difference of the log-odds of the image and of a blurred one.
        """
        pixels = images.astype(np.float32)
        side = max(pixels.shape[1:3])
        blurred = gaussian_filter(pixels, side * _BLUR, axes=(1, 2), mode="nearest")
        details = pixels - blurred
        gradients = np.zeros_like(pixels)
        for step in range(_N_STEPS):
            between = blurred + np.float32((step + 0.5) / _N_STEPS) * details
            gradients += self._run("gradient", self._make_gradient, between, codes)[0]
        contributions = np.sum(gradients * details, axis=-1) / _N_STEPS
        smooth: NDArray[np.float32] = gaussian_filter(
            contributions, side * _SMOOTHING, axes=(1, 2), mode="nearest"
        )
        return smooth

    def _run(
        self,
        name: str,
        make: Callable[[], Callable[[Any, Any], Tensors]],
        images: NDArray[Any],
        codes: NDArray[Any],
    ) -> list[NDArray[np.float32]]:
        key = name, images.dtype.name
        with self._lock:  # two threads would compile the same function twice
            if key not in self._compiled:
                signature = [(self._model.input_shape[1:], images.dtype.name), ((), "int32")]
                self._compiled[key] = compile_for_arrays(make(), self._model, signature)
        return self._compiled[key](images, codes.astype(np.int32))

    def _make_gradient(self) -> Callable[[Any, Any], Tensors]:
        def gradient(images: Any, codes: Any) -> Tensors:
            def score(inputs: Tensors) -> Any:
                return _log_odds(self._model(inputs[0], training=False), codes)

            return _gradients(score, [images])

        return gradient

    def _make_gradcam(self) -> Callable[[Any, Any], Tensors]:
        stages = _stages(self._model)
        ends = [self._model.input, *stages, self._model.output]
        parts = [keras.Model(start, end) for start, end in itertools.pairwise(ends)]

        def gradcam(images: Any, codes: Any) -> Tensors:
            def score(offsets: Tensors) -> Any:
                x = images
                for part, offset in zip(parts, offsets, strict=False):
                    x = part(x, training=False) + offset
                return _log_odds(parts[-1](x, training=False), codes)

            images = ops.cast(images, "float32")
            features = [images]
            for part in parts[:-1]:
                features.append(part(features[-1], training=False))
            gradients = _gradients(score, [ops.zeros_like(f) for f in features[1:]])
            return [_contributions(f, g) for f, g in zip(features[1:], gradients, strict=True)]

        return gradcam


def _contributions(features: Any, gradients: Any) -> Any:
    beyond_mean = features - ops.mean(features, axis=(1, 2), keepdims=True)
    return ops.sum(beyond_mean * gradients, axis=-1)


def _log_odds(probabilities: Any, codes: Any) -> Any:
    chosen = ops.one_hot(codes, probabilities.shape[-1], dtype=probabilities.dtype)
    its_own = ops.sum(probabilities * chosen, axis=-1)
    others = ops.sum(probabilities * (1 - chosen), axis=-1)
    return ops.log(ops.maximum(its_own, _SMALLEST_PROBABILITY)) - ops.log(
        ops.maximum(others, _SMALLEST_PROBABILITY)
    )


def _gradients(score: Callable[[Tensors], Any], at: Tensors) -> Tensors:
    """Return the gradients of a score of each image, at tensors of the backend."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(at)
            scores = score(at)
        return tape.gradient(scores, at)  # type: ignore[no-any-return]
    if backend == "jax":
        import jax

        return jax.grad(lambda x: score(x).sum())(at)  # type: ignore[no-any-return]
    if backend == "torch":
        import torch

        with torch.enable_grad():
            at = [x.detach().requires_grad_() for x in at]
            return list(torch.autograd.grad(score(at).sum(), at))
    raise NotImplementedError(
        f"Got Keras's backend {backend!r}, but gradients are computed on tensorflow, jax and torch."
        ' Use method="occlusion", which needs none.'
    )


def _stages(model: Any) -> list[Any]:
    """Return the feature maps that Grad-CAM explains, from the first to the last.

    Returns
    -------
    stages : list of KerasTensor of shape (None, rows, columns, filters)
        The last map of each size through which everything passes. Those of the size of the images
        come from a network's first layers, and are left out unless there are no others.

    Raises
    ------
    ArchitectureError
        If there are none.
    """
    by_size: dict[tuple[int, int], Any] = {}
    for features in _bottlenecks(model):
        rows, columns = features.shape[1:3] if len(features.shape) == 4 else (1, 1)
        if rows * columns > 1:
            by_size.setdefault((rows, columns), features)
    if not by_size:
        raise ArchitectureError(
            "Got a network without feature maps (rows, columns, filters) through which everything "
            'passes, which Grad-CAM needs. Use method="gradient" or method="occlusion".'
        )
    if len(by_size) > 1:
        by_size.pop(model.input_shape[1:3], None)
    return list(by_size.values())[::-1]


def _bottlenecks(model: Any) -> Iterator[Any]:
    """Yield the tensors through which everything passes, learned ones only, from the last."""
    order = {id(operation): i for i, operation in enumerate(model.operations)}
    learned = [i for i, o in enumerate(model.operations) if getattr(o, "weights", ())]

    def position(tensor: Any) -> int:
        return order[id(tensor._keras_history.operation)]

    pending = {id(model.output): model.output}
    while pending:
        last = max(pending.values(), key=position)
        if not learned or position(last) < learned[0]:
            return
        if len(pending) == 1:
            yield last
        del pending[id(last)]
        history = last._keras_history
        node = history.operation._inbound_nodes[history.node_index]
        pending.update({id(tensor): tensor for tensor in node.input_tensors})
