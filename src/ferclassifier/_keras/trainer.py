"""The only file that imports scikeras: its classifier, fed batch by batch."""

from __future__ import annotations

import sys
from typing import Any

from ferclassifier._utils.keras_door import keras, quietly

_PATCHED_BY_SCIKERAS = [
    (keras.Model, "__reduce__"),
    (keras.Model, "__deepcopy__"),
    (keras.losses.Loss, "__reduce__"),
    (keras.metrics.Metric, "__reduce__"),
    (keras.optimizers.Optimizer, "__reduce__"),
]


def _import_scikeras() -> type[Any]:
    """Import scikeras without its changes to how Keras objects are pickled."""
    if "scikeras" in sys.modules:
        from scikeras.wrappers import KerasClassifier

        return KerasClassifier  # type: ignore[no-any-return]
    before = [(owner, name, owner.__dict__.get(name)) for owner, name in _PATCHED_BY_SCIKERAS]
    # On the other backends it is scikeras that imports TensorFlow.
    with quietly():
        from scikeras.wrappers import KerasClassifier

    for owner, name, method in before:
        if method is not None:
            setattr(owner, name, method)
        elif name in owner.__dict__:
            delattr(owner, name)
    return KerasClassifier  # type: ignore[no-any-return]


KerasClassifier = _import_scikeras()


class _AsItIs:
    """The transformer that scikeras asks for, changing nothing."""

    def fit(self, X: Any) -> _AsItIs:
        return self

    def transform(self, X: Any) -> Any:
        return X


class BatchwiseClassifier(KerasClassifier):  # type: ignore[misc, valid-type]
    """scikeras's classifier, fed with :class:`Batches` instead of arrays.

    What scikeras does to arrays (encoding, dtype guards, weights) has been done before.
    """

    def _validate_data(
        self, X: Any = None, y: Any = None, reset: bool = False, y_numeric: bool = False
    ) -> tuple[Any, Any]:
        return X, y

    @property
    def target_encoder(self) -> _AsItIs:
        return _AsItIs()

    @property
    def feature_encoder(self) -> _AsItIs:
        return _AsItIs()

    def _fit_keras_model(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        warm_start: bool,
        epochs: int,
        initial_epoch: int,
        **kwargs: Any,
    ) -> None:
        history = self.model_.fit(
            X, epochs=epochs, initial_epoch=initial_epoch, shuffle=False, verbose=0, **kwargs
        )
        self.history_ = history.history
