"""Batch normalization is that of Keras."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from ferclassifier.architectures._batch_normalization import BatchNormalization


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

    def test_frozen_layers_do_not_learn(self, images: Any) -> None:
        layer = BatchNormalization()
        layer.build(images.shape)
        layer.trainable = False
        layer(images, training=True)
        assert_array_equal(np.asarray(layer.moving_mean), 0)
