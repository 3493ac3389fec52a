"""The common checks of scikit-learn, all of them, and of imbalanced-learn."""

from __future__ import annotations

from typing import Any

import pytest
from imblearn.utils.estimator_checks import parametrize_with_checks as imblearn_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from ferclassifier import AugmentingOverSampler, ImageAugmenter
from helpers import tiny_classifier

EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "A weight of 2 and a repeated row are the same only in expectation: rows are drawn into "
        "batches at random, and BatchNorm and dropout see each row as one."
    ),
}
SAMPLERS = [AugmentingOverSampler(random_state=0), ImageAugmenter(random_state=0)]


@parametrize_with_checks(
    [tiny_classifier(optimizer="sgd", learning_rate=0.1, batch_size=16, epochs=3)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_common_checks(estimator: Any, check: Any) -> None:
    check(estimator)


@parametrize_with_checks(SAMPLERS)
def test_common_checks_of_samplers(estimator: Any, check: Any) -> None:
    check(estimator)


# imbalanced-learn hands pytest a generator, which it no longer takes without a warning.
_checks = imblearn_checks(SAMPLERS)


@pytest.mark.parametrize(_checks.args[0], list(_checks.args[1]), **_checks.kwargs)
def test_common_checks_of_imbalanced_learn(estimator: Any, check: Any) -> None:
    check(estimator)
