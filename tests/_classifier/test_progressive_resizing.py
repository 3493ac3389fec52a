"""Small images first: one fit, whose rate, callbacks and best epoch are those of one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ferclassifier import FERClassifier
from ferclassifier._classifier.recipe import training_settings
from ferclassifier.exceptions import ArchitectureError
from helpers import calls_of_callback, tiny_classifier


class TestProgressiveResizing:
    def test_learns(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=30, progressive_resizing=0.7, random_state=0).fit(X, y)
        assert clf.score(X, y) > 0.9
        assert len(clf.history_["loss"]) == clf.n_iter_ == 30

    def test_sees_small_images_first(self, pattern_images: Any) -> None:
        import keras

        sides = []

        class Sides(keras.callbacks.Callback):  # type: ignore[misc]
            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                layer = next(
                    layer for layer in self.model.layers if isinstance(layer, keras.layers.Conv2D)
                )
                sides.append(layer.input.shape[1])

        X, y = pattern_images
        side = X.shape[1]
        tiny_classifier(epochs=5, progressive_resizing=0.5, callbacks=[Sides()]).fit(X, y)
        assert sides == [round(side / 2)] * 3 + [side] * 2

    def test_a_single_epoch_is_at_full_size(self) -> None:
        clf = FERClassifier(epochs=1, progressive_resizing=0.5)
        clf.image_shape_ = (12, 12, 1)
        assert training_settings(clf, is_partial=False, continues=False).small_epochs == 0

    def test_the_rate_follows_one_cosine(self, pattern_images: Any) -> None:
        X, y = pattern_images
        rates = [
            tiny_classifier(epochs=5, progressive_resizing=share, random_state=0)
            .fit(X, y)
            .history_["learning_rate"]
            for share in (None, 0.5)
        ]
        assert np.allclose(rates[0], rates[1], atol=1e-7)

    def test_callbacks_see_one_fit(self, pattern_images: Any) -> None:
        X, y = pattern_images
        calls, clf = calls_of_callback(epochs=5, progressive_resizing=0.5)
        clf.fit(X, y)
        assert calls == ["begin", "0", "1", "2", "3", "4", "end"]

    def test_only_epochs_at_full_size_can_be_the_best(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(
            epochs=5, progressive_resizing=0.5, early_stopping=True, patience=1, random_state=0
        ).fit(X, y)
        assert clf.best_epoch_ > 3

    def test_a_size_that_no_network_takes_is_refused(self, pattern_images: Any) -> None:
        def valid(inputs: Any, n_classes: int) -> Any:
            from keras import layers

            x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 9)(inputs))
            return layers.Dense(n_classes, activation="softmax")(x)

        X, y = pattern_images
        clf = tiny_classifier(
            architecture=valid, architecture_params=None, progressive_resizing=0.5
        )
        with pytest.raises(ArchitectureError, match="larger share"):
            clf.fit(X, y)

    def test_weights_that_depend_on_the_size_are_refused(self, pattern_images: Any) -> None:
        def flat(inputs: Any, n_classes: int) -> Any:
            from keras import layers

            return layers.Dense(n_classes, activation="softmax")(layers.Flatten()(inputs))

        X, y = pattern_images
        clf = tiny_classifier(architecture=flat, architecture_params=None, progressive_resizing=0.5)
        with pytest.raises(ArchitectureError, match="depend on the size"):
            clf.fit(X, y)
