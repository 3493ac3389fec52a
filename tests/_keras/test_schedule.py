"""The learning rate rises and falls as its schedule is defined."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose

from ferclassifier._keras.schedule import WarmupSchedule


class TestWarmupSchedule:
    def test_rises_and_falls(self) -> None:
        schedule = WarmupSchedule()
        schedule.set(peak=2.0, warmup=10, total=110)
        rates = np.array([float(schedule(step)) for step in range(111)])
        assert_allclose(rates[:10], 2.0 * np.arange(1, 11) / 10, rtol=1e-5)
        assert_allclose(rates[60], 1.0, atol=0.02)
        assert_allclose(rates[110], 0, atol=1e-6)
        assert (np.diff(rates[11:]) < 1e-7).all()
