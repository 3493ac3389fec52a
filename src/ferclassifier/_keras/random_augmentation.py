"""The random changes of training images, as a layer."""

from __future__ import annotations

import math
from typing import Any

from ferclassifier._utils.keras_door import keras, layers, ops
from ferclassifier.augmentation import AugmentationStrength


@keras.saving.register_keras_serializable("ferclassifier")
class RandomAugmentation(layers.Layer):  # type: ignore[misc]
    """The random changes of :class:`ferclassifier.augmentation.AugmentationStrength`.

    Mirror image, rotation, zoom and shift are one affine warp with one interpolation: three in a
    row would blur a face of 48 pixels three times. It acts in training only.
    """

    def __init__(self, strength: dict[str, float], seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.strength = AugmentationStrength(**strength)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        if not training:
            return inputs
        x = inputs
        if self.strength.warps:
            x = self._warp(x)
        if self.strength.contrast or self.strength.brightness:
            x = self._change_light(x)
        if self.strength.erasing:
            x = self._erase(x)
        return x

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "strength": self.strength.to_dict()}

    def _uniform(self, x: Any, low: float, high: float) -> Any:
        return keras.random.uniform((ops.shape(x)[0],), low, high, seed=self.seed_generator)

    def _warp(self, x: Any) -> Any:
        s = self.strength
        height, width = x.shape[1], x.shape[2]
        angle = self._uniform(x, -s.rotation, s.rotation) * (math.pi / 180)
        zoom = self._uniform(x, 1 - s.zoom, 1 + s.zoom)
        mirror = ops.where(self._uniform(x, 0.0, 1.0) < s.flip, -1.0, 1.0)
        right = self._uniform(x, -s.shift, s.shift) * width
        down = self._uniform(x, -s.shift, s.shift) * height
        if not s.interpolates:
            right, down = ops.round(right), ops.round(down)
        # The map from a pixel of the result to one of the source, about the image's centre.
        xx, xy = zoom * ops.cos(angle) * mirror, -zoom * ops.sin(angle)
        yx, yy = zoom * ops.sin(angle) * mirror, zoom * ops.cos(angle)
        centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
        x0 = centre_x + right - xx * centre_x - xy * centre_y
        y0 = centre_y + down - yx * centre_x - yy * centre_y
        zeros = ops.zeros_like(zoom)
        transform = ops.stack([xx, xy, x0, yx, yy, y0, zeros, zeros], axis=1)
        return ops.image.affine_transform(
            x,
            transform,
            interpolation="bilinear",
            fill_mode="nearest",
            data_format="channels_last",
        )

    def _change_light(self, x: Any) -> Any:
        s = self.strength
        mean = ops.mean(x, axis=(1, 2, 3), keepdims=True)
        deviation = ops.std(x, axis=(1, 2, 3), keepdims=True)
        factor = self._per_image(self._uniform(x, 1 - s.contrast, 1 + s.contrast))
        offset = self._per_image(self._uniform(x, -s.brightness, s.brightness)) * deviation
        return (x - mean) * factor + mean + offset

    def _erase(self, x: Any) -> Any:
        rows = self._random_interval(x, x.shape[1])
        columns = self._random_interval(x, x.shape[2])
        chosen = self._uniform(x, 0.0, 1.0) < self.strength.erasing
        inside = ops.logical_and(rows[:, :, None], columns[:, None, :])
        inside = ops.logical_and(inside, chosen[:, None, None])[..., None]
        return ops.where(inside, ops.mean(x, axis=(1, 2, 3), keepdims=True), x)

    def _random_interval(self, x: Any, side: int) -> Any:
        half = self._uniform(x, 0.05, 0.2) * side
        centre = self._uniform(x, 0.0, 1.0) * side
        distance = ops.abs(ops.arange(side, dtype="float32")[None, :] - centre[:, None])
        return distance < half[:, None]

    @staticmethod
    def _per_image(values: Any) -> Any:
        return ops.reshape(values, (-1, 1, 1, 1))
