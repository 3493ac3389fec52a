"""Batches: the targets that the loss is computed with."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

from ferclassifier._keras.batches import Batches
from ferclassifier._keras.loss import Crossentropy

CODES = np.array([0, 2, 1, 2])


@pytest.mark.parametrize(
    "targets", [CODES, np.eye(3, dtype="float32")[CODES]], ids=["codes", "shares"]
)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_smoothed_targets_give_the_loss_of_keras(targets: Any, smoothing: float) -> None:
    images = np.zeros((4, 2, 2, 1), np.uint8)
    _, smoothed = Batches(images, targets, 3, 4, label_smoothing=smoothing)[0]
    proba = np.random.default_rng(0).dirichlet(np.ones(3), size=4).astype("float32")
    expected = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)(
        np.eye(3, dtype="float32")[CODES], proba
    )
    assert smoothed.dtype == np.float32
    assert_allclose(Crossentropy()(smoothed, proba), expected, rtol=1e-5)
