"""From classifiers to plain Keras models, and from trained Keras models to classifiers."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.base import clone

from ferclassifier import FERClassifier, FERVotingClassifier
from ferclassifier.exceptions import ArchitectureError, DivergenceError, ImageError, ModelFileError
from ferclassifier.export import OnnxFERClassifier, export_onnx
from ferclassifier.inspection import saliency

LABELS = ["happy", "angry", "sad"]  # not in the order of the alphabet, as in many a project


def network(*, n_outputs: int = 3, shape: Any = (12, 12, 1), end: str | None = "softmax") -> Any:
    """A model of the kind that tutorials end with."""
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.RandomFlip(),
            layers.Conv2D(4, 3, activation="relu", padding="same"),
            layers.BatchNormalization(momentum=0.9),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(n_outputs, activation=end),
        ]
    )


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    return network()


@pytest.fixture
def images(pattern_images: Any) -> Any:
    return pattern_images[0]


def predicted(model: Any, pixels: Any) -> Any:
    return np.asarray(model(pixels[..., np.newaxis].astype(np.float32), training=False))


class TestToKeras:
    @pytest.mark.parametrize("views", [None, "flip", "ten_crop"])
    def test_all_that_predicts_is_in_the_model(
        self, views: Any, fitted: FERClassifier, images: Any
    ) -> None:
        clf = copy.copy(fitted).set_params(test_time_augmentation=views)
        clf.temperature_ = 2.0
        found = clf.to_keras().predict(images[..., np.newaxis], verbose=0)
        np.testing.assert_allclose(found, clf.predict_proba(images), atol=2e-6)

    def test_its_file_is_loaded_without_this_package(
        self, fitted: FERClassifier, images: Any, tmp_path: Path
    ) -> None:
        members = [("a", copy.copy(fitted).set_params(test_time_augmentation="ten_crop"))]
        clf = FERVotingClassifier.from_fitted([*members, ("b", fitted)], weights=[1, 3])
        clf.temperature_ = 0.5
        clf.to_keras().save(tmp_path / "model.keras")
        np.save(tmp_path / "images.npy", images[..., np.newaxis])
        script = (
            "import sys, keras, numpy as np\n"
            "model = keras.models.load_model('model.keras')\n"
            "np.save('found.npy', model.predict(np.load('images.npy'), verbose=0))\n"
            "print('ferclassifier' in sys.modules)"
        )
        command = [sys.executable, "-c", script]
        run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
        assert run.stdout == "False\n"
        found = np.load(tmp_path / "found.npy")
        np.testing.assert_allclose(found, clf.predict_proba(images), atol=2e-6)

    def test_its_weights_are_its_own(self, fitted: FERClassifier, images: Any) -> None:
        before = fitted.predict_proba(images)
        model = fitted.to_keras()
        model.set_weights([np.zeros_like(weights) for weights in model.get_weights()])
        np.testing.assert_array_equal(fitted.predict_proba(images), before)

    def test_chance_stays_out(self, model: Any, images: Any) -> None:
        clf = FERClassifier.from_keras(model, classes=LABELS)
        plain = clf.to_keras()
        again = [np.asarray(plain(images[..., np.newaxis])) for _ in range(2)]
        np.testing.assert_array_equal(*again)
        np.testing.assert_allclose(again[0], clf.predict_proba(images), atol=2e-6)


class TestFromKeras:
    @pytest.mark.parametrize(
        ("pixels", "scale"),
        [
            ("bytes", lambda x: x),
            ("unit", lambda x: x / 255),
            ("symmetric", lambda x: x / 127.5 - 1),
            ((120, 60), lambda x: (x - 120) / 60),
        ],
    )
    def test_it_predicts_as_the_model(
        self, pixels: Any, scale: Any, model: Any, images: Any
    ) -> None:
        clf = FERClassifier.from_keras(model, classes=LABELS, pixels=pixels)
        found, expected = clf.predict_proba(images), predicted(model, scale(images.astype(float)))
        assert clf.classes_.tolist() == ["angry", "happy", "sad"]
        np.testing.assert_allclose(found, expected[:, [1, 0, 2]], atol=1e-5)
        labels = np.array(LABELS)[expected.argmax(axis=1)]
        np.testing.assert_array_equal(clf.predict(images), labels)

    def test_what_becomes_of_the_model_later_changes_nothing(self, images: Any) -> None:
        model = network()
        clf = FERClassifier.from_keras(model, classes=LABELS)
        before = clf.predict_proba(images)
        model.set_weights([np.zeros_like(weights) for weights in model.get_weights()])
        np.testing.assert_array_equal(clf.predict_proba(images), before)

    def test_it_is_a_classifier_like_others(
        self, model: Any, pattern_images: Any, tmp_path: Path
    ) -> None:
        X, codes = pattern_images
        y = np.array(LABELS)[codes]
        clf = FERClassifier.from_keras(model, classes=LABELS)
        proba = clf.predict_proba(X)
        assert clf.score(X, y) == np.mean(clf.predict(X) == y)
        assert saliency(clf, X[:2], method="gradcam").shape == (2, 12, 12)
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(clf)).predict_proba(X), proba)
        export_onnx(clf, tmp_path / "model.onnx")
        found = OnnxFERClassifier(tmp_path / "model.onnx").predict_proba(X)
        np.testing.assert_allclose(found, proba, atol=2e-6)
        with pytest.raises(ModelFileError, match=r"joblib\.dump"):
            clf.save(tmp_path / "model.safetensors")
        rng = np.random.default_rng(0)
        clf.calibrate(X, [rng.choice(clf.classes_, p=p / p.sum()) for p in proba.astype(float)])
        assert not np.array_equal(clf.predict_proba(X), proba)

    def test_it_goes_on_training_from_the_weights(self, model: Any, pattern_images: Any) -> None:
        X, codes = pattern_images
        y = np.array(LABELS)[codes]
        clf = FERClassifier.from_keras(model, classes=LABELS)
        before = clf.predict_proba(X)
        clf.set_params(learning_rate=1e-6, epochs=1, warm_start=True, augmentation=None)
        clf.fit(X, y)
        assert np.abs(clf.predict_proba(X) - before).max() < 0.3
        clf = clone(clf).set_params(learning_rate=0.01, epochs=10, optimizer="adam", batch_size=8)
        assert clf.fit(X, y).score(X, y) > 0.9

    def test_what_became_a_keras_model_comes_back(self, fitted: FERClassifier, images: Any) -> None:
        clf = copy.copy(fitted).set_params(test_time_augmentation="flip")
        clf.temperature_ = 0.7
        back = FERClassifier.from_keras(clf.to_keras(), classes=clf.classes_, pixels="bytes")
        found = pickle.loads(pickle.dumps(back)).predict_proba(images)
        np.testing.assert_allclose(found, clf.predict_proba(images), atol=1e-5)

    def test_graphs_with_branches_and_colours(self, tmp_path: Path) -> None:
        inputs = keras.Input((8, 8, 3))
        x = layers.Conv2D(4, 3, padding="same")(inputs)
        x = layers.Add()([x, layers.Conv2D(4, 1)(inputs)])
        outputs = layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling2D()(x))
        model = keras.Model(inputs, outputs)
        X = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
        clf = FERClassifier.from_keras(model, classes=[1, 0])
        expected = np.asarray(model(X / np.float32(255)))[:, ::-1]
        np.testing.assert_allclose(clf.predict_proba(X), expected, atol=1e-5)
        export_onnx(clf, tmp_path / "model.onnx")
        found = OnnxFERClassifier(tmp_path / "model.onnx").predict_proba(X)
        np.testing.assert_allclose(found, expected, atol=1e-5)

    def test_a_file_of_keras(self, model: Any, images: Any, tmp_path: Path) -> None:
        expected = FERClassifier.from_keras(model, classes=LABELS).predict_proba(images)
        for name in ("fer_cnn_model.h5", "emotion_detection.keras"):
            model.save(tmp_path / name)
            loaded = keras.models.load_model(tmp_path / name)
            clf = FERClassifier.from_keras(loaded, classes=LABELS)
            np.testing.assert_allclose(clf.predict_proba(images), expected, atol=1e-6)


class TestRefusals:
    def refused(self, error: Any, told: str, model: Any, **given: Any) -> None:
        with pytest.raises(error, match=told):
            FERClassifier.from_keras(model, **{"classes": LABELS, **given})

    def test_a_wrong_number_of_classes(self, model: Any) -> None:
        told = r"Got 2 classes and a model with outputs of shape \(None, 3\)"
        self.refused(ArchitectureError, told, model, classes=["a", "b"])

    @pytest.mark.parametrize("shape", [(12, 12, 4), (None, None, 1), (144,), (12, 12)])
    def test_other_inputs(self, shape: Any) -> None:
        inputs = keras.Input(shape)
        x = inputs
        for _ in range(len(shape) - 1):
            x = layers.Lambda(lambda x: x[:, 0], output_shape=x.shape[2:])(x)
        model = keras.Model(inputs, layers.Dense(3, activation="softmax")(x))
        self.refused(ImageError, "expected images of one size", model)

    @pytest.mark.parametrize(("end", "told"), [(None, "logits"), ("sigmoid", "as sigmoid gives")])
    def test_a_missing_softmax(self, end: Any, told: str) -> None:
        self.refused(ArchitectureError, told, network(end=end))

    def test_weights_that_are_nan(self) -> None:
        model = network()
        model.set_weights([weights * np.nan for weights in model.get_weights()])
        self.refused(DivergenceError, "NaN", model)

    def test_what_is_no_model(self, model: Any) -> None:
        self.refused(TypeError, r"load_model", "model.keras")
        self.refused(ImageError, "does not know the shape", keras.Sequential([layers.Dense(3)]))
        self.refused(ValueError, "named twice", model, classes=["a", "b", "a"])
        self.refused(ValueError, "pixels='float'", model, pixels="float")
        self.refused(ValueError, "a mean and a deviation", model, pixels=(1, 0))
