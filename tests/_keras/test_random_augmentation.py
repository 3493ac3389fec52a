"""The layers, the loss and the schedule, each against its definition."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from ferclassifier._keras.loss import Crossentropy
from ferclassifier._keras.network import recompute_statistics
from ferclassifier._keras.random_augmentation import RandomAugmentation
from ferclassifier._keras.schedule import WarmupSchedule
from ferclassifier.architectures._batch_normalization import BatchNormalization


def augmented(images: Any, **strength: float) -> Any:
    return np.asarray(RandomAugmentation(strength, seed=0)(images, training=True))


@pytest.fixture
def images() -> Any:
    return np.random.default_rng(0).uniform(-1, 1, (64, 12, 12, 1)).astype("float32")


class TestBatchNormalization:
    @pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
    def test_equals_keras(self, images: Any, dtype: str) -> None:
        images = np.concatenate([images, 3 * images + 1], axis=-1)
        ours, theirs = (
            layer(momentum=0.9, dtype=dtype)
            for layer in (BatchNormalization, keras.layers.BatchNormalization)
        )
        tolerance = 2e-4 if dtype == "float32" else 0.05
        for training in (True, True, False):
            mine, expected = (
                np.asarray(f(images, training=training), "float32") for f in (ours, theirs)
            )
            assert_allclose(mine, expected, atol=tolerance)
        assert_allclose(ours.moving_mean, theirs.moving_mean, atol=tolerance)
        assert_allclose(ours.moving_variance, theirs.moving_variance, rtol=2e-3)

    def test_gradients_equal_those_of_keras(self, images: Any) -> None:
        import tensorflow as tf

        gradients = []
        target = np.roll(images, 1, axis=0)
        for layer in (BatchNormalization(), keras.layers.BatchNormalization()):
            layer.build(images.shape)
            inputs = tf.Variable(images)
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum((layer(inputs, training=True) - target) ** 2)
            variables = [inputs, *(v.value for v in layer.trainable_variables)]
            gradients.append(tape.gradient(loss, variables))
        for mine, expected in zip(*gradients, strict=True):
            assert_allclose(mine, expected, rtol=1e-4, atol=1e-3)

    def test_recomputed_statistics_are_the_mean_over_the_images(self) -> None:
        """Of batches that differ in size and scale, and without the dropout before."""
        rng = np.random.default_rng(0)
        sizes = (32, 32, 8)
        pixels = [rng.normal(i, 1 + i, (n, 4, 4, 2)).astype("float32") for i, n in enumerate(sizes)]
        inputs = keras.Input((4, 4, 2))
        dropout, layer = keras.layers.Dropout(0.5), BatchNormalization(momentum=0.8)
        model = keras.Model(inputs, layer(dropout(inputs)))
        recompute_statistics(model, [(batch,) for batch in pixels])  # type: ignore[arg-type]
        for statistic, of in ((layer.moving_mean, np.mean), (layer.moving_variance, np.var)):
            values = [of(batch, axis=(0, 1, 2)) for batch in pixels]
            expected = np.average(values, axis=0, weights=sizes)
            assert_allclose(np.asarray(statistic), expected, rtol=5e-3)
        assert (layer.momentum, dropout.rate) == (0.8, 0.5)

    def test_frozen_layers_do_not_learn(self, images: Any) -> None:
        layer = BatchNormalization()
        layer.build(images.shape)
        layer.trainable = False
        layer(images, training=True)
        assert_array_equal(np.asarray(layer.moving_mean), 0)


class TestRandomAugmentation:
    def test_acts_in_training_only(self, images: Any) -> None:
        layer = RandomAugmentation({"flip": 0.5, "rotation": 20, "erasing": 1.0}, seed=0)
        assert_array_equal(np.asarray(layer(images, training=False)), images)
        assert np.abs(np.asarray(layer(images, training=True)) - images).max() > 0.1

    def test_flip_is_the_mirror_image_of_about_half(self, images: Any) -> None:
        changed = augmented(images, flip=0.5)
        same = np.isclose(changed, images, atol=1e-5).all(axis=(1, 2, 3))
        mirrored = np.isclose(changed, images[:, :, ::-1], atol=1e-5).all(axis=(1, 2, 3))
        assert (same | mirrored).all()
        assert 16 < mirrored.sum() < 48

    def test_shift_moves_whole_images(self) -> None:
        spot = np.zeros((64, 21, 21, 1), dtype="float32")
        spot[:, 10, 10] = 1
        changed = augmented(spot, shift=0.2)
        assert_allclose(changed.sum(axis=(1, 2, 3)), 1, atol=1e-4)  # nothing is lost in between
        centres = np.array(
            [np.unravel_index(image.argmax(), (21, 21)) for image in changed[..., 0]]
        )
        assert np.abs(centres - 10).max() in (4, 5)
        assert len(np.unique(centres, axis=0)) > 20

    def test_rotation_and_zoom_keep_the_centre(self) -> None:
        spot = np.zeros((32, 21, 21, 1), dtype="float32")
        spot[:, 8:13, 8:13] = 1
        changed = augmented(spot, rotation=45, zoom=0.3)
        assert_allclose(changed[:, 10, 10, 0], 1, atol=1e-5)
        areas = changed.sum(axis=(1, 2, 3))
        assert areas.min() < 20 < 30 < areas.max()

    def test_brightness_and_contrast_change_mean_and_spread(self, images: Any) -> None:
        brighter = augmented(images, brightness=0.5)
        shifts = (brighter - images).mean(axis=(1, 2, 3)) / images.std(axis=(1, 2, 3))
        assert np.abs(shifts).max() <= 0.5 + 1e-4
        assert shifts.std() > 0.2
        stretched = augmented(images, contrast=0.5)
        assert_allclose(stretched.mean(axis=(1, 2, 3)), images.mean(axis=(1, 2, 3)), atol=1e-5)
        ratios = stretched.std(axis=(1, 2, 3)) / images.std(axis=(1, 2, 3))
        assert 0.49 < ratios.min() < 0.7
        assert 1.3 < ratios.max() < 1.51

    def test_erasing_fills_a_rectangle_with_the_mean(self, images: Any) -> None:
        changed = augmented(images, erasing=1.0)
        erased = np.isclose(changed, images.mean(axis=(1, 2, 3), keepdims=True), atol=1e-6)
        shares = erased.mean(axis=(1, 2, 3))
        assert shares.max() <= 0.45**2
        assert (shares > 0).mean() > 0.8
        assert (np.isclose(changed, images, atol=1e-6) | erased).all()


class TestCrossentropy:
    @pytest.mark.parametrize("smoothing", [0.0, 0.2])
    def test_equals_keras(self, smoothing: float) -> None:
        rng = np.random.default_rng(0)
        proba = rng.dirichlet(np.ones(5), size=9).astype("float32")
        truth = np.eye(5, dtype="float32")[rng.integers(0, 5, 9)]
        expected = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)(truth, proba)
        assert_allclose(Crossentropy(smoothing)(truth, proba), expected, rtol=1e-5)

    def test_focal_factor(self) -> None:
        truth = np.array([[1.0, 0.0]], dtype="float32")
        proba = np.array([[0.25, 0.75]], dtype="float32")
        expected = -((1 - 0.25) ** 2) * np.log(0.25)
        assert_allclose(Crossentropy(gamma=2.0)(truth, proba), expected, rtol=1e-6)

    def test_an_unlikely_class_still_has_a_gradient(self) -> None:
        import tensorflow as tf

        logits = tf.Variable([[0.0, 40.0]])
        with tf.GradientTape() as tape:
            loss = Crossentropy()(np.array([[1.0, 0.0]], "float32"), tf.nn.softmax(logits))
        assert_allclose(tape.gradient(loss, logits), [[-1, 1]], atol=1e-3)


class TestWarmupSchedule:
    def test_rises_and_falls(self) -> None:
        schedule = WarmupSchedule(decays=True)
        schedule.set(peak=2.0, warmup=10, total=110)
        rates = np.array([float(schedule(step)) for step in range(111)])
        assert_allclose(rates[:10], 2.0 * np.arange(1, 11) / 10, rtol=1e-5)
        assert_allclose(rates[60], 1.0, atol=0.02)
        assert_allclose(rates[110], 0, atol=1e-6)
        assert (np.diff(rates[11:]) < 1e-7).all()

    def test_constant_and_scaled(self) -> None:
        schedule = WarmupSchedule()
        schedule.set(peak=0.5, warmup=0, total=10)
        assert_allclose([float(schedule(step)) for step in (0, 5, 99)], 0.5)
        schedule.scale(0.5)
        assert_allclose(float(schedule(3)), 0.25)
