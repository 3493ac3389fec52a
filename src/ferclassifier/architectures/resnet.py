"""A residual network for small images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ferclassifier._utils.keras_door import layers
from ferclassifier.architectures._batch_normalization import BatchNormalization
from ferclassifier.architectures._layers import classify, convolution, residual_block
from ferclassifier.exceptions import ArchitectureError


def build(
    inputs: Any,
    n_classes: int,
    *,
    stem: int = 32,
    filters: Sequence[int] = (32, 64, 128, 256),
    blocks: int | Sequence[int] = 2,
    stem_stride: int = 1,
    first_stride: int = 1,
    squeeze_excite: bool = False,
    dropout: float = 0.25,
) -> Any:
    """Build a stem and stages of residual blocks, each stage at half of the size before.

    With its defaults it has 2.80 million parameters and takes 312 million multiplications for a
    48 by 48 pixel image; with ``first_stride=2`` it takes 79 million.

    Parameters
    ----------
    inputs : KerasTensor of shape (None, height, width, channels)
    n_classes : int
    stem : int, default=32
        Filters of the first convolution.
    filters : sequence of int, default=(32, 64, 128, 256)
        Filters of each stage.
    blocks : int or sequence of int, default=2
        Residual blocks of each stage; a sequence is as long as `filters`.
    stem_stride : {1, 2}, default=1
        Stride of the first convolution: with 2, all that follows is at half the size.
    first_stride : {1, 2}, default=1
        Stride of the first stage: 1, as on CIFAR, works at full size; 2 costs a quarter.
    squeeze_excite : bool, default=False
        Whether each block weighs its channels by what it sees in the whole image.
    dropout : float in [0, 1), default=0.25
        Dropped share of the pooled features.

    Returns
    -------
    probabilities : KerasTensor of shape (None, n_classes)

    Raises
    ------
    ArchitectureError
        If `blocks` is a sequence of another length than `filters`.

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385; Hu et al.,
    "Squeeze-and-Excitation Networks", arXiv:1709.01507.
    """
    depths = [blocks] * len(filters) if isinstance(blocks, int) else blocks
    if len(depths) != len(filters):
        raise ArchitectureError(
            f"Got blocks={blocks!r} and filters={filters!r}, but expected a number of blocks for "
            "each stage. Pass as many as there are filters, or one int for all stages."
        )
    x = layers.ReLU()(BatchNormalization()(convolution(inputs, stem, 3, stem_stride)))
    for stage, (width, depth) in enumerate(zip(filters, depths, strict=True)):
        for block in range(depth):
            strides = 1 if block else (2 if stage else first_stride)
            squeeze = max(width // 8, 4) if squeeze_excite else 0
            x = residual_block(x, width, strides=strides, squeeze=squeeze)
    return classify(x, n_classes, dropout)
