"""A classifier of rows, and a report of one of images."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

from ferclassifier.report import evaluation_report
from helpers import patterns
from mislabelled import NAMES, WRONG, X


@pytest.fixture(scope="session")
def linear() -> LogisticRegression:
    """A classifier of rows; tests must not change it."""
    train, labels = patterns(60)
    return LogisticRegression().fit(train.reshape(60, -1) / 255, labels)


@pytest.fixture(scope="session")
def report(fitted: Any) -> Any:
    return evaluation_report(
        fitted,
        X,
        WRONG,
        display_labels=NAMES,
        n_mistakes=5,
        data_name="Stripes",
        train_images=X[:10],
    )
