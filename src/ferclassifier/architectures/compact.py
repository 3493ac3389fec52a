"""A small residual network that trains on two CPU cores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ferclassifier._utils.keras_door import layers
from ferclassifier.architectures._batch_normalization import BatchNormalization
from ferclassifier.architectures._layers import classify, convolution, residual_block


def build(
    inputs: Any,
    n_classes: int,
    *,
    stem: int = 16,
    filters: Sequence[int] = (32, 64, 128, 256),
    dropout: float = 0.25,
) -> Any:
    """Build a stem and one residual block at stride 2 for each entry of `filters`.

    With its defaults it has 1.23 million parameters and takes 33 million multiplications for a
    48 by 48 pixel image, about the same number in every stage.

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
    x = layers.ReLU()(BatchNormalization()(convolution(inputs, stem, 3)))
    for width in filters:
        x = residual_block(x, width, strides=2)
    return classify(x, n_classes, dropout)
