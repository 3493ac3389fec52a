"""The loss of training, and what is told of it."""

from __future__ import annotations

from typing import Any

from ferclassifier._utils.keras_door import keras, ops

# Keras's own floor of 1e-7 cuts the gradient of a class that has become unlikely.
_SMALLEST_PROBABILITY = 1e-30
MEAN_LOSS = "mean_loss"


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
