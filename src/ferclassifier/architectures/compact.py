"""A small residual network that trains on two CPU cores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

from ferclassifier._keras_layers import BatchNormalization


def build(
    inputs: Any,
    n_classes: int,
    *,
    stem: int = 16,
    filters: Sequence[int] = (32, 64, 128, 256),
    dropout: float = 0.25,
) -> Any:
    """Build a stem and one residual block at stride 2 for each entry of `filters`.

    With its defaults it has 1.22 million parameters and takes 36 million multiplications for a
    48 by 48 pixel image, the same number in every stage.

    Parameters
    ----------
    inputs : KerasTensor of shape (None, height, width, channels)
    n_classes : int
    stem : int, default=16
        Filters of the first convolution, at full size.
    filters : sequence of int, default=(32, 64, 128, 256)
        Filters of each stage.
    dropout : float in [0, 1), default=0.25
        Dropped share of the pooled features.

    Returns
    -------
    probabilities : KerasTensor of shape (None, n_classes)

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385; the pooled
    shortcut is from He et al., "Bag of Tricks for Image Classification with Convolutional Neural
    Networks", arXiv:1812.01187.
    """
    x = layers.ReLU()(BatchNormalization()(_convolution(inputs, stem, 3)))
    for width in filters:
        x = _residual_block(x, width)
    x = layers.GlobalAveragePooling2D(dtype="float32")(x)
    x = layers.Dropout(dropout)(x)
    return layers.Dense(n_classes, activation="softmax", dtype="float32")(x)


def _residual_block(x: Any, filters: int) -> Any:
    shortcut = layers.AveragePooling2D(2, padding="same")(x)
    shortcut = BatchNormalization()(_convolution(shortcut, filters, 1))
    x = layers.ReLU()(BatchNormalization()(_convolution(x, filters, 3, strides=2)))
    # A last scale of zero makes the block start as its shortcut, which steadies the first epochs.
    x = BatchNormalization(gamma_initializer="zeros")(_convolution(x, filters, 3))
    return layers.ReLU()(layers.Add()([shortcut, x]))


def _convolution(x: Any, filters: int, size: int, strides: int = 1) -> Any:
    return layers.Conv2D(
        filters,
        size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
