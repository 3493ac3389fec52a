"""Wilson's interval is that of SciPy, and reports hold it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from drawn_predictions import Drawn, slowly
from ferclassifier.metrics import emotion_report, wilson_interval


class TestWilsonInterval:
    @slowly
    @given(st.integers(1, 5000), st.floats(0, 1), st.floats(0.01, 0.999))
    @example(10, 0.0, 0.95)
    @example(10, 1.0, 0.95)
    def test_is_that_of_scipy(self, n: int, share: float, confidence: float) -> None:
        successes = round(share * n)
        expected = binomtest(successes, n).proportion_ci(confidence, method="wilson")
        low, high = wilson_interval(successes / n, n, confidence)
        assert (low, high) == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-12)
        assert 0 <= low <= successes / n <= high <= 1

    @pytest.mark.parametrize("arguments", [(1.1, 5), (-0.1, 5), (0.5, 0), (0.5, 5, 1), (0.5, 5, 0)])
    def test_arguments_outside_their_range(self, arguments: Any) -> None:
        with pytest.raises(ValueError, match="expected a share"):
            wilson_interval(*arguments)

    def test_reports_hold_that_of_the_accuracy(self) -> None:
        data = Drawn(1, 50, 3, 3, 3, "none")
        right = int((data.y == data.predicted).sum())
        assert 0 < right < 50
        expected = binomtest(right, 50).proportion_ci(method="wilson")
        assert data.report().accuracy_interval == pytest.approx((expected.low, expected.high))

    def test_weights_count_images(self) -> None:
        y, proba = [0, 0, 1, 1], [[1, 0], [0, 1], [0, 1], [0, 1]]
        report = emotion_report(y, proba, sample_weight=[3, 1, 1, 1])
        assert report.accuracy_interval == pytest.approx(wilson_interval(5 / 6, 6))
        report = emotion_report(y, proba, sample_weight=[0.5, 0.25, 0, 0])
        assert report.accuracy_interval == pytest.approx(wilson_interval(2 / 3, 0.75))
