"""A fit that diverged says so, and what cannot predict does not answer."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV

from ferclassifier import FERClassifier, FERVotingClassifier
from ferclassifier.exceptions import DivergenceError, FERClassifierError, ImageError
from ferclassifier.images._pixel_scale import PixelScale
from helpers import FAST, assert_fails, calls_of_callback, patterns, run, tiny_classifier

# With which the weights become so large that nothing can be computed with them.
FAR = {"optimizer": "sgd", "learning_rate": 1e30}


def spoiling(kind: str, when: str = "on_epoch_end") -> Any:
    """A callback that lets weights or statistics be NaN after their loss has been computed."""
    import keras

    class Spoil(keras.callbacks.Callback):  # type: ignore[misc]
        def spoil(self, *_: Any, **__: Any) -> None:
            variables = getattr(self.model, kind)
            variables[-1].assign(np.full(variables[-1].shape, np.nan))

    setattr(Spoil, when, Spoil.spoil)
    return Spoil()


def spoiled(clf: FERClassifier) -> FERClassifier:
    """A copy of a model with weights that are NaN, as a pickle of another origin may have."""
    copied: FERClassifier = pickle.loads(pickle.dumps(clf))
    weights = copied._network.named_weights()
    copied._network.set_named_weights({name: w * np.nan for name, w in weights.items()})
    return copied


class TestAFitThatDiverged:
    """It succeeded, and predicted the first class for every image."""

    def test_ends_with_the_epoch_in_which_it_did(self, pattern_images: Any) -> None:
        calls, clf = calls_of_callback(**FAR)
        with pytest.raises(DivergenceError, match=r"loss=nan in epoch 1, .*lower learning_rate"):
            clf.fit(*pattern_images)
        assert calls == ["begin"]
        assert not clf.__sklearn_is_fitted__()

    def test_is_an_error_that_a_caller_would_catch(self) -> None:
        assert issubclass(DivergenceError, ValueError)
        assert issubclass(DivergenceError, FERClassifierError)

    @pytest.mark.parametrize("method", ["fit", "warm", "partial_fit"])
    def test_leaves_the_classifier_as_it_was(self, pattern_images: Any, method: str) -> None:
        X, y = pattern_images
        tried, untried = (tiny_classifier(epochs=2).fit(X, y) for _ in range(2))
        for clf in (tried, untried):
            clf.partial_fit(X, y)
        before = tried.predict_proba(X)
        tried.set_params(learning_rate=1e35, warm_start=method == "warm")
        with pytest.raises(DivergenceError):
            getattr(tried, "partial_fit" if method == "partial_fit" else "fit")(X, y)
        assert_array_equal(tried.predict_proba(X), before)
        tried.set_params(learning_rate=untried.learning_rate, warm_start=False)
        for clf in (tried, untried):
            clf.partial_fit(X, y)
        assert_array_equal(tried.predict_proba(X), untried.predict_proba(X))
        assert tried.history_["loss"] == untried.history_["loss"]

    def test_hands_nothing_on_to_the_next_fit(self, pattern_images: Any) -> None:
        """Its network is lent again."""
        X, y = pattern_images
        expected = tiny_classifier(epochs=2, optimizer="sgd").fit(X, y).predict_proba(X)
        with pytest.raises(DivergenceError):
            tiny_classifier(epochs=2, **FAR).fit(X, y)
        again = tiny_classifier(epochs=2, optimizer="sgd").fit(X, y).predict_proba(X)
        assert_array_equal(again, expected)

    @pytest.mark.parametrize("kind", ["trainable_variables", "non_trainable_variables"])
    @pytest.mark.parametrize("method", ["fit", "partial_fit"])
    def test_in_its_last_step(self, pattern_images: Any, kind: str, method: str) -> None:
        """The loss of an epoch is that of the weights before its last step."""
        X, y = pattern_images
        clf = tiny_classifier(epochs=1, callbacks=[spoiling(kind)])
        given = {"classes": [0, 1, 2]} if method == "partial_fit" else {}
        with pytest.raises(DivergenceError, match="Got weights that are NaN or infinite"):
            getattr(clf, method)(X, y, **given)
        assert not clf.__sklearn_is_fitted__()

    def test_shows_in_validation_alone(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(
            epochs=3,
            early_stopping=True,
            callbacks=[spoiling("trainable_variables", "on_test_begin")],
        )
        with pytest.raises(DivergenceError, match="val_loss=nan in epoch 1"):
            clf.fit(X, y)

    def test_fails_in_a_search(self, pattern_images: Any) -> None:
        """Its score was that of the first class, with which it could win."""
        search = GridSearchCV(
            tiny_classifier(epochs=2, optimizer="sgd"), {"learning_rate": [1e30, 0.02]}, cv=2
        )
        with (
            pytest.warns(FitFailedWarning, match=r"(?s)2 fits failed.*DivergenceError"),
            pytest.warns(UserWarning, match="non-finite"),
        ):
            search.fit(*pattern_images)
        assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [True, False]
        assert search.best_params_ == {"learning_rate": 0.02}

    def test_on_the_command_line(self, csv: Path, tmp_path: Path) -> None:
        path = tmp_path / "model.joblib"
        options = ("--output", path, *FAST, "--epochs", 3, "--learning-rate", "1e30", "--json")
        result = run("train", csv, *options)
        assert_fails(result, "loss=nan in epoch 2", "lower learning_rate")
        assert result.stdout == ""
        assert not path.exists()


class TestWeights:
    @pytest.mark.parametrize("value", [np.inf, np.nan, -1.0])
    @pytest.mark.parametrize("name", ["sample_weight", "sample_weight_val"])
    def test_of_images(self, pattern_images: Any, name: str, value: float) -> None:
        X, y = pattern_images
        weights = np.ones(len(X))
        weights[7] = value
        given = {"X_val": X, "y_val": y} if name.endswith("val") else {}
        words = f"Got {name} with 1 value such as {value}, but expected finite numbers"
        with pytest.raises(ValueError, match=words):
            tiny_classifier().fit(X, y, **given, **{name: weights})

    @pytest.mark.parametrize("value", [np.inf, np.nan, -1.0])
    def test_of_images_of_a_part(self, pattern_images: Any, value: float) -> None:
        X, y = pattern_images
        weights = np.where(y == 1, value, 1)
        with pytest.raises(ValueError, match="Got sample_weight with 20 values such as"):
            tiny_classifier().partial_fit(X, y, classes=[0, 1, 2], sample_weight=weights)

    def test_that_multiply_to_infinity(self, pattern_images: Any) -> None:
        """All losses were zero, and nothing was learned."""
        X, y = pattern_images
        clf = tiny_classifier(class_weight={0: 1e300, 1: 1.0, 2: 1.0})
        with pytest.raises(ValueError, match="weights of images and classes up to inf"):
            clf.fit(X, y, sample_weight=np.full(len(X), 1e300))
        with pytest.raises(ValueError, match="of which the sum is infinite"):
            tiny_classifier().fit(X, y, sample_weight=np.full(len(X), 1e308))


class TestPredictions:
    """Where all probabilities are NaN, the first class is the largest."""

    @pytest.mark.parametrize("method", ["predict", "predict_proba"])
    def test_of_weights_that_are_nan(
        self, fitted: FERClassifier, pattern_images: Any, method: str
    ) -> None:
        X, y = pattern_images
        clf = spoiled(fitted)
        with pytest.raises(DivergenceError, match=r"weights that are NaN.*Fit anew"):
            getattr(clf, method)(X)
        with pytest.raises(DivergenceError):
            clf.calibrate(X, y)
        with pytest.raises(DivergenceError):
            clf.set_params(warm_start=True).fit(X, y)

    def test_of_pixels_that_cannot_be_multiplied(self) -> None:
        def build(inputs: Any, n_classes: int) -> Any:
            from keras import layers

            last = layers.Dense(n_classes, activation="softmax", kernel_initializer="ones")
            return last(layers.Flatten()(inputs))

        X, y = patterns(30)
        raw = X / 100.0 - 1
        clf = tiny_classifier(architecture=build, architecture_params=None, epochs=1).fit(raw, y)
        clf.pixel_scale_ = PixelScale("raw", -1.0, 3e38)  # or the scale would be refused
        far = np.where(np.arange(30)[:, None, None] == 7, 3e38, raw)
        with pytest.raises(ImageError, match=r"Got 1 image .*at index 7: the pixels are too large"):
            clf.predict(far)

    def test_of_a_member(self, fitted: FERClassifier, pattern_images: Any) -> None:
        class Nothing(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
            """A classifier of another package, that answers NaN."""

            def __init__(self) -> None:
                self.classes_ = fitted.classes_

            def fit(self, X: Any, y: Any) -> Any:
                return self

            def predict_proba(self, X: Any) -> Any:
                return np.full((len(X), 3), np.nan)

        ensemble = FERVotingClassifier.from_fitted([("good", fitted), ("bad", Nothing())])
        with pytest.raises(DivergenceError, match="NaN or infinite from bad"):
            ensemble.predict(pattern_images[0])
