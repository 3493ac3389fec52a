"""Labels that are not in one dimension: a column is, and of others it is said what to write."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from ferclassifier.audit import audit_images
from ferclassifier.exceptions import DataError
from ferclassifier.inspection import (
    ClassDistributionDisplay,
    FaceGridDisplay,
    MisclassifiedDisplay,
    SaliencyDisplay,
    saliency,
)
from ferclassifier.metrics import emotion_report
from ferclassifier.metrics._label_column import label_column
from ferclassifier.report import evaluation_report
from helpers import patterns, tiny_classifier

X, Y = patterns(12)
ONE_HOT = np.eye(3)[Y]


@pytest.mark.parametrize(
    "form",
    [
        list,
        lambda y: y[:, None],
        lambda y: y[:, None].tolist(),
        pd.Series,
        lambda y: pd.DataFrame({"emotion": y}),
    ],
    ids=["list", "column", "list of lists", "Series", "DataFrame"],
)
def test_one_column_holds_labels(form: Any) -> None:
    assert_array_equal(label_column(form(Y)), Y)


@pytest.mark.parametrize(
    ("y", "remedy"),
    [
        (ONE_HOT, r"one-hot: y\.argmax\(axis=1\)"),
        (ONE_HOT.astype(bool), r"one-hot: y\.argmax\(axis=1\)"),
        (ONE_HOT.tolist(), r"one-hot: y\.argmax\(axis=1\)"),
        (pd.get_dummies(pd.Series(Y)), r"one-hot: y\.idxmax\(axis=1\)"),
        (np.full((12, 3), 1 / 3), r"probabilities: y\.argmax\(axis=1\).*soft_targets"),
        (np.stack([Y, Y], axis=1), r"one column, y\[:, 0\]"),
        (
            pd.DataFrame({"emotion": Y, "usage": "a"}),
            r"columns 'emotion' and 'usage': y\['emotion'\]",
        ),
    ],
    ids=str,
)
def test_what_to_write_instead(y: Any, remedy: str) -> None:
    with pytest.raises(DataError, match=rf"^Got y of shape \(12, \d\), .*{remedy}") as caught:
        label_column(y)
    assert len(str(caught.value)) < 250


def test_one_hot_labels_are_explained_wherever_labels_are_taken(fitted: Any) -> None:
    """scikit-learn's message was of a 1d array, or of a mix of multilabel-indicator and others."""
    proba = fitted.predict_proba(X)
    for take in (
        lambda: tiny_classifier().fit(X, ONE_HOT),
        lambda: tiny_classifier().fit(X, Y, X_val=X, y_val=ONE_HOT),
        lambda: tiny_classifier().partial_fit(X, ONE_HOT, classes=[0, 1, 2]),
        lambda: fitted.score(X, ONE_HOT),
        lambda: fitted.calibrate(X, ONE_HOT),
        lambda: emotion_report(ONE_HOT, proba),
        lambda: evaluation_report(fitted, X, ONE_HOT),
        lambda: audit_images(X, ONE_HOT),
        lambda: saliency(fitted, X, target=ONE_HOT),
        lambda: ClassDistributionDisplay.from_labels(ONE_HOT),
        lambda: FaceGridDisplay.from_images(X, ONE_HOT),
        lambda: FaceGridDisplay.from_estimator(fitted, X, ONE_HOT),
        lambda: MisclassifiedDisplay.from_estimator(fitted, X, ONE_HOT),
        lambda: SaliencyDisplay.from_estimator(fitted, X, ONE_HOT),
    ):
        with pytest.raises(DataError, match=r"one-hot: \w+\.argmax\(axis=1\)"):
            take()


def test_a_score_takes_weights(fitted: Any) -> None:
    right = fitted.predict(X) == Y
    weights = np.arange(12.0)
    expected = np.average(right, weights=weights)
    assert fitted.score(X, Y[:, None], sample_weight=weights) == pytest.approx(expected)
