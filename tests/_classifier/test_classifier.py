"""FERClassifier: what it learns, what it keeps, what it refuses."""

from __future__ import annotations

import copy
import itertools
import pickle
import random
import threading
import warnings
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline

import pixel_scales
from ferclassifier import FERClassifier
from ferclassifier._classifier import fit as fit_module
from ferclassifier.exceptions import (
    ArchitectureError,
    ImageError,
    PixelScaleError,
    PixelScaleWarning,
)
from helpers import patterns, tiny_classifier


def dense_network(inputs: Any, n_classes: int, width: int = 8) -> Any:
    from keras import layers

    x = layers.Dense(width, activation="relu")(layers.Flatten()(inputs))
    return layers.Dense(n_classes, activation="softmax")(x)


class TestLearning:
    def test_learns_patterns_and_reports_labels_as_given(self) -> None:
        X, y = patterns(90)
        names = np.array(["happy", "sad", "angry"])[y]
        clf = tiny_classifier().fit(X, names)
        assert clf.classes_.tolist() == ["angry", "happy", "sad"]
        assert (
            clf.score(
                *patterns(60, seed=1)[:1], np.array(["happy", "sad", "angry"])[patterns(60)[1]]
            )
            > 0.9
        )
        assert set(clf.predict(X[:5])) <= {"happy", "sad", "angry"}

    def test_labels_sorted_by_class(self) -> None:
        X, y = patterns(60)
        order = np.argsort(y, kind="stable")
        clf = tiny_classifier(early_stopping=True, validation_fraction=0.2).fit(X[order], y[order])
        assert_array_equal(clf.classes_, [0, 1, 2])
        assert clf.score(X, y) > 0.9

    @pytest.mark.parametrize("n_classes", [1, 2])
    def test_few_classes(self, n_classes: int) -> None:
        X, y = patterns(40, n_classes)
        clf = tiny_classifier(epochs=6).fit(X, y)
        assert clf.predict_proba(X).shape == (40, n_classes)
        assert clf.score(X, y) > 0.9
        assert_allclose(clf.predict_proba(X).sum(axis=1), 1, rtol=1e-5)

    def test_a_single_row_keeps_two_dimensions(self, fitted: Any, pattern_images: Any) -> None:
        X, _ = pattern_images
        assert fitted.predict_proba(X[:1]).shape == (1, 3)
        assert fitted.predict(X[:1]).shape == (1,)

    def test_a_fit_of_one_step_has_a_learning_rate(self, pattern_images: Any) -> None:
        """After the last step the cosine divided zero by zero."""
        clf = tiny_classifier(epochs=1, batch_size=len(pattern_images[0])).fit(*pattern_images)
        assert clf.history_["learning_rate"] == [pytest.approx(0.02)]

    @pytest.mark.parametrize("schedule", ["cosine", "plateau", "constant"])
    def test_learning_rate_schedules(self, pattern_images: Any, schedule: str) -> None:
        clf = tiny_classifier(learning_rate_schedule=schedule, patience=2, epochs=12)
        rates = clf.fit(*pattern_images).history_["learning_rate"]
        if schedule == "constant":
            assert_allclose(rates, 0.02, rtol=1e-6)
        elif schedule == "cosine":
            assert max(rates) <= 0.02 + 1e-9
            assert rates[-1] < 1e-6
        else:
            assert_allclose(rates[0], 0.02, rtol=1e-6)
            assert all(later <= earlier for earlier, later in itertools.pairwise(rates))

    def test_plateau_halves_the_rate_when_nothing_is_learned(self) -> None:
        rng = np.random.default_rng(0)
        X, y = rng.integers(0, 256, (32, 8, 8), dtype=np.uint8), rng.integers(0, 2, 32)
        clf = tiny_classifier(
            learning_rate_schedule="plateau", learning_rate=10.0, patience=2, epochs=8
        )
        rates = clf.fit(X, y).history_["learning_rate"]
        assert rates[-1] <= rates[0] / 2

    @pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop", "nadam"])
    def test_optimizers(self, pattern_images: Any, optimizer: str) -> None:
        clf = tiny_classifier(optimizer=optimizer, learning_rate="auto", epochs=2)
        history = clf.fit(*pattern_images).history_
        assert history["loss"][-1] < history["loss"][0]

    def test_an_optimizer_instance_is_not_shared_between_clones(self, pattern_images: Any) -> None:
        import keras

        clf = tiny_classifier(optimizer=keras.optimizers.SGD(0.01), learning_rate="auto", epochs=1)
        first = clf.fit(*pattern_images).predict_proba(pattern_images[0])
        assert_allclose(clf.history_["learning_rate"][0], 0, atol=0.01)
        assert_array_equal(clone(clf).fit(*pattern_images).predict_proba(pattern_images[0]), first)

    def test_focal_loss_and_label_smoothing(self, pattern_images: Any) -> None:
        X, y = pattern_images
        plain = tiny_classifier().fit(X, y).predict_proba(X).max(axis=1).mean()
        smooth = tiny_classifier(label_smoothing=0.3).fit(X, y).predict_proba(X).max(axis=1).mean()
        focal = tiny_classifier(loss="focal").fit(X, y)
        assert smooth < plain
        assert focal.score(X, y) > 0.9

    def test_averaged_weights(self, pattern_images: Any) -> None:
        X, y = pattern_images
        last = tiny_classifier(epochs=6).fit(X, y).predict_proba(X)
        for average in (True, 0.7):
            clf = tiny_classifier(epochs=20, average_weights=average).fit(X, y)
            assert clf.score(X, y) > 0.9
        averaged = tiny_classifier(epochs=6, average_weights=0.9).fit(X, y).predict_proba(X)
        assert np.abs(averaged - last).max() > 1e-3

    def test_mixed_precision_predicts_in_float32(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(precision="mixed_bfloat16").fit(X, y)
        proba = clf.predict_proba(X)
        assert proba.dtype == np.float32
        assert clf.score(X, y) > 0.9
        # float32 arithmetic: one image alone and in a batch agree far closer than bfloat16 would
        assert_allclose(clf.predict_proba(X[:1]), proba[:1], atol=1e-5)


class TestPlacesInABatch:
    @pytest.mark.parametrize("n_images", [3, 13, 20])
    def test_probabilities_do_not_depend_on_them(self, fitted: Any, n_images: int) -> None:
        """The last images of a batch were rounded in another way."""
        X, _ = patterns(n_images, seed=3)
        proba = fitted.predict_proba(X)
        for seed in range(10):
            order = np.random.default_rng(seed).permutation(n_images)
            assert_array_equal(fitted.predict_proba(X[order]), proba[order])


class TestStatistics:
    def test_fits_end_with_those_of_unchanged_images(self) -> None:
        """Not with those of the augmented images of the last steps."""
        import keras

        X, y = patterns(64)
        strong = {"contrast": 0.9, "shift": 0.3}
        params = {"architecture_params": {"filters": (8,), "dense": 16}}
        clf = tiny_classifier(epochs=3, augmentation=strong, **params).fit(X, y)
        network = clf._network.keras_model
        first = next(layer for layer in network.layers if hasattr(layer, "moving_mean"))
        maps = keras.Model(network.input, first.input)
        images = X.reshape(len(X), *clf.image_shape_)
        values = np.asarray(maps(images, training=False))
        assert_allclose(np.asarray(first.moving_mean), values.mean(axis=(0, 1, 2)), rtol=1e-3)

    # Of networks whose statistics were computed anew, from whatever had been seen last.
    @pytest.mark.parametrize("n_images", [1, 3, 20])
    def test_a_few_images_more_hardly_move_them(self, n_images: int) -> None:
        """A single image, at a rate that changes nothing, changed four labels of ten."""
        X, y = patterns(90)
        other, codes = patterns(n_images, seed=1)
        clf = tiny_classifier(augmentation="sharp").fit(X, y)
        labels, before = clf.predict(X), clf.predict_proba(X)
        clf.set_params(learning_rate=1e-12).partial_fit(other // 2, codes)
        assert_array_equal(clf.predict(X), labels)
        assert_allclose(clf.predict_proba(X), before, atol=0.05)

    def test_nor_does_a_warm_start_on_a_few_images(self) -> None:
        X, y = patterns(90)
        other, codes = patterns(6, seed=1)
        clf = tiny_classifier(augmentation="sharp").fit(X, y)
        labels = clf.predict(X)
        clf.set_params(learning_rate=1e-12, warm_start=True, epochs=3).fit(other // 2, codes)
        assert_array_equal(clf.predict(X), labels)

    def test_nor_do_images_one_by_one(self) -> None:
        X, y = patterns(90)
        clf = tiny_classifier(augmentation="sharp", learning_rate=0.02).fit(X, y)
        labels = clf.predict(X)
        clf.set_params(learning_rate=1e-12)
        for i in range(6):
            clf.partial_fit(X[i : i + 1] // 2, y[i : i + 1])
        assert_array_equal(clf.predict(X), labels)

    def test_they_follow_the_weights(self) -> None:
        """Those of the weights before are of no use once training has changed these."""
        X, y = patterns(90)
        clf = tiny_classifier(augmentation="sharp", epochs=1).fit(X, y)
        clf.set_params(warm_start=True, epochs=40).fit(X[:9], y[:9])
        assert clf.score(X, y) > 0.9

    def test_passes_over_parts_have_them_from_the_first(self) -> None:
        X, y = patterns(90)
        clf = tiny_classifier()
        for _ in range(6):
            clf.partial_fit(X, y, classes=[0, 1, 2])
        assert clf.score(X, y) > 0.9

    def test_an_interruption_there_leaves_the_model_as_it_was(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Half of the statistics had been replaced."""
        from ferclassifier._keras import network

        def interrupted(*args: Any) -> None:
            raise KeyboardInterrupt

        X, y = patterns(30)
        clf = tiny_classifier(epochs=1, augmentation="sharp", warm_start=True).fit(X, y)
        before = clf.predict_proba(X)
        monkeypatch.setattr(network, "recompute_statistics", interrupted)
        with pytest.raises(KeyboardInterrupt):
            clf.fit(X, y)
        assert_array_equal(clf.predict_proba(X), before)


class TestEarlyStopping:
    def test_stops_and_keeps_the_best_epoch(self) -> None:
        X, y = patterns(90)
        clf = tiny_classifier(epochs=40, early_stopping=True, patience=3).fit(X, y)
        accuracy = clf.history_["val_accuracy"]
        assert clf.n_iter_ == len(accuracy) < 40
        assert clf.best_epoch_ == int(np.argmax(accuracy)) + 1
        assert clf.n_iter_ == clf.best_epoch_ + 3

    def test_restores_the_weights_of_the_best_epoch(self) -> None:
        X, y = patterns(60)
        held_out, codes = patterns(30, seed=5)
        clf = tiny_classifier(epochs=8, early_stopping=True, patience=8, learning_rate=0.3)
        clf.fit(X, y, X_val=held_out, y_val=codes)
        assert clf.score(held_out, codes) == pytest.approx(max(clf.history_["val_accuracy"]))

    def test_averaged_weights_are_validated(self) -> None:
        X, y = patterns(60)
        clf = tiny_classifier(epochs=10, early_stopping=True, average_weights=0.5)
        clf.fit(X, y, X_val=X, y_val=y)
        assert clf.score(X, y) >= max(clf.history_["val_accuracy"]) - 0.1

    def test_without_validation_there_is_no_best_epoch(self, fitted: Any) -> None:
        assert fitted.best_epoch_ is None
        assert "val_loss" not in fitted.history_

    def test_given_validation_images_leave_all_training_images(self) -> None:
        X, y = patterns(60)
        clf = tiny_classifier(epochs=2).fit(X, y, X_val=X[:9], y_val=y[:9])
        assert clf.n_iter_ == 2
        assert clf.best_epoch_ in (1, 2)
        assert len(clf.history_["val_accuracy"]) == 2

    @pytest.mark.parametrize("multiples", [(0, 1, 1), (1, 2, 3), (3, 0, 2)])
    def test_integer_weights_equal_repetition(self, multiples: Any) -> None:
        """Accuracy ignored weights, and the loss was divided by the number of images."""
        X, y = patterns(30)
        held_out, codes = patterns(20, seed=5)
        weights = np.resize(multiples, 20)
        params = {"epochs": 3, "class_weight": {0: 2.0, 2: 0.5}}
        repeated = tiny_classifier(**params).fit(
            X, y, X_val=np.repeat(held_out, weights, axis=0), y_val=np.repeat(codes, weights)
        )
        for scale in (1, 7):
            clf = tiny_classifier(**params)
            clf.fit(X, y, X_val=held_out, y_val=codes, sample_weight_val=scale * weights)
            for name in ("val_loss", "val_accuracy"):
                assert_allclose(clf.history_[name], repeated.history_[name], rtol=1e-5)
            assert clf.best_epoch_ == repeated.best_epoch_

    def test_class_weights_count_in_given_validation_images(self) -> None:
        """The classes that were weighed down in training chose the best epoch all the same."""
        X, y = patterns(30)
        held_out, codes = patterns(20, seed=5)
        of_classes = np.array([1.0, 4.0, 0.5])
        given = {"X_val": held_out, "y_val": codes}
        by_class = tiny_classifier(epochs=3, class_weight=dict(enumerate(of_classes))).fit(
            X, y, **given
        )
        by_image = tiny_classifier(epochs=3).fit(
            X, y, sample_weight=of_classes[y], **given, sample_weight_val=of_classes[codes]
        )
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert_allclose(by_class.history_[name], by_image.history_[name], rtol=1e-5)

    def test_images_of_weight_zero_equal_absent_ones(self) -> None:
        X, y = patterns(60)
        weights = np.where(np.arange(60) % 4 == 0, 0.0, 1.0 + np.arange(60) % 3)
        params = {"epochs": 3, "early_stopping": True, "class_weight": "balanced"}
        kept = weights > 0
        absent = tiny_classifier(**params).fit(X[kept], y[kept], sample_weight=weights[kept])
        clf = tiny_classifier(**params).fit(X, y, sample_weight=weights)
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            assert_allclose(clf.history_[name], absent.history_[name], rtol=1e-5)

    def test_held_out_images_count_by_their_weights(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The best epoch was that of the unweighted accuracy."""
        held_out: list[Any] = []

        def split(*args: Any, **kwargs: Any) -> Any:
            parts = original(*args, **kwargs)
            held_out[:] = parts[1]
            return parts

        original = train_test_split
        monkeypatch.setattr("ferclassifier._classifier.fit.train_test_split", split)
        X, y = patterns(90)
        weights = np.where(y == 0, 20.0, 1.0)
        params = {"early_stopping": True, "validation_fraction": 0.4, "learning_rate": 0.005}
        clf = tiny_classifier(epochs=4, **params).fit(X, y, sample_weight=weights)
        best = clf.history_["val_accuracy"][clf.best_epoch_ - 1]
        score = clf.score(X[held_out], y[held_out], sample_weight=weights[held_out])
        assert best == max(clf.history_["val_accuracy"]) == pytest.approx(score, abs=1e-6)

    @pytest.mark.parametrize("by", ["label", "weight"])
    def test_a_class_of_one_image_is_trained_on(self, by: str) -> None:
        """scikit-learn's message about the least populated class ended the fit."""
        X, y = patterns(60)
        weights = np.ones(60)
        if by == "label":
            y[7] = 5
        else:  # of class 1 a single image counts
            weights[(y == 1) & (np.arange(60) != 7)] = 0
        clf = tiny_classifier(epochs=2, early_stopping=True, validation_fraction=0.3)
        clf.fit(X, y, sample_weight=weights)
        assert len(clf.history_["val_accuracy"]) == 2
        assert set(clf.classes_) == set(y)

    def test_of_the_images_none_is_lost(self) -> None:
        rows, codes = np.arange(0, 60, 2), np.repeat([0, 2, 3], [14, 1, 15])
        kept, held_out = fit_module._split(rows, codes, 0.2, 3)
        assert_array_equal(np.sort([*kept, *held_out]), rows)
        assert rows[14] in kept
        assert len(held_out) == 6

    def test_classes_of_several_images_are_split_as_they_were(self) -> None:
        rows, codes = np.arange(0, 60, 2), patterns(60)[1][::2]
        kept, held_out = fit_module._split(rows, codes, 0.2, 3)
        expected = train_test_split(rows, test_size=0.2, stratify=codes, random_state=3)
        assert_array_equal(kept, expected[0])
        assert_array_equal(held_out, expected[1])

    @pytest.mark.parametrize("n_images", [1, 3, 9])
    def test_too_few_images_to_hold_some_out(self, n_images: int) -> None:
        X, y = patterns(n_images)
        words = rf"{n_images} images?, of which validation_fraction=0.1 .*Pass X_val and y_val"
        with pytest.raises(ValueError, match=words):
            tiny_classifier(early_stopping=True).fit(X, y)

    def test_half_a_validation_set_is_refused(self) -> None:
        X, y = patterns(30)
        with pytest.raises(ValueError, match="one of X_val and y_val"):
            tiny_classifier().fit(X, y, X_val=X)
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            tiny_classifier().fit(X, y, X_val=X, y_val=y[:9])
        with pytest.raises(ValueError, match="no X_val and y_val to weigh"):
            tiny_classifier().fit(X, y, sample_weight_val=np.ones(30))
        with pytest.raises(ValueError, match="sample_weight_val of zero for every image"):
            tiny_classifier().fit(X, y, X_val=X, y_val=y, sample_weight_val=np.zeros(30))


class TestInput:
    @pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "uint16"])
    def test_integers_are_bytes(self, fitted: Any, pattern_images: Any, dtype: str) -> None:
        X, y = pattern_images
        clf = tiny_classifier().fit(X.astype(dtype), y)
        assert clf.pixel_scale_.kind == "bytes"
        assert_array_equal(clf.predict_proba(X), fitted.predict_proba(X))

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_unit_floats_equal_bytes(self, fitted: Any, pattern_images: Any, dtype: str) -> None:
        X, y = pattern_images
        unit = (X / 255).astype(dtype)
        clf = tiny_classifier().fit(unit, y)
        assert clf.pixel_scale_.kind == "unit"
        assert_array_equal(clf.predict(unit), fitted.predict(X))

    def test_rows_of_colours_equal_images(self, pattern_images: Any) -> None:
        """They became gray images of one line."""
        X, y = pattern_images
        colours = np.stack([X, X // 2, 255 - X], axis=3)
        on_images, on_rows = (
            tiny_classifier(epochs=2).fit(form, y) for form in (colours, colours.reshape(60, -1))
        )
        assert on_rows.image_shape_ == (12, 12, 3)
        assert_array_equal(on_rows.predict_proba(colours), on_images.predict_proba(colours))

    def test_rows_that_make_no_square_ask_for_their_shape(self, pattern_images: Any) -> None:
        X, y = pattern_images
        rows = X[:, :, :10].reshape(60, -1)
        for method in ("fit", "partial_fit"):
            with pytest.raises(ImageError, match=r"rows of 120 pixels.*image_shape"):
                getattr(tiny_classifier(), method)(rows, y)
        clf = tiny_classifier(epochs=1, image_shape=(12, 10)).fit(rows, y)
        assert_array_equal(clf.predict_proba(rows), clf.predict_proba(X[:, :, :10]))

    def test_forms_are_equal(self, fitted: Any, pattern_images: Any) -> None:
        X, y = pattern_images
        expected = fitted.predict_proba(X)
        for form in (X.reshape(len(X), -1), X[..., None], np.asfortranarray(X), list(X)):
            assert_array_equal(fitted.predict_proba(form), expected)
            assert_array_equal(tiny_classifier().fit(form, y).predict_proba(X), expected)

    def test_read_only_images_stay_untouched(self, pattern_images: Any) -> None:
        X, y = (a.copy() for a in pattern_images)
        X.flags.writeable = y.flags.writeable = False
        clf = tiny_classifier(augmentation="standard", epochs=1).fit(X, y)
        clf.predict(X)
        assert_array_equal(X, pattern_images[0])

    def test_colour_images(self) -> None:
        X, y = patterns(60)
        colour = np.stack([X, 255 - X, X], axis=-1)
        clf = tiny_classifier(augmentation="light", epochs=20).fit(colour, y)
        assert clf.image_shape_ == (12, 12, 3)
        assert clf.n_features_in_ == 432
        assert clf.score(colour, y) > 0.8

    def test_data_frame(self, pattern_images: Any) -> None:
        X, y = pattern_images
        frame = pd.DataFrame(X.reshape(len(X), -1)).add_prefix("pixel_")
        clf = tiny_classifier(epochs=1).fit(frame, pd.Series(y))
        assert clf.feature_names_in_[0] == "pixel_0"
        with pytest.raises(ValueError, match="feature names should match"):
            clf.predict(frame.add_suffix("x"))

    def test_image_shape_of_rows(self) -> None:
        X = np.random.default_rng(0).integers(0, 256, (20, 60), dtype=np.uint8)
        y = np.arange(20) % 2
        assert tiny_classifier(epochs=1).fit(X, y).image_shape_ == (1, 60, 1)
        clf = tiny_classifier(epochs=1, image_shape=(4, 5, 3)).fit(X, y)
        assert clf.image_shape_ == (4, 5, 3)
        with pytest.raises(ImageError, match="needs 64"):
            tiny_classifier(image_shape=(8, 8)).fit(X, y)

    @pytest.mark.parametrize("shape", [(20, 8, 8, 2), (20, 3, 8, 8), (20, 2, 2, 2, 2)])
    def test_no_images(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(ImageError, match=r"Got (an array|images) of shape"):
            tiny_classifier().fit(np.zeros(shape), np.arange(20) % 2)

    def test_other_size_than_fitted(self, fitted: Any) -> None:
        with pytest.raises(ValueError, match=r"100 features.*expecting 144"):
            fitted.predict(np.zeros((2, 100), dtype=np.uint8))
        for shape in [(10, 10), (8, 18)]:
            with pytest.raises(ImageError, match=r"images of shape \(\d+, 1\d, 1\)"):
                fitted.predict(np.zeros((2, *shape), dtype=np.uint8))

    def test_memmap(self, tmp_path: Any, pattern_images: Any, fitted: Any) -> None:
        X, y = pattern_images
        mapped = np.memmap(tmp_path / "X", dtype=np.uint8, mode="w+", shape=X.shape)
        mapped[:] = X
        clf = tiny_classifier().fit(mapped, y)
        assert_array_equal(clf.predict_proba(mapped), fitted.predict_proba(X))


class TestPixelScale:
    def test_unit_floats_to_a_model_of_bytes(self, fitted: Any, pattern_images: Any) -> None:
        with pytest.raises(PixelScaleError, match=r"unit floats.*fitted on bytes in \[0, 255\]"):
            fitted.predict(pattern_images[0] / 255)

    def test_standardised_floats_to_a_model_of_bytes(
        self, fitted: Any, pattern_images: Any
    ) -> None:
        with pytest.raises(PixelScaleError, match=r"taken as they come.*fitted on bytes"):
            fitted.predict((pattern_images[0] - 100.0) / 50)

    def test_bytes_to_a_model_of_unit_floats(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=1).fit(X / 255, y)
        with pytest.raises(PixelScaleError, match=r"Got bytes.*fitted on unit floats.*Divide"):
            clf.predict(X)

    def test_bytes_to_a_model_of_standardised_floats(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=1).fit((X - 100.0) / 50, y)
        with pytest.raises(PixelScaleError, match="Got bytes"):
            clf.predict(X)
        with pytest.warns(UserWarning, match="Got unit floats"):
            clf.predict(X / 255)

    def test_a_black_image_is_no_offence(self, fitted: Any, pattern_images: Any) -> None:
        X, y = pattern_images
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fitted.predict(np.zeros((1, 12, 12)))
            tiny_classifier(epochs=1).fit(X / 255, y).predict(np.zeros((1, 12, 12), np.uint8))

    @pytest.mark.parametrize("fitted_on", pixel_scales.SCALES)
    def test_every_pair_of_scales(self, fitted_on: str) -> None:
        """Of 30 pairs 7 were answered in silence, and by chance."""
        X, y = patterns(seed=1)
        clf = tiny_classifier()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PixelScaleWarning)  # of what was divided twice
            clf.fit(pixel_scales.SCALES[fitted_on](pixel_scales.X), pixel_scales.Y)
        for given, scaled in pixel_scales.SCALES.items():
            expected = pixel_scales.expected(fitted_on, given)
            assert pixel_scales.outcome(lambda scaled=scaled: clf.predict(scaled(X))) == expected
            if expected == "same answer" and fitted_on != "twice divided":
                assert clf.score(scaled(X), y) > 0.9

    def test_whole_floats_are_bytes_in_fit_too(self, fitted: Any, pattern_images: Any) -> None:
        """They were taken as they came, and unit floats were then answered by chance."""
        X, y = pattern_images
        clf = tiny_classifier().fit(pd.DataFrame(X.reshape(60, -1)).astype(float), y)
        assert clf.pixel_scale_.kind == fitted.pixel_scale_.kind == "bytes"
        assert_allclose(clf.predict_proba(X), fitted.predict_proba(X), atol=1e-4)

    @pytest.mark.parametrize(
        ("first", "then", "expected"),
        [
            ("float bytes", "bytes", "same answer"),
            ("bytes", "unit", "refused"),
            ("float bytes", "standardised", "refused"),
            ("unit", "twice divided", "refused"),
            ("standardised", "float bytes", "refused"),
            ("standardised", "signed unit", "warned"),
        ],
    )
    def test_what_is_fitted_further(self, first: str, then: str, expected: str) -> None:
        X, y = pixel_scales.X, pixel_scales.Y
        clf = tiny_classifier(epochs=1, warm_start=True).fit(pixel_scales.SCALES[first](X), y)
        scale, more = clf.pixel_scale_, pixel_scales.SCALES[then](X)
        for go_on in (clf.partial_fit, clf.fit):
            assert pixel_scales.outcome(lambda go_on=go_on: go_on(more, y)) == expected
        assert clf.pixel_scale_ == scale

    def test_bytes_as_floats_are_welcome(self, fitted: Any, pattern_images: Any) -> None:
        X, _ = pattern_images
        assert_allclose(fitted.predict_proba(X.astype(float)), fitted.predict_proba(X), rtol=1e-5)


class TestWeights:
    def test_zero_weights_leave_images_out(self, pattern_images: Any) -> None:
        X, y = pattern_images
        spoiled = np.where(np.arange(60) < 30, y, 0)
        weights = np.where(np.arange(60) < 30, 1.0, 0.0)
        clf = tiny_classifier(epochs=25).fit(X, spoiled, sample_weight=weights)
        assert clf.score(X, y) > 0.9

    def test_scale_of_the_weights_does_not_matter(self, pattern_images: Any) -> None:
        X, y = pattern_images
        weights = np.linspace(1, 2, 60)
        first, second = (
            tiny_classifier(epochs=2).fit(X, y, sample_weight=weights * factor).predict_proba(X)
            for factor in (1, 8)
        )
        assert_array_equal(first, second)

    def test_the_callers_weights_stay_untouched(self, pattern_images: Any) -> None:
        weights = np.ones(60)
        tiny_classifier(epochs=1, class_weight="balanced").fit(
            *pattern_images, sample_weight=weights
        )
        assert_array_equal(weights, 1)

    def test_all_zero_weights_are_an_error(self, pattern_images: Any) -> None:
        with pytest.raises(ValueError, match=r"zero for every image|non-zero number"):
            tiny_classifier().fit(*pattern_images, sample_weight=np.zeros(60))

    @pytest.mark.parametrize("class_weight", ["balanced", "sqrt", {0: 1.0, 1: 9.0}])
    def test_class_weights_favour_the_rare_class(self, class_weight: Any) -> None:
        rng = np.random.default_rng(0)
        X = rng.integers(0, 256, (100, 8, 8), dtype=np.uint8)  # nothing to learn but the share
        y = (np.arange(100) % 10 == 0).astype(int)
        share = tiny_classifier(epochs=3).fit(X, y).predict_proba(X)[:, 1].mean()
        weighted = tiny_classifier(epochs=3, class_weight=class_weight).fit(X, y)
        assert weighted.predict_proba(X)[:, 1].mean() > share + 0.05

    @pytest.mark.parametrize("class_weight", ["balanced", "sqrt", {0: 3.0, 1: 0.5}, None])
    def test_integer_weights_equal_repetition(self, class_weight: Any) -> None:
        """Balanced weights counted images, whatever they weighed."""
        X, y = patterns(30)
        multiples = np.where(y == 0, 4, 1) + np.arange(30) % 2
        params = {
            "architecture": dense_network,
            "architecture_params": None,
            "optimizer": "sgd",
            "batch_size": 200,  # one step an epoch, on the same mean
            "epochs": 5,
            "class_weight": class_weight,
        }
        weighted = tiny_classifier(**params).fit(X, y, sample_weight=multiples)
        repeated = tiny_classifier(**params).fit(
            np.repeat(X, multiples, axis=0), np.repeat(y, multiples)
        )
        assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-3, atol=1e-5)
        for name in ("loss", "accuracy"):
            assert_allclose(weighted.history_[name], repeated.history_[name], rtol=1e-3)

    def test_balanced_classes_weigh_the_same_together(self) -> None:
        from ferclassifier._classifier.sample_weights import combined_weights, weights_of_classes

        rng = np.random.default_rng(0)
        codes, given = rng.choice(3, 100, p=[0.7, 0.2, 0.1]), rng.uniform(0, 3, 100)
        of_classes = weights_of_classes("balanced", np.arange(4), codes, given)
        weights, rows = combined_weights(codes, given, of_classes)
        assert weights is not None
        assert_allclose(np.bincount(codes, weights), given.sum() / 3)
        assert len(rows) == 100

    def test_the_history_does_not_depend_on_the_scale_of_a_chunk(self) -> None:
        """Weights of 2 doubled the loss that partial_fit reported."""
        X, y = patterns(30)
        first, second = (
            tiny_classifier()
            .partial_fit(X, y, classes=[0, 1, 2], sample_weight=np.full(30, weight))
            .history_["loss"]
            for weight in (1.0, 2.0)
        )
        assert_allclose(first, second, rtol=1e-6)

    @pytest.mark.parametrize(
        ("class_weight", "words"),
        [
            ({7: 2.0}, r"class_weight for \[7\], but the classes are \[0, 1, 2\]"),
            ({0: 1.0, 1: 1.0, 3: 2.0}, r"class_weight for \[3\]"),
            ({"0": 2.0}, r"Write 0 instead of '0'; names"),
        ],
    )
    def test_a_weight_for_an_unknown_class(
        self, pattern_images: Any, class_weight: Any, words: str
    ) -> None:
        X, y = pattern_images
        with pytest.raises(ValueError, match=words):
            tiny_classifier(class_weight=class_weight).fit(X, y)
        with pytest.raises(ValueError, match=words):
            tiny_classifier(class_weight=class_weight).partial_fit(X, y, classes=[0, 1, 2])

    def test_a_weight_for_a_misspelt_class(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(class_weight={"angry": 1, "hapy": 2, "sad": 3})
        with pytest.raises(ValueError, match=r"\['hapy'\].*Write 'happy' instead of 'hapy'"):
            clf.fit(X, np.array(["angry", "happy", "sad"])[y])

    def test_a_weight_for_a_class_that_a_fold_lacks(self, pattern_images: Any) -> None:
        """It was refused, although LogisticRegression leaves it alone."""
        X, y = pattern_images
        weights = {0: 1.0, 1: 5.0, 2: 2.0}
        fold = y != 1
        clf = tiny_classifier(epochs=2, class_weight=weights).fit(X[fold], y[fold])
        same = tiny_classifier(epochs=2, class_weight={0: 1.0, 2: 2.0}).fit(X[fold], y[fold])
        assert_array_equal(clf.predict_proba(X), same.predict_proba(X))
        LogisticRegression(class_weight=weights).fit(X[fold].reshape(40, -1) / 255, y[fold])
        order = [1, 0, 3, 2, 5, 6]  # the only image of class 1 is tested first
        scores = cross_val_score(clf, X[order], y[order], cv=KFold(3))
        assert np.isfinite(scores).all()


class TestGoingOn:
    def test_warm_start(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=6, warm_start=True).fit(X, y)
        first = clf.history_["loss"]
        assert clf.fit(X, y).history_["loss"][0] < first[0] / 2

    def test_warm_start_with_another_optimizer(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=6, warm_start=True).fit(X, y)
        first = clf.history_["loss"]
        clf.set_params(optimizer="sgd", learning_rate=0.01)
        assert clf.fit(X, y).history_["loss"][0] < first[0] / 2

    def test_warm_start_with_other_classes(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=1, warm_start=True).fit(X, y)
        with pytest.raises(ValueError, match="warm_start can only be used"):
            clf.fit(X, y + 1)

    @pytest.mark.parametrize("method", ["fit", "partial_fit"])
    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            (
                {"architecture_params": {"filters": (4,), "dense": 16}},
                r"architecture_params=.*\(4,\).*the last fit had .*\(8,\).*fit anew",
            ),
            (
                {"architecture": "compact", "architecture_params": None},
                "architecture='compact', but the last fit had 'gap_cnn'.*fit anew",
            ),
            (
                {"architecture": dense_network, "architecture_params": None},
                "architecture='dense_network', but the last fit had 'gap_cnn'.*fit anew",
            ),
            ({"image_shape": (9, 16)}, r"image_shape=\(9, 16\).*shape \(12, 12, 1\).*fit anew"),
        ],
    )
    def test_weights_that_do_not_fit(
        self, pattern_images: Any, method: str, changed: Any, message: str
    ) -> None:
        """Keras told of a weight list, or rows were taken for images of another shape."""
        X, y = pattern_images
        rows = X.reshape(len(X), -1)
        params = {"filters": (8,), "dense": 16}
        clf = tiny_classifier(epochs=1, warm_start=True, architecture_params=params).fit(rows, y)
        before = clf.predict_proba(rows)
        clf.set_params(**changed)
        with pytest.raises((ArchitectureError, ImageError), match=message):
            getattr(clf, method)(rows, y)
        assert_array_equal(clf.predict_proba(rows), before)

    def test_a_function_that_is_another_now(self, pattern_images: Any) -> None:
        def builder(width: int) -> Any:
            def build(inputs: Any, n_classes: int) -> Any:
                return dense_network(inputs, n_classes, width)

            return build

        params = {"architecture": builder(8), "architecture_params": None, "epochs": 1}
        clf = tiny_classifier(warm_start=True, **params).fit(*pattern_images)
        clf.set_params(architecture=builder(9))
        with pytest.raises(ArchitectureError, match="'build' whose weights have other shapes"):
            clf.fit(*pattern_images)

    def test_parameters_that_leave_the_weights_alone_may_change(self, pattern_images: Any) -> None:
        X, y = pattern_images
        params = {"filters": (8,), "dense": 16, "dropout": 0.0}
        clf = tiny_classifier(epochs=6, warm_start=True, architecture_params=params).fit(X, y)
        first = clf.history_["loss"]
        clf.set_params(architecture_params={**params, "dropout": 0.1}, loss="focal")
        assert clf.fit(X, y).history_["loss"][0] < first[0] / 2

    def test_partial_fit(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier()
        for _ in range(12):
            for part in (slice(0, 30), slice(30, 60)):
                clf.partial_fit(X[part], y[part], classes=[0, 1, 2])
        assert clf.n_iter_ == len(clf.history_["loss"]) == 24
        assert clf.score(X, y) > 0.9

    def test_partial_fit_after_fit_and_after_loading(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier().fit(X, y)
        for model in (clf, pickle.loads(pickle.dumps(clf))):
            model.partial_fit(X, y)
            assert model.n_iter_ == 13
            assert model.score(X, y) > 0.9

    def test_partial_fit_needs_the_classes(self, pattern_images: Any) -> None:
        with pytest.raises(ValueError, match="classes must be passed on the first call"):
            tiny_classifier().partial_fit(*pattern_images)
        with pytest.raises(ValueError, match=r"Got the labels \[2\]"):
            tiny_classifier().partial_fit(*pattern_images, classes=[0, 1])
        clf = tiny_classifier().partial_fit(*pattern_images, classes=[0, 1, 2])
        with pytest.raises(ValueError, match="earlier calls had"):
            clf.partial_fit(*pattern_images, classes=[0, 1, 2, 3])

    def test_partial_fit_refuses_balanced_weights(self, pattern_images: Any) -> None:
        clf = tiny_classifier(class_weight="balanced")
        with pytest.raises(ValueError, match="not supported by partial_fit"):
            clf.partial_fit(*pattern_images, classes=[0, 1, 2])

    def test_an_interrupted_fit_keeps_the_old_predictions(self, pattern_images: Any) -> None:
        import keras

        class Interrupt(keras.callbacks.Callback):  # type: ignore[misc]
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                raise KeyboardInterrupt

        X, y = pattern_images
        clf = tiny_classifier(epochs=2).fit(X, y)
        before = clf.predict_proba(X)
        with pytest.raises(KeyboardInterrupt):
            clf.set_params(callbacks=[Interrupt()]).fit(X, y)
        assert_array_equal(clf.predict_proba(X), before)


class TestRandomness:
    @pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
    def test_equal_seeds_give_equal_probabilities(
        self, pattern_images: Any, precision: Any
    ) -> None:
        X, y = pattern_images
        small = {"stem": 4, "filters": (8, 16)}
        first, second, other = (  # each with a network of its own
            FERClassifier(
                architecture_params=small, epochs=2, precision=precision, random_state=seed
            ).fit(X, y)
            for seed in (3, 3, 4)
        )
        assert_array_equal(first.predict_proba(X), second.predict_proba(X))
        assert np.abs(first.predict_proba(X) - other.predict_proba(X)).max() > 1e-4

    def test_a_reused_network_equals_a_new_one(self, pattern_images: Any) -> None:
        from ferclassifier._keras import network

        X, y = pattern_images
        kept = tiny_classifier(epochs=2).fit(X, y)  # holds one compiled network
        expected = kept.predict_proba(X)
        network.training_pool._idle.clear()
        fresh = tiny_classifier(epochs=2).fit(X, y)
        assert fresh._network._training.network is not kept._network._training.network
        assert_array_equal(fresh.predict_proba(X), expected)
        compiled = fresh._network._training.network
        del fresh
        reused = tiny_classifier(epochs=2).fit(X, y)
        assert reused._network._training.network is compiled
        assert_array_equal(reused.predict_proba(X), expected)

    def test_layers_that_cannot_draw_their_weights_anew(self, pattern_images: Any) -> None:
        import keras

        class Scale(keras.layers.Layer):  # type: ignore[misc]
            def build(self, input_shape: Any) -> None:
                self.factor = self.add_weight(shape=input_shape[1:], initializer="random_normal")

            def call(self, inputs: Any) -> Any:
                return inputs * self.factor

        def build(inputs: Any, n_classes: int) -> Any:
            x = keras.layers.Flatten()(Scale()(inputs))
            return keras.layers.Dense(n_classes, activation="softmax")(x)

        X, y = pattern_images
        clf = tiny_classifier(architecture=build, architecture_params=None, epochs=1)
        first = clf.fit(X, y).predict_proba(X)
        assert_array_equal(clf.fit(X, y).predict_proba(X), first)
        assert np.abs(clf.set_params(random_state=1).fit(X, y).predict_proba(X) - first).max() > 0

    def test_global_random_state_is_untouched(self, pattern_images: Any) -> None:
        import keras

        policy = keras.config.dtype_policy()
        before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
        tiny_classifier(epochs=1, precision="mixed_bfloat16").fit(*pattern_images)
        assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
        assert keras.config.dtype_policy() == policy

    def test_a_random_state_instance_moves_on(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=1, random_state=np.random.RandomState(0))
        first = clf.fit(X, y).predict_proba(X)
        assert np.abs(clf.fit(X, y).predict_proba(X) - first).max() > 0

    def test_images_come_in_a_new_order_each_epoch(self) -> None:
        from ferclassifier._keras.batches import Batches

        images = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1)
        batches = Batches(images, np.zeros(10, int), 2, 4, seed=0, as_bytes=True)
        orders = []
        for _ in range(2):
            batches.on_epoch_begin()
            orders.append(np.concatenate([batches[i][0].ravel() for i in range(3)]).tolist())
        assert sorted(orders[0]) == sorted(orders[1]) == list(range(10))
        assert orders[0] != orders[1]


class TestAFitThatFails:
    def test_what_was_fitted_before_predicts_on(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=1).fit(X, y)
        before = clf.predict_proba(X)
        names = sorted(vars(clf))
        with pytest.raises(ValueError, match="soft_targets"):
            clf.fit(X[:, :6, :6], y + 5, soft_targets=np.ones((2, 2)))
        assert sorted(vars(clf)) == names
        assert clf.classes_.tolist() == np.unique(y).tolist()
        assert (clf.predict_proba(X) == before).all()

    @pytest.mark.parametrize(
        "when", ["set_model", "on_train_begin", "on_train_batch_end", "on_epoch_end"]
    )
    @pytest.mark.parametrize("method", ["fit", "partial_fit"])
    def test_training_goes_on_as_if_it_had_not_been_tried(
        self, pattern_images: Any, when: str, method: str
    ) -> None:
        """Random weights had been drawn, and the next pass trained these."""
        import keras

        class Fails(keras.callbacks.Callback):  # type: ignore[misc]
            def fail(self, *args: Any, **_: Any) -> None:
                if args != (None,) or when != "set_model":  # None lets a network go
                    raise KeyboardInterrupt

        X, y = pattern_images
        tried, untried = (tiny_classifier(epochs=3).fit(X, y) for _ in range(2))
        for clf in (tried, untried):
            clf.partial_fit(X, y)
        setattr(Fails, when, Fails.fail)
        tried.set_params(callbacks=[Fails()])
        with pytest.raises(KeyboardInterrupt):
            getattr(tried, method)(X, y)
        tried.set_params(callbacks=None)
        assert_array_equal(tried.predict_proba(X), untried.predict_proba(X))
        for clf in (tried, untried):
            clf.partial_fit(X, y)
        assert_array_equal(tried.predict_proba(X), untried.predict_proba(X))
        assert tried.history_["loss"] == untried.history_["loss"]

    @pytest.mark.parametrize("warm_start", [False, True])
    def test_a_failure_between_the_weights_and_the_first_step(
        self, pattern_images: Any, monkeypatch: pytest.MonkeyPatch, warm_start: bool
    ) -> None:
        """Random weights had been drawn, and the next pass went on from them."""

        def interrupted(*_: Any) -> Any:
            raise KeyboardInterrupt

        X, y = pattern_images
        params: dict[str, Any] = {"epochs": 3, "warm_start": warm_start}
        params["learning_rate_schedule"] = "constant"  # that of partial_fit: one network for both
        tried, untried = (tiny_classifier(**params).fit(X, y) for _ in range(2))
        with monkeypatch.context() as patch:
            patch.setattr("ferclassifier._classifier.fit.FitTasks", interrupted)
            with pytest.raises(KeyboardInterrupt):
                tried.fit(X, y)
        for clf in (tried, untried):
            clf.partial_fit(X, y)
        assert_array_equal(tried.predict_proba(X), untried.predict_proba(X))


class TestAnotherThread:
    """One that predicts while a fit runs gets what was there before, or what came of it."""

    @pytest.mark.parametrize("method", ["fit", "warm", "partial_fit"])
    def test_sees_nothing_between_the_old_and_the_new(
        self, pattern_images: Any, monkeypatch: pytest.MonkeyPatch, method: str
    ) -> None:
        from ferclassifier._keras import network

        X, y = pattern_images
        names = np.array(["a", "b", "c"])[y]
        clf = tiny_classifier(epochs=2, augmentation="sharp", learning_rate=0.05).fit(X, y)
        labels, before = clf.predict(X), clf.predict_proba(X)
        seen: list[Any] = []
        recompute = network.recompute_statistics

        def predict() -> None:
            seen.append((clf.predict_proba(X), clf.predict(X), clf.predict(X, reject_below=0.0)))

        def at_the_end(*args: Any) -> None:
            """Predict after the weights have been handed over, and once they have changed."""
            for step in (predict, lambda: recompute(*args), predict):
                thread = threading.Thread(target=step)
                thread.start()
                thread.join()

        monkeypatch.setattr(network, "recompute_statistics", at_the_end)
        if method == "fit":
            clf.fit(X[:, :6, :6], names)
        elif method == "warm":
            clf.set_params(warm_start=True).fit(X, y)
        else:
            clf.partial_fit(X, y)
        assert len(seen) >= 2
        for proba, *answers in seen:
            assert_array_equal(proba, before)
            for answer in answers:
                assert_array_equal(answer, labels)
        if method != "fit":
            assert np.abs(clf.predict_proba(X) - before).max() > 1e-3


class TestCopies:
    """A shallow copy shared the network, and a fit of either changed what both predict."""

    @pytest.mark.parametrize(
        "change",
        [
            lambda clf, X, y: clf.fit(X, y[::-1]),
            lambda clf, X, y: clf.partial_fit(X, y[::-1]),
            lambda clf, X, y: clf.set_params(warm_start=True, epochs=2).fit(X, y[::-1]),
            lambda clf, X, y: clf.calibrate(X, (clf.predict(X) + (np.arange(60) % 4 == 0)) % 3),
        ],
        ids=["fit", "partial_fit", "warm_start", "calibrate"],
    )
    def test_a_copy_and_its_original_go_their_own_ways(
        self, pattern_images: Any, change: Any
    ) -> None:
        X, y = pattern_images
        # partial_fit trains the very network of this fit on, since neither has a schedule
        original = tiny_classifier(epochs=2, learning_rate_schedule="constant").fit(X, y)
        before = original.predict_proba(X)
        copied = copy.copy(original)
        assert_array_equal(copied.predict_proba(X), before)
        assert vars(copied).keys() == vars(original).keys()
        change(copied, X, y)
        assert_array_equal(original.predict_proba(X), before)
        assert np.abs(copied.predict_proba(X) - before).max() > 0
        copied = copy.copy(original)
        change(original, X, y)
        assert_array_equal(copied.predict_proba(X), before)

    def test_training_on_does_not_depend_on_copies(self, pattern_images: Any) -> None:
        """Both drew from one generator, so that training a copy gave the original other seeds."""
        X, y = pattern_images
        alone, copied_from = (tiny_classifier(epochs=1, mixup=0.5).fit(X, y) for _ in range(2))
        copy.copy(copied_from).partial_fit(X, y)
        probabilities = [clf.partial_fit(X, y).predict_proba(X) for clf in (alone, copied_from)]
        assert_array_equal(*probabilities)

    def test_copies_of_all_kinds(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=1).fit(X, y)
        for same in (copy.copy(clf), copy.deepcopy(clf), pickle.loads(pickle.dumps(clf))):
            assert_array_equal(same.predict_proba(X), clf.predict_proba(X))
        unfitted = [copy.copy(clone(clf)), clone(copy.copy(clf)), copy.copy(tiny_classifier())]
        assert not any(hasattr(one, "classes_") for one in unfitted)


class TestFiles:
    @pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
    def test_joblib(self, tmp_path: Any, pattern_images: Any, precision: str) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=2, precision=precision).fit(X, y)
        joblib.dump(clf, tmp_path / "clf.joblib")
        loaded = joblib.load(tmp_path / "clf.joblib")
        assert_array_equal(loaded.predict_proba(X), clf.predict_proba(X))
        assert loaded.history_ == clf.history_

    def test_a_pickle_holds_the_weights_once(self, fitted: Any) -> None:
        weights = sum(w.nbytes for w in fitted._network.keras_model.get_weights())
        assert len(pickle.dumps(fitted)) < weights + 20_000

    def test_scikeras_leaves_keras_as_it_was(self, fitted: Any) -> None:
        import keras

        assert "scikeras" not in keras.Model.__reduce__.__module__
        assert "scikeras" not in keras.optimizers.Optimizer.__reduce__.__module__ or (
            keras.optimizers.Optimizer.__reduce__ is object.__reduce__
        )


class TestParameters:
    def test_is_classifier_and_repr_is_short(self) -> None:
        assert is_classifier(FERClassifier())
        assert repr(FERClassifier()) == "FERClassifier()"

    def test_unfitted(self) -> None:
        with pytest.raises(NotFittedError):
            FERClassifier().predict(np.zeros((1, 48, 48), dtype=np.uint8))

    @pytest.mark.parametrize(
        ("params", "error", "message"),
        [
            ({"architecture": "resnet152"}, ArchitectureError, "expected a function or one of"),
            ({"architecture_params": {"depth": 3}}, ArchitectureError, "'depth'.*takes"),
            ({"augmentation": {"blur": 1}}, ValueError, "'blur'"),
            ({"augmentation": {"zoom": 1.5}}, ValueError, r"\[0, 0.9\]"),
            ({"learning_rate": -1.0}, ValueError, "learning_rate"),
            ({"epochs": 0}, ValueError, "epochs"),
            ({"optimizer": "sdg"}, ValueError, "optimizer"),
            ({"verbose": 5}, ValueError, "verbose"),
        ],
    )
    def test_bad_parameters(
        self, pattern_images: Any, params: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            tiny_classifier(**params).fit(*pattern_images)

    @pytest.mark.parametrize(
        ("params", "words"),
        [
            ({"learning_rate": True}, "'learning_rate' parameter.*Got True"),
            ({"weight_decay": float("inf")}, "'weight_decay' parameter.*Got inf"),
            ({"mixup": 10**400}, "'mixup' parameter"),
            ({"epochs": True}, "'epochs' parameter.*Got True"),
            ({"batch_size": 10**400}, "'batch_size' parameter"),
            ({"class_weight": {0: "x"}}, r"class_weight\[0\]='x', but expected a number"),
            ({"class_weight": {0: True}}, r"class_weight\[0\]=True"),
            ({"class_weight": {0: -1.0}}, r"class_weight\[0\]=-1.0"),
            ({"class_weight": {0: float("nan")}}, r"class_weight\[0\]=nan"),
            ({"class_weight": {0: float("inf")}}, r"class_weight\[0\]=inf"),
            ({"augmentation": {"flip": True}}, r"augmentation\['flip'\]=True"),
            ({"augmentation": {"flip": "x"}}, r"augmentation\['flip'\]='x'"),
            ({"image_shape": (12,)}, r"image_shape=\(12,\), but expected \(height, width\)"),
            ({"image_shape": (12, 12, 2)}, "1 or 3 channels"),
            ({"image_shape": (12.0, 12)}, "whole numbers"),
            ({"image_shape": (True, 144)}, "whole numbers"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_values_that_no_fit_makes_sense_of(
        self, pattern_images: Any, params: dict[str, Any], words: str
    ) -> None:
        """True passed for a number, and text for a weight until TensorFlow got it."""
        X, y = pattern_images
        with pytest.raises(ValueError, match=words):
            tiny_classifier(**params).fit(X, y)
        with pytest.raises(ValueError, match=words):
            tiny_classifier(**params).partial_fit(X, y, classes=[0, 1, 2])

    def test_shapes_may_be_of_any_sequence(self, pattern_images: Any) -> None:
        X, y = pattern_images
        for shape in ((12, 12), [12, 12, 1], np.array([12, 12])):
            clf = tiny_classifier(epochs=1, image_shape=shape).fit(X.reshape(len(X), -1), y)
            assert clf.image_shape_ == (12, 12, 1)

    def test_an_architecture_that_returns_something_else(self, pattern_images: Any) -> None:
        clf = tiny_classifier(
            architecture=lambda inputs, n_classes: inputs, architecture_params=None
        )
        with pytest.raises(ArchitectureError, match=r"shape \(None, 3\)"):
            clf.fit(*pattern_images)

    def test_an_architecture_of_ones_own(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(architecture=dense_network, architecture_params={"width": 16})
        assert clf.fit(X, y).score(X, y) > 0.8
        assert_array_equal(pickle.loads(pickle.dumps(clf)).predict(X), clf.predict(X))

    def test_callbacks_are_called_and_let_go(self, pattern_images: Any) -> None:
        import keras

        epochs = []
        callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda e, logs: epochs.append(logs))
        tiny_classifier(epochs=2, callbacks=[callback]).fit(*pattern_images)
        assert len(epochs) == 2
        assert callback.model is None

    @pytest.mark.parametrize("verbose", [1, 2])
    def test_verbose_prints_loss_and_scores(
        self, pattern_images: Any, capsys: pytest.CaptureFixture[str], verbose: int
    ) -> None:
        X, y = pattern_images
        tiny_classifier(epochs=2, verbose=verbose).fit(X, y, X_val=X, y_val=y)
        printed = capsys.readouterr().out
        assert "Epoch 2/2" in printed
        assert "loss" in printed
        assert "val accuracy" in printed

    def test_a_bar_on_a_terminal_ends_with_the_fit(
        self, pattern_images: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import io

        import keras

        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        class Interrupt(keras.callbacks.Callback):  # type: ignore[misc]
            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                raise KeyboardInterrupt

        terminal = Terminal()
        monkeypatch.setattr("sys.stdout", terminal)
        monkeypatch.setenv("TERM", "xterm")
        with pytest.raises(KeyboardInterrupt):
            tiny_classifier(verbose=1, callbacks=[Interrupt()]).fit(*pattern_images)
        screen = terminal.getvalue()
        assert "Epoch 1/12" in screen
        hidden, shown = screen.rfind("\x1b[?25l"), screen.rfind("\x1b[?25h")
        assert -1 < hidden < shown  # the cursor is back

    def test_silent_by_default(
        self, pattern_images: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        tiny_classifier(epochs=1).fit(*pattern_images)
        assert capsys.readouterr().out == ""


class TestParametersAreSetAsAWhole:
    """Parts of a dict ended in an error about the dict's set_params."""

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            (
                {"architecture_params__dense": 8},
                r"architecture_params=\{'dense': 8\}, with what else.*In a search, list such "
                r"dicts: \{'architecture_params': \[\{'dense': 8\}, \.\.\.\]\}",
            ),
            ({"augmentation__zoom": 0.1}, r"augmentation=\{'zoom': 0.1\}"),
            ({"class_weight__sad": 2}, r"class_weight=\{'sad': 2\}"),
            ({"optimizer__momentum": 0.5}, "optimizer is set as a whole: list its values"),
            ({"dense": 8}, "Invalid parameter 'dense'"),
            ({"dense__units": 8}, "Invalid parameter 'dense'"),
        ],
        ids=lambda value: str(value)[:30],
    )
    @pytest.mark.parametrize("params", [{}, {"architecture_params": None}])
    def test_the_error_says_how(self, given: Any, words: str, params: Any) -> None:
        clf = tiny_classifier(**params)
        with pytest.raises(ValueError, match=words):
            clf.set_params(**given)
        model = make_pipeline(clf)
        with pytest.raises(ValueError, match=words):
            model.set_params(**{f"ferclassifier__{name}": value for name, value in given.items()})
        assert clf.get_params() == tiny_classifier(**params).get_params()

    def test_in_a_search(self, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(epochs=1)
        search = GridSearchCV(clf, {"architecture_params__dense": [8, 16]}, cv=2)
        with pytest.raises(ValueError, match="In a search, list such dicts"):
            search.fit(X, y)
        grid = {"architecture_params": [{"filters": (4,), "dense": 8}]}
        assert GridSearchCV(clf, grid, cv=2).fit(X, y).best_params_["architecture_params"]


class TestViews:
    @pytest.mark.parametrize("views", ["flip", "ten_crop"])
    def test_the_mean_over_views(self, fitted: Any, pattern_images: Any, views: str) -> None:
        X, _ = pattern_images
        plain = fitted.predict_proba(X)
        seen = pickle.loads(pickle.dumps(fitted)).set_params(test_time_augmentation=views)
        proba = seen.predict_proba(X)
        assert_allclose(proba.sum(axis=1), 1, rtol=1e-5)
        if views == "flip":
            mirrored = fitted.predict_proba(X[:, :, ::-1])
            assert_allclose(proba, (plain + mirrored) / 2, atol=1e-6)
        else:
            padded = np.pad(X, ((0, 0), (1, 1), (1, 1)), mode="edge")
            crops = [X] + [padded[:, r : r + 12, c : c + 12] for r in (0, 2) for c in (0, 2)]
            crops += [crop[:, :, ::-1] for crop in crops]
            mean = np.mean([fitted.predict_proba(crop) for crop in crops], axis=0)
            assert_allclose(proba, mean, atol=1e-6)
