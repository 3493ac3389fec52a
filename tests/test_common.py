"""scikit-learn's common checks, all of them."""

from __future__ import annotations

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from helpers import tiny_classifier

EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "A weight of 2 and a repeated row are the same only in expectation: rows are drawn into "
        "batches at random, and BatchNorm and dropout see each row as one."
    ),
}


@parametrize_with_checks(
    [tiny_classifier()], expected_failed_checks=lambda estimator: EXPECTED_FAILURES
)
def test_common_checks(estimator: Any, check: Any) -> None:
    check(estimator)
