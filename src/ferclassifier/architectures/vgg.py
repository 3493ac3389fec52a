"""Pairs of convolutions between poolings, after VGG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ferclassifier._utils.keras_door import layers
from ferclassifier.architectures._batch_normalization import BatchNormalization
from ferclassifier.architectures._layers import classify, convolution


def build(
    inputs: Any,
    n_classes: int,
    *,
    filters: Sequence[int] = (32, 64, 128, 256),
    depth: int = 2,
    dropout: float = 0.25,
) -> Any:
    """Build `depth` convolutions and a pooling for each entry of `filters`.

    With its defaults it has 1.18 million parameters and takes 117 million multiplications for a
    48 by 48 pixel image.

    Parameters
    ----------
    inputs : KerasTensor of shape (None, height, width, channels)
    n_classes : int
    filters : sequence of int, default=(32, 64, 128, 256)
        Filters of each stage.
    depth : int, default=2
        Convolutions per stage.
    dropout : float in [0, 1), default=0.25
        Dropped share of the pooled features.

    Returns
    -------
    probabilities : KerasTensor of shape (None, n_classes)

    References
    ----------
    Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
    arXiv:1409.1556; its use on FER-2013, with half of the filters, is from Pramerdorfer and
    Kampel, "Facial Expression Recognition using Convolutional Neural Networks: State of the Art",
    arXiv:1612.02903.
    """
    x = inputs
    for stage, width in enumerate(filters):
        if stage:
            x = layers.MaxPooling2D(2, padding="same")(x)
        for _ in range(depth):
            x = layers.ReLU()(BatchNormalization()(convolution(x, width, 3)))
    return classify(x, n_classes, dropout)
