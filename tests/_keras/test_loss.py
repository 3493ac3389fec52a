"""The loss against its definition."""

from __future__ import annotations

import keras
import numpy as np
from numpy.testing import assert_allclose

from ferclassifier._keras.loss import Crossentropy


class TestCrossentropy:
    def test_equals_keras(self) -> None:
        rng = np.random.default_rng(0)
        proba = rng.dirichlet(np.ones(5), size=9).astype("float32")
        truth = np.eye(5, dtype="float32")[rng.integers(0, 5, 9)]
        expected = keras.losses.CategoricalCrossentropy()(truth, proba)
        assert_allclose(Crossentropy()(truth, proba), expected, rtol=1e-5)

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
