"""The convolutional network with exponential linear units of many FER-2013 notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ferclassifier._utils.keras_door import layers
from ferclassifier.architectures._batch_normalization import BatchNormalization


def build(
    inputs: Any,
    n_classes: int,
    *,
    filters: Sequence[int] = (64, 128, 256),
    dense: int = 128,
    block_dropout: Sequence[float] = (0.4, 0.4, 0.5),
    dropout: float = 0.6,
) -> Any:
    """Build blocks of two ELU convolutions, pooling and dropout, then a dense layer.

    Parameters
    ----------
    inputs : KerasTensor of shape (None, height, width, channels)
    n_classes : int
    filters : sequence of int, default=(64, 128, 256)
        Filters of each block, which halves the sides.
    dense : int, default=128
        Units of the dense layer.
    block_dropout : sequence of float in [0, 1), default=(0.4, 0.4, 0.5)
        Dropped share after each block; the last entry serves all blocks beyond its end.
    dropout : float in [0, 1), default=0.6
        Dropped share after the dense layer.

    Returns
    -------
    probabilities : KerasTensor of shape (None, n_classes)

    References
    ----------
    Clevert, Unterthiner and Hochreiter, "Fast and Accurate Deep Network Learning by Exponential
    Linear Units (ELUs)", arXiv:1511.07289.
    """
    x = inputs
    for i, width in enumerate(filters):
        for _ in range(2):
            x = layers.Conv2D(
                width, 3, padding="same", activation="elu", kernel_initializer="he_normal"
            )(x)
            x = BatchNormalization()(x)
        x = layers.MaxPooling2D(2, padding="same")(x)
        x = layers.Dropout(block_dropout[min(i, len(block_dropout) - 1)])(x)
    x = layers.Flatten()(x)
    x = layers.Dense(dense, activation="elu", kernel_initializer="he_normal")(x)
    x = layers.Dropout(dropout)(BatchNormalization()(x))
    return layers.Dense(n_classes, activation="softmax", dtype="float32")(x)
