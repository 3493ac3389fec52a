"""What many fits in one process leave behind, and hand on from one to the next."""

from __future__ import annotations

import contextlib
import gc
import weakref
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from numpy.testing import assert_allclose, assert_array_equal

from ferclassifier import FERClassifier, list_architectures, register_architecture
from ferclassifier.architectures import _registry
from helpers import patterns, tiny_classifier


def one_layer(inputs: Any, n_classes: int) -> Any:
    return layers.Dense(n_classes, activation="softmax")(layers.Flatten()(inputs))


def kernels(clf: FERClassifier) -> list[Any]:
    return [w for w in clf._network.keras_model.get_weights() if w.ndim > 1]


def own(build: Any, **params: Any) -> FERClassifier:
    return tiny_classifier(architecture=build, architecture_params=None, **params)


class Raise(keras.callbacks.Callback):  # type: ignore[misc]
    """Fails at the end of an epoch, at its beginning, or before the first."""

    def __init__(self, when: str) -> None:
        super().__init__()
        setattr(self, when, self._fail)

    def _fail(self, *_: Any, **__: Any) -> None:
        raise KeyboardInterrupt


def test_another_label_smoothing_compiles_nothing_anew() -> None:
    X, y = patterns()
    clf = tiny_classifier(label_smoothing=0.0).fit(X, y)
    network, loss = clf._network._training.network, clf.history_["loss"]
    clf.set_params(label_smoothing=0.3).fit(X, y)
    assert clf._network._training.network is network
    assert clf.history_["loss"] != loss


class TestArraysAreLetGo:
    """TensorFlow keeps every data set that it was ever given, and kept the images with it."""

    @pytest.mark.parametrize(
        "params",
        [{}, {"early_stopping": True}, {"progressive_resizing": 0.5}, {"mixup": 0.2}],
        ids=str,
    )
    def test_after_a_fit(self, params: dict[str, Any]) -> None:
        X, y = patterns()
        weights = np.ones(len(X))
        clf = tiny_classifier(epochs=2, **params).fit(X, y, sample_weight=weights)
        kept = [weakref.ref(array) for array in (X, weights)]
        del X, weights
        gc.collect()
        assert [array() for array in kept] == [None, None]
        assert clf.n_iter_ == 2

    def test_of_validation(self) -> None:
        X, y = patterns()
        X_val = X.copy()
        tiny_classifier(epochs=1).fit(X, y, X_val=X_val, y_val=y)
        kept = weakref.ref(X_val)
        del X_val
        gc.collect()
        assert kept() is None

    def test_after_passes_over_parts(self) -> None:
        X, y = patterns()
        clf = tiny_classifier().partial_fit(X, y, classes=[0, 1, 2]).partial_fit(X, y)
        kept = weakref.ref(X)
        del X
        gc.collect()
        assert kept() is None
        assert clf.n_iter_ == 2

    def test_after_a_fit_that_failed(self) -> None:
        X, y = patterns()
        clf = tiny_classifier(callbacks=[Raise("on_train_batch_end")])
        with contextlib.suppress(KeyboardInterrupt):
            clf.fit(X, y)
        kept = weakref.ref(X)
        del X
        gc.collect()
        assert kept() is None


class TestCallbacksTouchTheNetwork:
    """A network that a callback had changed was lent to fits without callbacks."""

    class Freeze(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: Any = None) -> None:
            for layer in self.model.layers:
                layer.trainable = not layer.weights or layer is self.model.layers[-1]

    # A specification that no other test has, so that there is no other network in the pool.
    PARAMS = {"architecture_params": {"filters": (7,), "dense": 16}, "epochs": 2}

    @pytest.fixture
    def expected(self) -> Any:
        X, y = patterns()
        return tiny_classifier(**self.PARAMS).fit(X, y).predict_proba(X)

    def test_another_fit_gets_one_of_its_own(self, expected: Any) -> None:
        X, y = patterns()
        frozen = tiny_classifier(**self.PARAMS, callbacks=[self.Freeze()]).fit(X, y)
        assert np.abs(frozen.predict_proba(X) - expected).max() > 1e-3
        del frozen
        gc.collect()
        assert_array_equal(tiny_classifier(**self.PARAMS).fit(X, y).predict_proba(X), expected)

    def test_and_so_does_the_next_fit_of_the_same_estimator(self, expected: Any) -> None:
        X, y = patterns()
        clf = tiny_classifier(**self.PARAMS, callbacks=[self.Freeze()]).fit(X, y)
        assert_array_equal(clf.set_params(callbacks=None).fit(X, y).predict_proba(X), expected)

    def test_small_images_too(self) -> None:
        X, y = patterns()
        params = {**self.PARAMS, "progressive_resizing": 0.5}
        expected = tiny_classifier(**params).fit(X, y).predict_proba(X)
        tiny_classifier(**params, callbacks=[self.Freeze()]).fit(X, y)
        gc.collect()
        assert_array_equal(tiny_classifier(**params).fit(X, y).predict_proba(X), expected)


