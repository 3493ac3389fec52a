"""Means in time: those of pandas, and a change that is seen soon."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from ferclassifier.video._smoothing import Smoother


def test_means_are_those_of_pandas() -> None:
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.ones(3), size=40)
    times = np.cumsum(rng.uniform(0.01, 0.2, 40))
    smoother = Smoother(0.3)
    found = [smoother.smooth(0, time, p) for time, p in zip(times, shares, strict=True)]
    assert_allclose(np.sum(found, axis=1), 1)
    even = Smoother(0.3)
    found = [even.smooth(0, i * 0.1, p) for i, p in enumerate(shares)]
    expected = pd.DataFrame(shares).ewm(halflife=3).mean().to_numpy()
    assert_allclose(found, expected)


@pytest.mark.parametrize("half_life", [0.1, 0.2])
def test_a_change_is_seen_after_a_half_life(half_life: float) -> None:
    smoother = Smoother(half_life)
    for i in range(90):
        smoother.smooth(0, i / 30, np.array([1.0, 0.0]))
    late = next(
        i for i in range(30) if smoother.smooth(0, 3 + i / 30, np.array([0.0, 1.0])).argmax()
    )
    assert late / 30 == pytest.approx(half_life, abs=1.1 / 30)


def test_faces_do_not_mix_and_none_is_drawn_to_anything_at_first() -> None:
    smoother = Smoother(1.0)
    smoother.smooth(0, 0.0, np.array([1.0, 0.0]))
    assert_allclose(smoother.smooth(1, 0.1, np.array([0.2, 0.8])), [0.2, 0.8])


def test_nothing_is_smoothed_without_a_half_life() -> None:
    smoother = Smoother(0.0)
    smoother.smooth(0, 0.0, np.array([1.0, 0.0]))
    assert_allclose(smoother.smooth(0, 0.1, np.array([0.2, 0.8])), [0.2, 0.8])


def test_what_is_long_gone_is_forgotten() -> None:
    smoother = Smoother(1.0)
    smoother.smooth(0, 0.0, np.array([1.0, 0.0]))
    smoother.forget(before=5.0)
    assert_allclose(smoother.smooth(0, 0.1, np.array([0.2, 0.8])), [0.2, 0.8])
