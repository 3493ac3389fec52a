"""The Keras layers and the loss that the networks share; imported by the first fit, not before."""

from __future__ import annotations

import math
from typing import Any

from ferclassifier._utils.keras_door import keras, layers, ops
from ferclassifier.augmentation import AugmentationStrength

# Keras's own floor of 1e-7 cuts the gradient of a class that has become unlikely.
_SMALLEST_PROBABILITY = 1e-30

MEAN_LOSS = "mean_loss"


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


@keras.saving.register_keras_serializable("ferclassifier")
class Crossentropy(keras.losses.Loss):  # type: ignore[misc]
    """Categorical cross-entropy of probabilities, with label smoothing and a focal exponent.

    Parameters
    ----------
    label_smoothing : float in [0, 1), default=0
        Share of each label that is spread evenly over all classes.
    gamma : float, default=0
        Exponent of the focal factor ``(1 - p) ** gamma``; 0 is plain cross-entropy.

    References
    ----------
    Szegedy et al., arXiv:1512.00567 (label smoothing); Lin et al., arXiv:1708.02002 (focal loss).
    """

    def __init__(
        self,
        label_smoothing: float = 0.0,
        gamma: float = 0.0,
        name: str = "crossentropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.label_smoothing = label_smoothing
        self.gamma = gamma

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if self.label_smoothing:
            n_classes = y_pred.shape[-1]
            y_true = y_true * (1 - self.label_smoothing) + self.label_smoothing / n_classes
        terms = y_true * ops.log(ops.maximum(y_pred, _SMALLEST_PROBABILITY))
        if self.gamma:
            terms = terms * ops.power(ops.maximum(1 - y_pred, 0.0), self.gamma)
        return -ops.sum(terms, axis=-1)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {**config, "label_smoothing": self.label_smoothing, "gamma": self.gamma}


def mean_over_weights(loss: Crossentropy) -> Any:
    """Return the metric that is the weighted mean of a loss: divided by the sum of the weights.

    What Keras reports as "loss" is divided by the number of images, for the sake of the gradients.
    """
    return keras.metrics.MeanMetricWrapper(loss.call, name=MEAN_LOSS)


@keras.saving.register_keras_serializable("ferclassifier")
class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A rate that warms up, then stays, or falls to zero along a cosine.

    Its numbers are variables, so that a compiled network can be trained again with others.

    References
    ----------
    Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts",
    arXiv:1608.03983.
    """

    def __init__(self, decays: bool = False) -> None:
        super().__init__()
        self.decays = decays
        self._peak, self._warmup, self._total = (
            keras.Variable(value, dtype="float32", trainable=False, name=name)
            for name, value in (("peak", 0.0), ("warmup", 1.0), ("total", 1.0))
        )

    @property
    def variables(self) -> list[Any]:
        """The numbers of the schedule."""
        return [self._peak, self._warmup, self._total]

    def set(self, *, peak: float, warmup: int, total: int) -> None:
        """Set the highest rate and the numbers of steps of the warm-up and of the whole fit."""
        warmup = max(warmup, 1)
        self._peak.assign(peak)
        self._warmup.assign(warmup)
        self._total.assign(max(total, warmup + 1))

    def scale(self, factor: float) -> None:
        """Multiply the rate from now on."""
        self._peak.assign(self._peak * factor)

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        rate = ops.minimum((step + 1) / self._warmup, 1.0)
        if self.decays:
            progress = (step - self._warmup) / (self._total - self._warmup)
            fall = 0.5 * (1 + ops.cos(math.pi * ops.clip(progress, 0.0, 1.0)))
            rate = ops.minimum(rate, fall)
        return self._peak * rate

    def get_config(self) -> dict[str, Any]:
        return {"decays": self.decays}
