"""The common checks of scikit-learn and of imbalanced-learn on the samplers."""

from __future__ import annotations

from typing import Any

import pytest
from imblearn.utils.estimator_checks import parametrize_with_checks as imblearn_checks
from sklearn.utils.estimator_checks import parametrize_with_checks as sklearn_checks

from ferclassifier import AugmentingOverSampler, ImageAugmenter

SAMPLERS = [AugmentingOverSampler(random_state=0), ImageAugmenter(random_state=0)]


@sklearn_checks(SAMPLERS)
def test_common_checks_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


# imbalanced-learn hands pytest a generator, which it no longer takes without a warning.
_checks = imblearn_checks(SAMPLERS)


@pytest.mark.parametrize(_checks.args[0], list(_checks.args[1]), **_checks.kwargs)
def test_common_checks_of_imbalanced_learn(estimator: Any, check: Any) -> None:
    check(estimator)
