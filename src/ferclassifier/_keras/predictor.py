"""From images to probabilities, by compiled functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._keras.compilation import compile_for_arrays
from ferclassifier._utils.keras_door import ops

PREDICTION_BATCH = 256
_ROWS_OF_A_REGISTER = 8
VIEWS = {None: 1, "flip": 2, "ten_crop": 10}


def in_full_rows(predictor: Callable[[Any], Any], images: NDArray[Any]) -> Any:
    """Predict a multiple of eight images, or one, and return what was asked for.

    Products of matrices compute what is left over of a register's rows by other instructions,
    which round differently: an image would get other probabilities at another place.
    """
    missing = -len(images) % _ROWS_OF_A_REGISTER
    if len(images) == 1 or not missing:
        return predictor(images)
    blank = np.zeros((missing, *images.shape[1:]), images.dtype)
    return predictor(np.concatenate([images, blank]))[: len(images)]


def compile_predictor(model: Any, views: str | None) -> Callable[[Any], Any]:
    """Compile the mean of the network's probabilities over some views of each image."""

    def probabilities(images: Any) -> list[Any]:
        if views is None:
            return [model(images, training=False)]
        seen = views_of(ops.cast(images, "float32"), views)
        stacked = model(ops.concatenate(seen), training=False)
        return [ops.mean(ops.reshape(stacked, (len(seen), -1, stacked.shape[-1])), axis=0)]

    functions: dict[str, Callable[..., list[NDArray[Any]]]] = {}

    def predict(images: NDArray[Any]) -> Any:
        dtype = images.dtype.name
        if dtype not in functions:
            signature = [(model.input_shape[1:], dtype)]
            functions[dtype] = compile_for_arrays(probabilities, model, signature)
        return functions[dtype](images)[0]

    return predict


def views_of(images: Any, views: str) -> list[Any]:
    """Return the image and its mirror image, and both shifted to four sides if asked for."""
    if views == "flip":
        return [images, _mirrored(images)]
    height, width = images.shape[1], images.shape[2]
    step_y, step_x = max(1, round(height / 24)), max(1, round(width / 24))
    rows = [_shifted(height, d) for d in (-step_y, step_y)]
    columns = [_shifted(width, d) for d in (-step_x, step_x)]
    shifted = [ops.take(ops.take(images, r, axis=1), c, axis=2) for r in rows for c in columns]
    return [view for image in [images, *shifted] for view in (image, _mirrored(image))]


def _mirrored(images: Any) -> Any:
    # In ONNX a flip becomes the reversal of sequences, between two transpositions.
    return ops.take(images, list(range(images.shape[2]))[::-1], axis=2)


def _shifted(length: int, step: int) -> list[int]:
    """Return the places along an axis from which an image takes its own, repeating the edge."""
    # No tensor: a model that is saved or exported has it as a constant.
    return [min(max(i + step, 0), length - 1) for i in range(length)]
