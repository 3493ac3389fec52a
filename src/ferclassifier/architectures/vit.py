"""A small vision transformer behind a convolutional stem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.keras_door import keras, layers, ops
from ferclassifier.architectures._batch_normalization import BatchNormalization
from ferclassifier.architectures._layers import classify, convolution
from ferclassifier.exceptions import ArchitectureError

_LONGEST_WAVE = 10_000.0


def build(
    inputs: Any,
    n_classes: int,
    *,
    stem: Sequence[int] = (32, 64, 128),
    dim: int = 160,
    depth: int = 6,
    heads: int = 4,
    mlp_ratio: float = 2.0,
    dropout: float = 0.1,
) -> Any:
    """Build convolutions at stride 2, and blocks of attention between the places of their map.

    With its defaults it has 1.35 million parameters and takes 53 million multiplications for a
    48 by 48 pixel image, which it sees as 6 by 6 places. Nothing that is learned depends on the
    size of the images.

    Parameters
    ----------
    inputs : KerasTensor of shape (None, height, width, channels)
    n_classes : int
    stem : sequence of int, default=(32, 64, 128)
        Filters of each convolution, which halves the sides.
    dim : int, default=160
        Features of a place, a multiple of 4 and of `heads`.
    depth : int, default=6
        Number of blocks.
    heads : int, default=4
        Attention heads of each block.
    mlp_ratio : float, default=2.0
        Hidden units of a block's two dense layers, relative to `dim`.
    dropout : float in [0, 1), default=0.1
        Dropped share of what each half of a block adds, and of the pooled features.

    Returns
    -------
    probabilities : KerasTensor of shape (None, n_classes)

    Raises
    ------
    ArchitectureError
        If `dim` is no multiple of 4 and of `heads`.

    Notes
    -----
    Attention has no scale of its own, so it takes longer than convolutions to learn what is near;
    ``optimizer="adamw"`` suits it better than the default. Grad-CAM sees the stem's maps and the
    last features of the places.

    References
    ----------
    Dosovitskiy et al., "An Image is Worth 16x16 Words", arXiv:2010.11929; Xiao et al., "Early
    Convolutions Help Transformers See Better", arXiv:2106.14881; the fixed codes of places and
    the mean over them are from Beyer et al., "Better plain ViT baselines for ImageNet-1k",
    arXiv:2205.01580.
    """
    _check_width(dim, heads)
    x = inputs
    for width in stem:
        x = layers.ReLU()(BatchNormalization()(convolution(x, width, 3, strides=2)))
    x = layers.Conv2D(dim, 1)(x)
    places = x.shape[1:]
    x = layers.Reshape((-1, dim))(_PositionCodes()(x))
    for _ in range(depth):
        x = _attend(x, heads, dropout)
        x = _transform(x, round(dim * mlp_ratio), dropout)
    x = layers.Reshape(places)(layers.LayerNormalization()(x))
    return classify(x, n_classes, dropout)


@keras.saving.register_keras_serializable("ferclassifier")
class _PositionCodes(layers.Layer):  # type: ignore[misc]
    """Add to the features of each place fixed sines and cosines that tell where it is."""

    def call(self, inputs: Any) -> Any:
        _, rows, columns, dim = inputs.shape
        codes = _position_codes(rows, columns, dim)
        return inputs + ops.convert_to_tensor(codes, dtype=self.compute_dtype)

    # Without it Keras would call the layer to learn the shape, and a network that is only
    # described, in a file for instance, would take the memory of its codes.
    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> Any:
        return input_shape


def _position_codes(rows: int, columns: int, dim: int) -> NDArray[np.float32]:
    """Return codes of shape (rows, columns, dim): half tells the row, half the column."""
    frequencies = _LONGEST_WAVE ** -np.linspace(0, 1, dim // 4)

    def code(n: int) -> NDArray[np.float64]:
        angles = np.arange(n)[:, None] * frequencies
        return np.concatenate([np.sin(angles), np.cos(angles)], axis=-1)

    shape = (rows, columns, dim // 2)
    by_row = np.broadcast_to(code(rows)[:, None], shape)
    by_column = np.broadcast_to(code(columns), shape)
    return np.concatenate([by_row, by_column], axis=-1).astype(np.float32)


def _check_width(dim: int, heads: int) -> None:
    if dim % 4 or dim % heads:
        raise ArchitectureError(
            f"Got dim={dim} and heads={heads}, but expected dim to be a multiple of 4 and of "
            f"heads. Take dim={4 * heads * max(1, round(dim / (4 * heads)))}."
        )


def _attend(x: Any, heads: int, dropout: float) -> Any:
    normal = layers.LayerNormalization()(x)
    attention = layers.MultiHeadAttention(heads, x.shape[-1] // heads)
    return layers.Add()([x, layers.Dropout(dropout)(attention(normal, normal))])


def _transform(x: Any, hidden: int, dropout: float) -> Any:
    dim = x.shape[-1]
    hidden_units = layers.Dense(hidden, activation="gelu")(layers.LayerNormalization()(x))
    return layers.Add()([x, layers.Dropout(dropout)(layers.Dense(dim)(hidden_units))])
