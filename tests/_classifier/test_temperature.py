"""One number is fitted by log-loss, and divides log-probabilities."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss

from ferclassifier._classifier.temperature import at_temperature, best_temperature

slowly = settings(deadline=None, max_examples=50)


def drawn(seed: int, n: int = 400, n_classes: int = 4, spread: float = 2.0) -> Any:
    """Probabilities as float32, and labels drawn from them."""
    rng = np.random.default_rng(seed)
    proba = softmax(rng.normal(scale=spread, size=(n, n_classes)), axis=1)
    codes = (proba.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    return proba.astype(np.float32), codes


@slowly
@given(
    seed=st.integers(0, 10_000),
    n_classes=st.integers(1, 9),
    spread=st.sampled_from([1e-6, 1.0, 8.0, 300.0]),
    temperature=st.floats(0.1, 10),
)
@example(seed=0, n_classes=7, spread=1e-6, temperature=10.0)
def test_probabilities_stay_probabilities_and_keep_their_order(
    seed: int, n_classes: int, spread: float, temperature: float
) -> None:
    proba, _ = drawn(seed, 50, n_classes, spread)
    scaled = at_temperature(proba, temperature)
    assert scaled.dtype == np.float32
    assert scaled.min() >= 0
    assert np.abs(scaled.sum(axis=1, dtype=np.float64) - 1).max() < 2**-22
    assert_array_equal(scaled.argmax(axis=1), proba.argmax(axis=1))
    order = proba.argsort(axis=1)
    rises = np.diff(np.take_along_axis(proba, order, axis=1), axis=1) > 0
    assert (np.diff(np.take_along_axis(scaled, order, axis=1), axis=1)[rises] >= 0).all()


def test_it_is_the_softmax_of_divided_logarithms() -> None:
    logits = np.array([[2.0, 0.0, -1.0], [0.5, 0.0, 3.0]])
    scaled = at_temperature(softmax(logits, axis=1).astype(np.float32), 2.5)
    assert_allclose(scaled, softmax(logits / 2.5, axis=1), rtol=1e-6)


def test_a_temperature_of_one_changes_no_bit() -> None:
    proba, _ = drawn(0)
    before = proba.copy()
    assert_array_equal(at_temperature(proba, 1.0), before)


def test_a_tie_made_by_rounding_does_not_change_the_prediction() -> None:
    half = np.float32(0.5)
    proba = np.array([[np.nextafter(half, np.float32(0)), half]])
    assert at_temperature(proba, 10.0).argmax() == 1


def test_zeros_are_small_numbers() -> None:
    proba = np.array([[1, 0, 0], [0.5, 0.5, 0]], dtype=np.float32)
    assert_allclose(at_temperature(proba, 0.5), proba)
    warm = at_temperature(proba, 10.0)
    assert warm[0, 0] == pytest.approx(1, abs=1e-3)
    assert (warm > 0).all()


@pytest.mark.parametrize("true", [0.4, 1.0, 2.5])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_fit_has_the_lowest_log_loss(true: float, weighted: bool) -> None:
    proba, codes = drawn(1, 2000)
    proba = at_temperature(proba, 1 / true)
    weights = np.random.default_rng(0).exponential(size=2000) if weighted else None

    def loss(log_temperature: float) -> float:
        scaled = softmax(np.log(proba.astype(np.float64)) / np.exp(log_temperature), axis=1)
        return float(log_loss(codes, scaled, sample_weight=weights))

    found = best_temperature(proba, codes, weights)
    expected = minimize_scalar(loss, bounds=(-2, 2), options={"xatol": 1e-9}).x
    assert np.log(found) == pytest.approx(expected, abs=1e-5)
    assert found == pytest.approx(true, rel=0.15)


def test_a_weight_of_two_counts_as_two_images() -> None:
    proba, codes = drawn(2)
    weights = np.arange(400) % 3
    repeated = best_temperature(np.repeat(proba, weights, axis=0), np.repeat(codes, weights))
    assert best_temperature(proba, codes, weights * 0.1) == pytest.approx(repeated)


def test_where_all_is_right_the_lower_bound_is_taken_and_said() -> None:
    proba, _ = drawn(3)
    with pytest.warns(ConvergenceWarning, match=r"beyond 0\.1.*nearly all right") as caught:
        assert best_temperature(proba, proba.argmax(axis=1)) == 0.1
    assert caught[0].filename.endswith("python.py")  # pytest's: whoever called us


def test_where_labels_are_the_least_probable_the_upper_bound_is_taken_and_said() -> None:
    proba, _ = drawn(3)
    with pytest.warns(ConvergenceWarning, match=r"beyond 10.*are these the right labels"):
        assert best_temperature(proba, proba.argmin(axis=1)) == 10.0


@pytest.mark.parametrize("n_classes", [1, 3])
def test_where_the_temperature_changes_nothing_it_is_one(n_classes: int) -> None:
    proba = np.full((5, n_classes), 1 / n_classes, dtype=np.float32)
    with warnings.catch_warnings(action="error"):
        assert best_temperature(proba, np.zeros(5, dtype=int)) == 1.0


def test_a_true_class_of_probability_zero_is_a_finite_loss() -> None:
    proba, codes = drawn(4, 4000)
    before = best_temperature(proba, codes)
    proba[0], codes[0] = [1, 0, 0, 0], 1
    assert before < best_temperature(proba, codes) < 3
