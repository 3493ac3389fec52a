"""The learning rate from step to step."""

from __future__ import annotations

import math
from typing import Any

from ferclassifier._utils.keras_door import keras, ops


@keras.saving.register_keras_serializable("ferclassifier")
class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A rate that warms up, and falls to zero along a cosine.

    Its numbers are variables, so that a compiled network can be trained again with others.

    References
    ----------
    Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts",
    arXiv:1608.03983.
    """

    def __init__(self) -> None:
        super().__init__()
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

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        rate = ops.minimum((step + 1) / self._warmup, 1.0)
        progress = (step - self._warmup) / (self._total - self._warmup)
        fall = 0.5 * (1 + ops.cos(math.pi * ops.clip(progress, 0.0, 1.0)))
        return self._peak * ops.minimum(rate, fall)

    def get_config(self) -> dict[str, Any]:
        return {}
