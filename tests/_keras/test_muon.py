"""Muon's steps are orthogonal for kernels, and those of SGD for the rest."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from ferclassifier import FERClassifier
from ferclassifier._keras.muon import Muon, orthogonalised
from helpers import patterns, tiny_classifier


@pytest.mark.parametrize("shape", [(90, 20), (20, 90), (32, 32)])
def test_no_direction_is_longer_than_another(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    left, _, right = np.linalg.svd(rng.normal(size=shape), full_matrices=False)
    values = np.geomspace(1, 0.01, min(shape))
    matrix = ((left * values) @ right).astype("float32")
    changed = keras.ops.convert_to_numpy(orthogonalised(keras.ops.convert_to_tensor(matrix)))
    found = np.linalg.svd(changed, compute_uv=False)
    assert found.min() > 0.6
    assert found.max() < 1.25
    # The directions are those of the matrix: it becomes left @ right, but for the lengths.
    along = left.T @ changed @ right.T
    assert_allclose(along, np.diag(np.diag(along)), atol=0.02)


def test_a_step_of_nothing_is_nothing() -> None:
    zeros = keras.ops.zeros((9, 4))
    assert_array_equal(keras.ops.convert_to_numpy(orthogonalised(zeros)), np.zeros((9, 4)))


def stepped(optimizer: keras.optimizers.Optimizer, shape: tuple[int, ...]) -> np.ndarray:
    """Return what three steps make of a variable."""
    rng = np.random.default_rng(0)
    variable = keras.Variable(rng.normal(size=shape).astype("float32"), name="kernel")
    optimizer.build([variable])
    before = np.array(keras.ops.convert_to_numpy(variable))
    for _ in range(3):
        gradient = keras.ops.convert_to_tensor(rng.normal(size=shape).astype("float32"))
        optimizer.apply([gradient], [variable])
    return np.asarray(keras.ops.convert_to_numpy(variable)) - before


@pytest.mark.parametrize("shape", [(7,), (16, 7), (3, 3, 1, 16)])
def test_everything_else_is_for_sgd(shape: tuple[int, ...]) -> None:
    muon = stepped(Muon(0.1, momentum=0.9, nesterov=True), shape)
    sgd = stepped(keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True), shape)
    assert_array_equal(muon, sgd)


def test_a_kernel_moves_by_the_rate_whatever_the_gradient() -> None:
    change = stepped(Muon(0.1, momentum=0.9), (3, 3, 16, 32)).reshape(144, 32)
    values = np.linalg.svd(change, compute_uv=False)
    assert 0.01 < np.median(values) < 3 * 0.25 * 0.1 * 1.25


def test_it_learns_and_equal_seeds_are_equal() -> None:
    X, y = patterns()
    fits: list[FERClassifier] = [
        tiny_classifier(optimizer="muon", learning_rate="auto", epochs=12, random_state=0).fit(X, y)
        for _ in range(2)
    ]
    assert fits[0].score(X, y) > 0.9
    assert_array_equal(*(clf.predict_proba(X) for clf in fits))
    assert max(fits[0].history_["learning_rate"]) <= 0.12


def test_good_weights_are_trained_on_by_sgd() -> None:
    """Steps of Muon do not grow shorter where there is little left to learn."""
    X, y = patterns()
    clf: FERClassifier = tiny_classifier(
        optimizer="auto", learning_rate="auto", epochs=2, learning_rate_schedule="constant"
    )
    assert clf.fit(X, y).history_["learning_rate"][-1] == pytest.approx(0.12)
    clf.set_params(warm_start=True).fit(X, y)
    assert clf.history_["learning_rate"][-1] == pytest.approx(0.008)
    clf.partial_fit(X, y)
    assert clf.history_["learning_rate"][-1] == pytest.approx(0.008)
    fresh: FERClassifier = tiny_classifier(optimizer="auto", learning_rate="auto")
    assert fresh.partial_fit(X, y, classes=np.unique(y)).history_["learning_rate"] == pytest.approx(
        [0.08]
    )
