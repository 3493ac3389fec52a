"""A few outliers move neither the median nor the spread around it."""

from __future__ import annotations

import numpy as np
import pytest

from ferclassifier.audit._robust import median_and_spread


def test_of_a_normal_distribution_it_is_the_standard_deviation() -> None:
    values = np.random.default_rng(0).normal(7, 3, 100_000)
    assert median_and_spread(values) == pytest.approx((7, 3), rel=0.02)
    values[:1000] = 1e9
    assert median_and_spread(values) == pytest.approx((7, 3), rel=0.05)
