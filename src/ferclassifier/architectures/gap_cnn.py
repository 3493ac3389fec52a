"""Three plain convolutional blocks and global average pooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ferclassifier._utils.keras_door import layers
from ferclassifier.architectures._batch_normalization import BatchNormalization


def build(
    inputs: Any,
    n_classes: int,
    *,
    filters: Sequence[int] = (32, 64, 128),
    dense: int = 128,
    block_dropout: float = 0.25,
    dropout: float = 0.5,
) -> Any:
    """Build blocks of Conv, BatchNorm, MaxPool and Dropout, then pooling and a dense layer.

    Parameters
    ----------
    inputs : KerasTensor of shape (None, height, width, channels)
    n_classes : int
    filters : sequence of int, default=(32, 64, 128)
        Filters of each block, which halves the sides.
    dense : int, default=128
        Units of the dense layer.
    block_dropout, dropout : float in [0, 1), default=0.25 and 0.5
        Dropped share after each block and after the dense layer.

    Returns
    -------
    probabilities : KerasTensor of shape (None, n_classes)
    """
    x = inputs
    for width in filters:
        x = layers.Conv2D(width, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(
            x
        )
        x = layers.ReLU()(BatchNormalization()(x))
        x = layers.MaxPooling2D(2, padding="same")(x)
        x = layers.Dropout(block_dropout)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(dense, activation="relu", kernel_initializer="he_normal")(x)
    x = layers.Dropout(dropout)(x)
    return layers.Dense(n_classes, activation="softmax", dtype="float32")(x)