class TestFunctionsAreWhatTheyDo:
    """An architecture that was defined again went on as it had been."""

    @pytest.fixture(autouse=True)
    def _registry_as_it_was(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_registry, "_registered", dict(_registry._registered))

    @staticmethod
    def defined(width: int) -> Any:
        """Run a cell of a notebook, in which one number has been changed."""
        cell = (
            "from keras import layers\n"
            "def build(inputs, n_classes):\n"
            f"    x = layers.Dense({width})(layers.Flatten()(inputs))\n"
            "    return layers.Dense(n_classes, activation='softmax')(x)\n"
        )
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(cell, names)
        return names["build"]

    @pytest.mark.parametrize("is_named", [True, False])
    def test_a_cell_that_is_changed_and_run_again(self, is_named: bool) -> None:
        X, y = patterns(30)
        for width in (5, 6, 5):
            build = self.defined(width)
            if is_named:
                register_architecture("of_a_cell")(build)
            clf = own("of_a_cell" if is_named else build, epochs=1).fit(X, y)
            assert kernels(clf)[0].shape == (144, width)
            del clf
            gc.collect()
        assert ("of_a_cell" in list_architectures()) == is_named

    def test_a_refit_of_the_same_estimator(self) -> None:
        X, y = patterns(30)
        clf = own("of_a_cell", epochs=1, warm_start=False)
        for width in (5, 6):
            register_architecture("of_a_cell")(self.defined(width))
            assert kernels(clf.fit(X, y))[0].shape == (144, width)

    def test_a_global_variable_that_changes(self) -> None:
        X, y = patterns(30)
        names: dict[str, Any] = {"__name__": "__main__", "WIDTH": 5}
        exec(
            "from keras import layers\n"
            "def build(inputs, n_classes):\n"
            "    x = layers.Dense(WIDTH)(layers.Flatten()(inputs))\n"
            "    return layers.Dense(n_classes, activation='softmax')(x)\n",
            names,
        )
        for width in (5, 6):
            names["WIDTH"] = width
            clf = own(names["build"], epochs=1).fit(X, y)
            assert kernels(clf)[0].shape == (144, width)
            del clf
            gc.collect()

    def test_the_same_cell_run_again_compiles_nothing_anew(self) -> None:
        X, y = patterns(30)
        clf = own(self.defined(9), epochs=1).fit(X, y)
        network = clf._network._training.network  # type: ignore[union-attr]
        del clf
        gc.collect()
        again = own(self.defined(9), epochs=1).fit(X, y)
        assert again._network._training.network is network  # type: ignore[union-attr]


class TestWeightsBroughtAlong:
    """Weights that an architecture brings along were drawn anew, and a user's model written to."""

    @staticmethod
    def feature_extractor(seed: int = 0) -> Any:
        model = keras.Sequential(
            [keras.Input((12, 12, 1)), layers.Conv2D(3, 3, activation="relu"), layers.Flatten()]
        )
        rng = np.random.default_rng(seed)
        model.set_weights([rng.normal(size=w.shape) * 0.1 for w in model.get_weights()])
        return model

    def test_of_a_model_that_is_made_within(self) -> None:
        def build(inputs: Any, n_classes: int) -> Any:
            x = self.feature_extractor()(inputs)
            return layers.Dense(n_classes, activation="softmax")(x)

        X, y = patterns()
        clf = own(build, epochs=1, learning_rate=1e-12).fit(X, y)
        expected = self.feature_extractor().get_weights()[0]
        assert_allclose(next(k for k in kernels(clf) if k.ndim == 4), expected, atol=1e-6)
        # A second fit starts from them too, and the last layer follows the seed.
        first = clf.predict_proba(X)
        assert_array_equal(clf.fit(X, y).predict_proba(X), first)
        assert np.abs(clf.set_params(random_state=1).fit(X, y).predict_proba(X) - first).max() > 0

    @pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
    def test_a_model_that_is_made_outside_stays_as_it_is(self, precision: Any) -> None:
        outside = self.feature_extractor()
        before = outside.get_weights()

        def build(inputs: Any, n_classes: int) -> Any:
            return layers.Dense(n_classes, activation="softmax")(outside(inputs))

        X, y = patterns()
        first = own(build, epochs=2, precision=precision, learning_rate=0.01).fit(X, y)
        proba = first.predict_proba(X)
        second = own(build, epochs=2, precision=precision, random_state=1).fit(X, y)
        second.partial_fit(X, y)
        assert_array_equal(first.predict_proba(X), proba)
        for now, then in zip(outside.get_weights(), before, strict=True):
            assert_array_equal(now, then)
        assert np.abs(next(k for k in kernels(first) if k.ndim == 4) - before[0]).max() > 0

    def test_layers_that_are_made_outside(self) -> None:
        hidden, last = layers.Dense(4), layers.Dense(3, activation="softmax")

        def build(inputs: Any, n_classes: int) -> Any:
            return last(hidden(layers.Flatten()(inputs)))

        X, y = patterns()
        clf = own(build, epochs=1).fit(X, y)
        before = last.get_weights()[0]
        proba = clf.predict_proba(X)
        own(build, epochs=3, random_state=1).fit(X, y)
        assert_array_equal(last.get_weights()[0], before)
        assert_array_equal(clf.predict_proba(X), proba)

    def test_what_is_frozen_stays_frozen(self) -> None:
        outside = self.feature_extractor()
        outside.trainable = False

        def build(inputs: Any, n_classes: int) -> Any:
            return layers.Dense(n_classes, activation="softmax")(outside(inputs))

        X, y = patterns()
        clf = own(build, epochs=2).fit(X, y)
        kernel = next(k for k in kernels(clf) if k.ndim == 4)
        assert_array_equal(kernel, outside.get_weights()[0])
        assert clf.score(X, y) > 0.6
