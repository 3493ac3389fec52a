"""FERClassifier inside scikit-learn's and imbalanced-learn's own tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import sklearn
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline as make_sampling_pipeline
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import ConfusionMatrixDisplay, get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    check_cv,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.fixes import parse_version

from helpers import patterns, tiny_classifier

mpl.use("Agg")


def as_rows(X: Any) -> Any:
    return X.reshape(len(X), -1)


def test_clone_and_parameters() -> None:
    clf = tiny_classifier(augmentation={"flip": 0.5})
    copy = clone(clf)
    assert copy.get_params() == clf.get_params()
    assert copy.set_params(learning_rate=0.5).learning_rate == 0.5
    assert clf.learning_rate == 0.02
    with pytest.raises(ValueError, match="Invalid parameter 'depth'"):
        clf.set_params(depth=3)


def test_grid_search_stratifies_sorted_labels() -> None:
    X, y = patterns(60)
    order = np.argsort(y, kind="stable")
    assert isinstance(check_cv(3, y, classifier=is_classifier(tiny_classifier())), StratifiedKFold)
    search = GridSearchCV(
        tiny_classifier(architecture_params={"filters": (8,)}, epochs=3, precision="auto"),
        {"architecture": ["gap_cnn", "mini_xception"], "learning_rate": [0.02, 1e-6]},
        cv=3,
        error_score="raise",
    )
    search.fit(X[order], y[order])
    assert search.best_params_["learning_rate"] == 0.02
    # unstratified folds of sorted labels would score 0
    assert search.best_score_ > 0.6
    assert search.predict(X[:2]).shape == (2,)


def test_cross_validation_in_two_processes() -> None:
    X, y = patterns(60)
    alone, together = (
        cross_val_score(tiny_classifier(epochs=4), X, y, cv=2, n_jobs=n, error_score="raise")
        for n in (None, 2)
    )
    assert_allclose(together, alone)


def test_pipeline_with_scikit_learns_own_transformers() -> None:
    X, y = patterns(60)
    clf = tiny_classifier(epochs=30)
    model = make_pipeline(FunctionTransformer(as_rows), StandardScaler(), clf)
    assert model.fit(X, y).score(X, y) > 0.9
    assert model[-1].image_shape_ == (12, 12, 1)
    assert model[-1].pixel_scale_.kind == "raw"


def test_sampler_in_front() -> None:
    X, y = patterns(80)
    kept = np.flatnonzero((y != 2) | (np.arange(80) < 20))
    model = make_sampling_pipeline(RandomOverSampler(random_state=0), tiny_classifier())
    model.fit(as_rows(X[kept]), y[kept])
    assert model.score(as_rows(X), y) > 0.9


def test_calibration_of_a_fitted_model(fitted: Any) -> None:
    X, y = patterns(60, seed=3)
    calibrated = CalibratedClassifierCV(FrozenEstimator(fitted), method="sigmoid").fit(X, y)
    assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1)
    assert calibrated.score(X, y) > 0.9


def test_voting() -> None:
    X, y = patterns(60)
    members = [(str(seed), tiny_classifier(random_state=seed)) for seed in (0, 1)]
    voting = VotingClassifier(members, voting="soft").fit(X, y)
    mean = np.mean([member.predict_proba(X) for member in voting.estimators_], axis=0)
    assert_allclose(voting.predict_proba(X), mean)
    assert voting.score(X, y) > 0.9


def test_confusion_matrix_display(fitted: Any) -> None:
    X, y = patterns(60)
    display = ConfusionMatrixDisplay.from_estimator(fitted, X, y)
    assert display.confusion_matrix.trace() > 54
    assert display.display_labels.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "scoring",
    [
        pytest.param(
            None,
            marks=pytest.mark.skipif(
                parse_version(sklearn.__version__) < parse_version("1.8"),
                reason="before 1.8 cross_validate does not look at the score request of a Pipeline",
            ),
        ),
        "accuracy",
    ],
)
def test_metadata_routing_of_sample_weight(scoring: str | None) -> None:
    X, y = patterns(60)
    weights = 1.0 - np.arange(60) % 2
    spoiled = np.where(weights, y, 0)
    with sklearn.config_context(enable_metadata_routing=True):
        clf = tiny_classifier(epochs=30).set_fit_request(sample_weight=True)
        clf.set_score_request(sample_weight=True)
        model = make_pipeline(FunctionTransformer(as_rows), clf)
        if scoring is not None:
            scoring = get_scorer(scoring).set_score_request(sample_weight=True)
        scores = cross_validate(
            model,
            X,
            spoiled,
            cv=2,
            scoring=scoring,
            params={"sample_weight": weights},
            error_score="raise",
        )
    assert scores["test_score"].min() > 0.8


@pytest.fixture
def uncompiled() -> Iterator[Callable[[], None]]:
    """What has training steps run as they are until the test ends."""
    import tensorflow as tf

    yield lambda: tf.config.run_functions_eagerly(True)
    tf.config.run_functions_eagerly(False)


@pytest.mark.filterwarnings("ignore:Even though the `tf.config:UserWarning")
def test_networks_take_any_size_and_both_numbers_of_channels(
    uncompiled: Callable[[], None],
) -> None:
    from ferclassifier import list_architectures

    rng = np.random.default_rng(0)
    y = np.arange(8) % 2
    small: dict[str, Any] = {
        "compact": {"filters": (4, 8), "stem": 4},
        "resnet": {"filters": (4, 8), "stem": 4, "squeeze_excite": True},
        "small_resnet": {"filters": (4, 8), "stem": 4},
        "vit": {"stem": (4, 8, 8), "dim": 8, "depth": 1, "heads": 2},
    }
    for shape in [(9, 13, 3), (8, 8), (17, 8, 1)]:
        X = rng.integers(0, 256, (8, *shape), dtype=np.uint8)
        for name in list_architectures():
            clf = tiny_classifier(
                architecture=name,
                architecture_params=small.get(name, {"filters": (4, 8)}),
                epochs=1,
                optimizer="sgd",  # is compiled sooner than Adam
                augmentation="standard",
            )
            proba = clf.fit(X, y).predict_proba(X)
            assert_array_equal(proba.shape, (8, 2))
            assert np.isfinite(proba).all()
        # A step is compiled for any number of images, whatever their size: once shows that.
        uncompiled()
