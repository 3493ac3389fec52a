"""The small separable network that most emotion applications ship."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ferclassifier._utils.keras_door import layers
from ferclassifier.architectures._batch_normalization import BatchNormalization


def build(
    inputs: Any, n_classes: int, *, stem: int = 8, filters: Sequence[int] = (16, 32, 64, 128)
) -> Any:
    """Build two convolutions and a separable residual module for each entry of `filters`.

    Parameters
    ----------
    inputs : KerasTensor of shape (None, height, width, channels)
    n_classes : int
    stem : int, default=8
        Filters of the first two convolutions.
    filters : sequence of int, default=(16, 32, 64, 128)
        Filters of each module, which halves the sides.

    Returns
    -------
    probabilities : KerasTensor of shape (None, n_classes)

    References
    ----------
    Arriaga, Valdenegro-Toro and Plöger, "Real-time Convolutional Neural Networks for Emotion and
    Gender Classification", arXiv:1710.07557.
    """
    x = inputs
    for _ in range(2):
        x = layers.Conv2D(stem, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(
            x
        )
        x = layers.ReLU()(BatchNormalization()(x))
    for width in filters:
        x = _separable_module(x, width)
    x = layers.Conv2D(n_classes, 3, padding="same")(x)
    x = layers.GlobalAveragePooling2D(dtype="float32")(x)
    return layers.Softmax(dtype="float32")(x)


def _separable_module(x: Any, filters: int) -> Any:
    # Every other pixel is taken first, and not by the stride of the convolution: TensorFlow's
    # oneDNN crashes on the gradient of a 1 x 1 convolution with a stride, in float32.
    shortcut = layers.MaxPooling2D(1, strides=2, padding="same")(x)
    shortcut = layers.Conv2D(filters, 1, use_bias=False)(shortcut)
    shortcut = BatchNormalization()(shortcut)
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(BatchNormalization()(x))
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(BatchNormalization()(x))
    return layers.Add()([shortcut, x])
