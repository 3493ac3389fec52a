"""The loss of training, and what is told of it."""

from __future__ import annotations

from typing import Any

from ferclassifier._utils.keras_door import keras, ops

# Keras's own floor of 1e-7 cuts the gradient of a class that has become unlikely.
_SMALLEST_PROBABILITY = 1e-30
MEAN_LOSS = "mean_loss"


@keras.saving.register_keras_serializable("ferclassifier")
class Crossentropy(keras.losses.Loss):  # type: ignore[misc]
    """Categorical cross-entropy of probabilities, with a focal exponent.

    Parameters
    ----------
    gamma : float, default=0
        Exponent of the focal factor ``(1 - p) ** gamma``; 0 is plain cross-entropy.

    References
    ----------
    Lin et al., "Focal Loss for Dense Object Detection", arXiv:1708.02002.
    """

    def __init__(self, gamma: float = 0.0, name: str = "crossentropy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.gamma = gamma

    def call(self, y_true: Any, y_pred: Any) -> Any:
        terms = y_true * ops.log(ops.maximum(y_pred, _SMALLEST_PROBABILITY))
        if self.gamma:
            terms = terms * ops.power(ops.maximum(1 - y_pred, 0.0), self.gamma)
        return -ops.sum(terms, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gamma": self.gamma}


def mean_over_weights(loss: Crossentropy) -> Any:
    """Return the metric that is the weighted mean of a loss: divided by the sum of the weights.

    What Keras reports as "loss" is divided by the number of images, for the sake of the gradients.
    """
    return keras.metrics.MeanMetricWrapper(loss.call, name=MEAN_LOSS)
