"""What a fitted classifier of any kind predicts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted


def predicted_probabilities(estimator: Any, X: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Predict with a fitted classifier of any kind.

    Parameters
    ----------
    estimator : classifier
        Also a pipeline or a search that ends in one.
    X : array-like
        Images in a form that it takes.

    Returns
    -------
    y_proba : ndarray of shape (n, n_classes)
    classes : ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        If `estimator` is no classifier, or predicts no probabilities.
    NotFittedError
        If it has not been fitted.
    """
    check_classifier(estimator)
    if not hasattr(estimator, "predict_proba"):
        raise ValueError(
            f"Got {type(estimator).__name__}, but expected a classifier with predict_proba. Put it "
            "into sklearn.calibration.CalibratedClassifierCV, which gives it one, or give a "
            'VotingClassifier voting="soft".'
        )
    return np.asarray(estimator.predict_proba(X)), np.asarray(estimator.classes_)


def check_classifier(estimator: Any) -> None:
    """Refuse what is no classifier, or has not been fitted.

    Raises
    ------
    ValueError
        If `estimator` is no classifier.
    NotFittedError
        If it has not been fitted.
    """
    if not hasattr(estimator, "fit") or not is_classifier(estimator):
        raise ValueError(f"Got {type(estimator).__name__}, but expected a classifier.")
    check_is_fitted(estimator)
