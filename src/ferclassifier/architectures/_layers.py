"""The parts that several networks share."""

from __future__ import annotations

from typing import Any

from ferclassifier._utils.keras_door import layers
from ferclassifier.architectures._batch_normalization import BatchNormalization


def convolution(x: Any, filters: int, size: int, strides: int = 1) -> Any:
    """Convolve without a bias, which the normalisation that follows would undo."""
    return layers.Conv2D(
        filters,
        size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)


def residual_block(x: Any, filters: int, *, strides: int, squeeze: int = 0) -> Any:
    """Add two convolutions to the input.

    Parameters
    ----------
    x : KerasTensor of shape (None, height, width, channels)
    filters : int
    strides : {1, 2}
    squeeze : int, default=0
        Units to which the squeeze-excite gate reduces the channels; 0 leaves it out.

    Returns
    -------
    y : KerasTensor of shape (None, height / strides, width / strides, filters)

    References
    ----------
    He et al., "Deep Residual Learning for Image Recognition", arXiv:1512.03385; the pooled
    shortcut is from He et al., "Bag of Tricks for Image Classification with Convolutional Neural
    Networks", arXiv:1812.01187; the gate from Hu et al., "Squeeze-and-Excitation Networks",
    arXiv:1709.01507.
    """
    shortcut = x
    if strides > 1:
        shortcut = layers.AveragePooling2D(strides, padding="same")(shortcut)
    if strides > 1 or shortcut.shape[-1] != filters:
        shortcut = BatchNormalization()(convolution(shortcut, filters, 1))
    x = layers.ReLU()(BatchNormalization()(convolution(x, filters, 3, strides=strides)))
    # A last scale of zero makes the block start as its shortcut, which steadies the first epochs.
    x = BatchNormalization(gamma_initializer="zeros")(convolution(x, filters, 3))
    if squeeze:
        x = _gate(x, squeeze)
    return layers.ReLU()(layers.Add()([shortcut, x]))


def classify(x: Any, n_classes: int, dropout: float) -> Any:
    """Turn feature maps into probabilities of shape (None, n_classes)."""
    x = layers.GlobalAveragePooling2D(dtype="float32")(x)
    x = layers.Dropout(dropout)(x)
    return layers.Dense(n_classes, activation="softmax", dtype="float32")(x)


def _gate(x: Any, units: int) -> Any:
    weights = layers.GlobalAveragePooling2D(keepdims=True)(x)
    weights = layers.Dense(units, activation="relu", kernel_initializer="he_normal")(weights)
    weights = layers.Dense(x.shape[-1], activation="sigmoid")(weights)
    return layers.Multiply()([x, weights])
