"""Maps of saliency: they find what carries the label, and nothing else moves them."""

from __future__ import annotations

import importlib.util
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import spearmanr
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import LinearSVC

from ferclassifier import FERClassifier, ImageReader, ImageResizer, PixelScaler, list_architectures
from ferclassifier.architectures import get_architecture
from ferclassifier.datasets import _drawing
from ferclassifier.exceptions import ArchitectureError, DataError, PixelScaleError
from ferclassifier.inspection import saliency
from helpers import patterns, tiny_classifier

METHODS = ["gradcam", "gradient", "occlusion"]


def mouth_faces(n_faces: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Draw faces that smile or frown in their lowest third, with brows and eyes at random."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_faces) % 2
    parts = np.array(_drawing._EXPRESSIONS["neutral"]) + np.array(
        _drawing._SPREAD
    ) * rng.standard_normal((n_faces, len(_drawing._SPREAD)))
    expression = _drawing.Expression(*map(_drawing._per_image, parts.T))
    expression = expression._replace(
        eye_open=np.maximum(expression.eye_open, 0.02),
        mouth_curve=_drawing._per_image(np.where(y, 0.28, -0.28)),
        mouth_open=np.full_like(expression.mouth_open, 0.07),
        sneer=np.zeros_like(expression.sneer),
    )
    middle = {name: sum(span) / 2 for name, span in _drawing._LOOKS.items()}
    looks = _drawing._sample_looks(n_faces, rng)
    looks = _drawing.Looks(
        *(middle[name] + 0.5 * (values - middle[name]) for name, values in looks._asdict().items())
    )
    fixed = {"y": 0.28, "scale": 16.0, "mouth_y": 0.72, "angle": 0.0}
    looks = looks._replace(**{name: np.full_like(looks.y, v) for name, v in fixed.items()})
    gray = _drawing._draw(expression, looks)
    gray += np.float32(0.015) * rng.standard_normal(gray.shape, dtype=np.float32)
    return np.rint(np.clip(gray, 0, 1) * 255).astype(np.uint8), y


@pytest.fixture(scope="module")
def faces() -> NDArray[np.uint8]:
    return mouth_faces(24, seed=1)[0]


@pytest.fixture(scope="module")
def mouth_reader() -> FERClassifier:
    """A network that tells smiles from frowns."""
    clf = tiny_classifier(
        architecture_params={
            "filters": (16, 32, 48),
            "dense": 32,
            "block_dropout": 0.0,
            "dropout": 0.0,
        },
        learning_rate=0.004,
        epochs=10,
        label_smoothing=0.1,
    )
    clf.fit(*mouth_faces(300, seed=0))
    assert clf.score(*mouth_faces(24, seed=1)) > 0.95
    return clf


class TestSanity:
    @pytest.mark.parametrize("method", METHODS)
    def test_of_faces_told_apart_by_their_mouths_the_mouth_is_salient(
        self, mouth_reader: Any, faces: Any, method: Any
    ) -> None:
        maps = saliency(mouth_reader, faces, method)
        shares = maps[:, 32:].sum(axis=(1, 2)) / maps.sum(axis=(1, 2))
        assert shares.mean() >= 0.6

    @pytest.mark.parametrize("method", METHODS)
    def test_other_weights_give_other_maps(
        self, mouth_reader: Any, faces: Any, method: Any
    ) -> None:
        """The randomisation test of Adebayo et al., arXiv:1810.03292."""
        other = pickle.loads(pickle.dumps(mouth_reader))
        network = other._network.keras_model
        rng = np.random.default_rng(0)
        network.set_weights(
            [rng.permutation(w.ravel()).reshape(w.shape) for w in network.get_weights()]
        )
        maps, others = (saliency(clf, faces, method, target=1) for clf in (mouth_reader, other))
        pairs = zip(maps.reshape(24, -1), others.reshape(24, -1), strict=True)
        assert np.mean([spearmanr(*pair).statistic for pair in pairs]) < 0.4

    def test_occlusion_finds_the_only_pixels_that_tell(self) -> None:
        rng = np.random.default_rng(0)
        X, y = rng.random((400, 8, 8)), np.arange(400) % 2
        X[y == 1, 2:4, 5:7] += 1
        clf = LogisticRegression(C=0.1).fit(X.reshape(400, -1), y)
        maps = saliency(clf, X[1:80:2].reshape(40, -1), "occlusion", patch_size=1)
        inside = np.zeros((8, 8), dtype=bool)
        inside[2:4, 5:7] = True
        assert maps.mean(axis=0)[inside].min() > 5 * maps.mean(axis=0)[~inside].max()

    def test_occlusion_of_a_linear_model_is_its_terms(self) -> None:
        """The log-odds are linear, so that hiding a pixel takes away its own term."""
        X, y = patterns(60, n_classes=2, side=6)
        rows = X.reshape(60, -1) / 255
        clf = LogisticRegression().fit(rows, y)
        maps = saliency(clf, rows[:4], "occlusion", patch_size=1, target=1)
        terms = (rows[:4] - rows[:4].mean(axis=1, keepdims=True)) * clf.coef_[0]
        terms = np.maximum(terms, 0) / terms.max(axis=1, keepdims=True)
        assert_allclose(maps.reshape(4, -1), terms, atol=1e-5)

    def test_occlusion_of_a_forest_that_is_quite_sure(self) -> None:
        X, y = patterns(60, n_classes=2)
        forest = RandomForestClassifier(10, random_state=0).fit(X.reshape(60, -1), y)
        assert forest.predict_proba(X[:8].reshape(8, -1)).max() == 1
        maps = saliency(forest, X[:8].reshape(8, -1), "occlusion", patch_size=6)
        assert np.isfinite(maps).all()
        assert_array_equal(maps.max(axis=(1, 2)), 1)

    def test_integrated_gradients_add_up(self, mouth_reader: Any, faces: Any) -> None:
        """The axiom of completeness, which wrong gradients would not meet."""
        from scipy.ndimage import gaussian_filter

        def log_odds(images: Any) -> Any:
            proba = mouth_reader.predict_proba(images)
            return np.log(proba[:, 1]) - np.log(proba[:, 0])

        blurred = gaussian_filter(faces.astype(np.float32), (0, 4, 4), mode="nearest")
        codes = np.ones(24, dtype=int)
        explainer = mouth_reader._network.explainer
        shares = explainer.integrated_gradients(faces[..., np.newaxis], codes)
        expected = log_odds(faces) - log_odds(blurred)
        assert expected.std() > 1
        assert_allclose(shares.sum(axis=(1, 2)), expected, rtol=0.1, atol=0.2)

    def test_gradcam_of_global_pooling_is_the_class_activation_map(self) -> None:
        """With two classes the log-odds are the difference of the logits, linear in the maps."""
        import keras

        from ferclassifier.images._maps import normalised, resized

        def build(inputs: Any, n_classes: int) -> Any:
            x = keras.layers.Conv2D(5, 3, strides=2, activation="relu", name="maps")(inputs)
            x = keras.layers.GlobalAveragePooling2D()(x)
            return keras.layers.Dense(n_classes, activation="softmax", name="head")(x)

        X, y = patterns(40, n_classes=2, side=12)
        clf = tiny_classifier(architecture=build, architecture_params=None, epochs=3).fit(X, y)
        model = clf._network.keras_model
        inner = keras.Model(model.input, model.get_layer("maps").output)
        features = keras.ops.convert_to_numpy(inner(X[..., np.newaxis]))
        weights = keras.ops.convert_to_numpy(model.get_layer("head").kernel)
        activation = features @ (weights[:, 1] - weights[:, 0])
        activation -= activation.mean(axis=(1, 2), keepdims=True)
        expected = normalised(resized(activation, (12, 12)))
        assert_allclose(saliency(clf, X, target=1), expected, atol=1e-4)


class TestMaps:
    @pytest.mark.parametrize("method", METHODS)
    def test_shape_type_and_range(self, fitted: Any, pattern_images: Any, method: Any) -> None:
        maps = saliency(fitted, pattern_images[0][:5], method)
        assert maps.shape == (5, 12, 12)
        assert maps.dtype == np.float32
        assert maps.min() >= 0
        assert_array_equal(maps.max(axis=(1, 2)), 1)

    @pytest.mark.parametrize("method", METHODS)
    def test_a_map_does_not_depend_on_its_neighbours(
        self, fitted: Any, pattern_images: Any, method: Any
    ) -> None:
        X = pattern_images[0][:7]
        maps = saliency(fitted, X, method)
        for batch_size in (1, 3):
            assert_allclose(saliency(fitted, X, method, batch_size=batch_size), maps, atol=1e-4)
        assert_allclose(saliency(fitted, X[5:6], method), maps[5:6], atol=1e-4)

    @pytest.mark.parametrize("method", METHODS)
    def test_equal_runs_give_equal_maps(
        self, fitted: Any, pattern_images: Any, method: Any
    ) -> None:
        X = pattern_images[0][:5]
        loaded = pickle.loads(pickle.dumps(fitted))
        maps = saliency(fitted, X, method)
        assert_array_equal(saliency(fitted, X, method), maps)
        assert_array_equal(saliency(loaded, X, method), maps)

    @pytest.mark.parametrize("method", METHODS)
    def test_target(self, fitted: Any, pattern_images: Any, method: Any) -> None:
        X = pattern_images[0][:6]
        maps = saliency(fitted, X, method)
        predicted = fitted.predict(X)
        assert_array_equal(saliency(fitted, X, method, target=predicted), maps)
        ones = saliency(fitted, X, method, target=1)
        is_one = predicted == 1
        assert 0 < is_one.sum() < 6
        assert_array_equal(ones[is_one], maps[is_one])
        assert np.abs(ones[~is_one] - maps[~is_one]).max(axis=(1, 2)).min() > 0.1

    def test_labels_may_be_words(self) -> None:
        X, y = patterns(60)
        clf = tiny_classifier(epochs=2).fit(X, np.array(["sad", "happy", "fear"])[y])
        maps = saliency(clf, X[:2], target=["happy", "sad"])
        assert_allclose(maps[:1], saliency(clf, X[:1], target="happy"), atol=1e-4)
        assert_allclose(maps[1:], saliency(clf, X[1:2], target="sad"), atol=1e-4)

    @pytest.mark.parametrize("method", METHODS)
    def test_of_a_single_class_nothing_speaks_for_it(self, method: Any) -> None:
        X, y = patterns(12, n_classes=1)
        maps = saliency(tiny_classifier(epochs=1).fit(X, y), X[:2], method)
        assert_array_equal(maps, np.zeros((2, 12, 12)))

    def test_colours(self) -> None:
        X, y = patterns(40, n_classes=2)
        X = np.repeat(X[..., np.newaxis], 3, axis=-1)
        X[..., 1:] = 100  # red alone tells
        clf = tiny_classifier().fit(X, y)
        for method in METHODS:
            assert saliency(clf, X[:2], method).shape == (2, 12, 12)


class TestForms:
    @pytest.mark.parametrize("method", METHODS)
    def test_every_form_gives_the_same_maps(
        self, fitted: Any, pattern_images: Any, tmp_path: Path, method: Any
    ) -> None:
        X = pattern_images[0][:3]
        paths = [tmp_path / f"{i}.png" for i in range(3)]
        for path, image in zip(paths, X, strict=True):
            Image.fromarray(image).save(path)
        maps = saliency(fitted, X, method)
        forms = [X[..., np.newaxis], X.reshape(3, -1), X.tolist(), X.astype(int)]
        for form in [*forms, paths, pd.DataFrame({"file": paths})]:
            assert_array_equal(saliency(fitted, form, method), maps)

    @pytest.mark.parametrize("method", METHODS)
    def test_pipelines_and_searches(
        self, fitted: Any, pattern_images: Any, tmp_path: Path, method: Any
    ) -> None:
        X, y = pattern_images
        model = make_pipeline(PixelScaler("unit"), tiny_classifier(epochs=2))
        search = GridSearchCV(model, {"ferclassifier__epochs": [2]}, cv=2).fit(X, y)
        scaler, clf = search.best_estimator_
        expected = saliency(clf, scaler.transform(X[:3]), method)
        # The mean that hides a patch is rounded among bytes.
        assert_allclose(saliency(search, X[:3], method), expected, atol=0.03)

        reading = make_pipeline(ImageReader((12, 12)), search.best_estimator_)
        paths = [str(tmp_path / f"{i}.png") for i in range(3)]
        for path, image in zip(paths, X, strict=False):
            Image.fromarray(image).save(path)
        assert_allclose(saliency(reading, paths, method), expected, atol=0.03)

    @pytest.mark.parametrize("method", METHODS)
    def test_maps_are_as_large_as_the_images_given(self, pattern_images: Any, method: Any) -> None:
        X, y = pattern_images
        model = make_pipeline(ImageResizer((8, 10)), tiny_classifier(epochs=2)).fit(X, y)
        for form in (X[:3], X[:3].reshape(3, -1)):
            assert saliency(model, form, method).shape == (3, 12, 12)

    def test_data_frames_keep_the_names_of_their_columns(self) -> None:
        X, y = patterns(40, n_classes=2, side=4)
        table = pd.DataFrame(X.reshape(40, -1) / 255).add_prefix("pixel_")
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(table, y)
        maps = saliency(model, table[:5], "occlusion")  # a warning would be an error
        named = saliency(clone(model).fit(table.to_numpy(), y), table[:5].to_numpy(), "occlusion")
        assert_array_equal(maps, named)

    def test_a_transformer_of_ones_own_may_read_the_images(
        self, fitted: Any, pattern_images: Any
    ) -> None:
        X, _ = pattern_images
        numbers = [["image 0"], ["image 1"], ["image 2"]]
        reader = FunctionTransformer(lambda rows: X[[int(row[0][-1]) for row in rows]])
        model = make_pipeline(reader, fitted)
        assert_array_equal(saliency(model, numbers), saliency(fitted, X[:3]))
        with pytest.raises(DataError, match="ImageReader at the beginning"):
            saliency(model, numbers, "occlusion")

    def test_rows_take_the_shape_that_is_given(self) -> None:
        X, y = patterns(40, n_classes=2, side=12)
        rows = X.reshape(40, -1)
        clf = LogisticRegression(max_iter=1000).fit(rows / 255, y)
        assert saliency(clf, rows[:2] / 255, "occlusion").shape == (2, 12, 12)
        maps = saliency(clf, rows[:2] / 255, "occlusion", image_shape=(9, 16))
        assert maps.shape == (2, 9, 16)

    def test_another_scale_is_refused(self, fitted: Any, pattern_images: Any) -> None:
        with pytest.raises(PixelScaleError):
            saliency(fitted, pattern_images[0][:2] / 255, target=1)


class _Unsorted(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose classes are in the order in which it met them."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def fit(self, X: Any, y: Any) -> _Unsorted:
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    @property
    def classes_(self) -> Any:
        return self.inner.classes_[[2, 0, 1]]

    def predict_proba(self, X: Any) -> Any:
        return self.inner.predict_proba(X)[:, [2, 0, 1]]


class TestClasses:
    def test_a_target_is_found_among_classes_that_are_not_sorted(
        self, fitted: FERClassifier, pattern_images: Any
    ) -> None:
        X = pattern_images[0][:3]
        for target in (0, 1, 2):
            expected = saliency(fitted, X, "occlusion", target=target)
            assert_allclose(
                saliency(_Unsorted(fitted), X, "occlusion", target=target), expected, atol=1e-4
            )


def dense(inputs: Any, n_classes: int) -> Any:
    from keras import layers

    return layers.Dense(n_classes, activation="softmax")(layers.Flatten()(inputs))


class TestAuto:
    def test_networks_with_feature_maps_by_gradcam(
        self, fitted: FERClassifier, pattern_images: Any
    ) -> None:
        X = pattern_images[0][:3]
        assert_array_equal(saliency(fitted, X), saliency(fitted, X, "gradcam"))
        model = make_pipeline(FunctionTransformer(), fitted)
        assert_array_equal(saliency(model, X), saliency(fitted, X, "gradcam"))

    def test_other_networks_by_occlusion(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(architecture=dense, architecture_params=None, epochs=1).fit(X, y)
        assert_array_equal(saliency(clf, X[:2]), saliency(clf, X[:2], "occlusion"))

    def test_other_classifiers_by_occlusion(self, pattern_images: Any) -> None:
        X, y = pattern_images
        rows = X.reshape(len(X), -1) / 255
        clf = LogisticRegression().fit(rows, y)
        assert_array_equal(saliency(clf, rows[:2]), saliency(clf, rows[:2], "occlusion"))


class TestSizeOfFiles:
    @pytest.mark.parametrize("method", METHODS)
    def test_maps_of_files_have_the_size_that_is_asked_for(
        self, fitted: FERClassifier, pattern_images: Any, tmp_path: Path, method: Any
    ) -> None:
        paths = []
        for i, image in enumerate(pattern_images[0][:2]):
            paths.append(str(tmp_path / f"{i}.png"))
            Image.fromarray(image).save(paths[-1])
        assert saliency(fitted, paths, method).shape == (2, 12, 12)
        assert saliency(fitted, paths, method, image_shape=(24, 30)).shape == (2, 24, 30)


class TestErrors:
    def test_methods_and_what_they_need(self, pattern_images: Any) -> None:
        X, y = pattern_images
        rows = X.reshape(60, -1) / 255
        linear = LogisticRegression().fit(rows, y)
        with pytest.raises(ValueError, match=r"Got method='lime', but expected one of"):
            saliency(linear, rows, "lime")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=r"LogisticRegression.*method=\"occlusion\""):
            saliency(linear, rows, "gradcam")
        with pytest.raises(ValueError, match=r"LinearSVC.*no predict_proba"):
            saliency(LinearSVC().fit(rows, y), rows, "occlusion")

    @pytest.mark.parametrize("method", METHODS)
    def test_unfitted(self, method: Any) -> None:
        with pytest.raises(NotFittedError):
            saliency(FERClassifier(), patterns(2)[0], method)

    def test_options(self, fitted: Any, pattern_images: Any) -> None:
        X, _ = pattern_images
        with pytest.raises(ValueError, match="patch_size == 0"):
            saliency(fitted, X, "occlusion", patch_size=0)
        with pytest.raises(ValueError, match="batch_size == 0"):
            saliency(fitted, X, batch_size=0)
        with pytest.raises(DataError, match="target holds 7, but the classes are 0, 1, 2"):
            saliency(fitted, X, target=7)
        with pytest.raises(DataError, match="target of 2 labels for 60 images"):
            saliency(fitted, X, target=[0, 1])
        with pytest.raises(DataError, match="Got no images"):
            saliency(fitted, X[:0])

    def test_a_network_without_feature_maps(self, pattern_images: Any) -> None:
        from keras import layers

        def perceptron(inputs: Any, n_classes: int) -> Any:
            x = layers.Dense(8, activation="relu")(layers.Flatten()(inputs))
            return layers.Dense(n_classes, activation="softmax")(x)

        X, y = pattern_images
        clf = tiny_classifier(architecture=perceptron, architecture_params=None, epochs=1)
        clf.fit(X, y)
        with pytest.raises(ArchitectureError, match='method="gradient"'):
            saliency(clf, X[:2], "gradcam")
        assert saliency(clf, X[:2], "gradient").shape == (2, 12, 12)


class TestNetworks:
    @pytest.mark.parametrize("name", list_architectures())
    def test_stages_of_the_architectures(self, name: str) -> None:
        import keras

        from ferclassifier._keras.explainer import _stages

        inputs = keras.Input((48, 48, 1))
        stages = _stages(keras.Model(inputs, get_architecture(name)(inputs, 7)))
        sizes = [stage.shape[1:3] for stage in stages]
        assert sizes == [(side, side) for side in (24, 12, 6, 3)[: len(sizes)]]
        assert len(sizes) == (4 if name in ("compact", "mini_xception") else 3)

    def test_what_bypasses_a_layer_bypasses_its_stage(self) -> None:
        """A branch is no stage: not all of what the network knows passes through it."""
        import keras
        from keras import layers

        from ferclassifier._keras.explainer import _stages

        inputs = keras.Input((16, 16, 1))
        x = layers.Conv2D(4, 3, strides=2, padding="same", name="first")(inputs)
        branch = layers.Conv2D(4, 3, padding="same", name="branch")(x)
        both = layers.Concatenate(name="both")([x, branch])
        outputs = layers.Dense(2, activation="softmax")(layers.Flatten()(both))
        (stage,) = _stages(keras.Model(inputs, outputs))
        assert stage is both

    def test_operations_that_are_no_layers(self) -> None:
        import keras

        from ferclassifier._keras.explainer import _stages

        inputs = keras.Input((16, 16, 1))
        x = keras.layers.Conv2D(4, 3, strides=2, padding="same")(inputs * 2.0)
        features = keras.ops.relu(x)
        x = keras.ops.mean(features, axis=(1, 2))
        outputs = keras.layers.Dense(2, activation="softmax")(x)
        (stage,) = _stages(keras.Model(inputs, outputs))
        assert stage is features

    def test_networks_that_keep_the_size_of_images(self, pattern_images: Any) -> None:
        from keras import layers

        def build(inputs: Any, n_classes: int) -> Any:
            x = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
            return layers.Dense(n_classes, activation="softmax")(layers.Flatten()(x))

        X, y = pattern_images
        clf = tiny_classifier(architecture=build, architecture_params=None, epochs=1).fit(X, y)
        assert saliency(clf, X[:2]).shape == (2, 12, 12)

    def test_compiled_once_for_any_number_of_images(
        self, pattern_images: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from ferclassifier._keras import explainer

        made = []
        real = explainer.compile_for_arrays

        def counted(*args: Any) -> Any:
            made.append(args)
            return real(*args)

        monkeypatch.setattr(explainer, "compile_for_arrays", counted)
        X, y = pattern_images
        clf = tiny_classifier(architecture_params={"filters": (5,)}, epochs=1).fit(X, y)
        for method in ("gradcam", "gradient"):
            for n_images in (1, 2, 5):
                saliency(clf, X[:n_images], method)  # type: ignore[arg-type]
        assert len(made) == 2
        compiled = clf._network._predicting.network
        del clf
        again = tiny_classifier(architecture_params={"filters": (5,)}, epochs=1).fit(X, y)
        assert again._network._predicting.network is compiled
        saliency(again, X[:2])
        assert len(made) == 2

    def test_maps_follow_the_weights_of_a_network_that_is_used_again(
        self, pattern_images: Any
    ) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=3).fit(X, y)
        before = saliency(clf, X[:3], target=0)
        clf.fit(X, (y + 1) % 3)
        after = saliency(clf, X[:3], target=0)
        assert np.abs(after - before).max() > 0.1
        assert_array_equal(saliency(pickle.loads(pickle.dumps(clf)), X[:3], target=0), after)

    def test_training_goes_on_as_if_nothing_had_been_explained(self, pattern_images: Any) -> None:
        X, y = pattern_images
        plain, explained = (
            tiny_classifier().partial_fit(X, y, classes=[0, 1, 2]) for _ in range(2)
        )
        for method in METHODS:
            saliency(explained, X[:2], method)  # type: ignore[arg-type]
        for clf in (plain, explained):
            clf.partial_fit(X, y)
        assert_array_equal(explained.predict_proba(X), plain.predict_proba(X))

    def test_threads(self, fitted: Any, pattern_images: Any) -> None:
        X = pattern_images[0][:8]
        clf = pickle.loads(pickle.dumps(fitted))
        results: dict[int, Any] = {}

        def explain(i: int) -> None:
            results[i] = saliency(clf, X[i : i + 2], "gradcam")

        threads = [threading.Thread(target=explain, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for i in range(4):
            assert_array_equal(results[i], saliency(fitted, X[i : i + 2], "gradcam"))

    @pytest.mark.parametrize("backend", ["jax", "torch"])
    def test_backends_agree(
        self, fitted: Any, pattern_images: Any, tmp_path: Path, backend: str
    ) -> None:
        if importlib.util.find_spec(backend) is None:
            pytest.skip(f"{backend} is not installed")
        X = pattern_images[0][:4]
        (tmp_path / "model.pickle").write_bytes(pickle.dumps((fitted, X)))
        code = (
            "import pickle, sys; from ferclassifier.inspection import saliency\n"
            "clf, X = pickle.load(open('model.pickle', 'rb'))\n"
            f"maps = [saliency(clf, X, method) for method in {METHODS}]\n"
            "pickle.dump(maps, open('maps.pickle', 'wb'))"
        )
        environment = {**os.environ, "KERAS_BACKEND": backend}
        subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=environment)
        maps = pickle.loads((tmp_path / "maps.pickle").read_bytes())
        expected = [saliency(fitted, X, method) for method in METHODS]  # type: ignore[arg-type]
        assert_allclose(maps, expected, atol=1e-4)
