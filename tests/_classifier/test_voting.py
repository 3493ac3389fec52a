"""Several classifiers give one answer."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from ferclassifier import FERClassifier, FERVotingClassifier, ImageReader
from helpers import patterns, tiny_classifier

X, Y = patterns(60)
NAMES = np.array(["sad", "fear", "happy"])[Y]
NOISY = np.where(np.arange(60) % 6 < 2, (Y + 1) % 3, Y)


class DenseTree(DecisionTreeClassifier):
    """A member that fits in no time, and refuses sparse matrices as FERClassifier does."""

    def __init__(self, random_state: int = 0) -> None:
        super().__init__(random_state=random_state)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        if issparse(X):
            raise TypeError("Sparse data were passed, but dense data are required.")
        return super().fit(X, y, sample_weight)


def members(**params: Any) -> list[tuple[str, Any]]:
    return [(f"seed{seed}", tiny_classifier(random_state=seed, **params)) for seed in (0, 1)]


@pytest.fixture(scope="module")
def pair() -> list[tuple[str, FERClassifier]]:
    """Two fitted classifiers that differ; tests must not change them."""
    return [(name, member.fit(X, Y)) for name, member in members(epochs=4)]


@parametrize_with_checks(
    [FERVotingClassifier([("linear", LogisticRegression()), ("tree", DenseTree())], weights=[2, 1])]
)
def test_common_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def test_clones_of_the_members_are_fitted_on_labels_as_they_are() -> None:
    given = members(epochs=2)
    voting = FERVotingClassifier(given).fit(X, NAMES)
    for (name, member), fitted in zip(given, voting.estimators_, strict=True):
        assert not hasattr(member, "classes_")
        assert_array_equal(fitted.classes_, ["fear", "happy", "sad"])
        assert voting.named_estimators_[name] is fitted
    assert_array_equal(voting.classes_, ["fear", "happy", "sad"])
    assert voting.n_features_in_ == 144
    assert voting.temperature_ == 1.0


def test_probabilities_are_the_weighted_mean(pair: Any) -> None:
    a, b = (member.predict_proba(X) for _, member in pair)
    assert np.abs(a - b).max() > 0.01
    for weights, expected in (
        (None, (a + b) / 2),
        ([3, 1], 0.75 * a + 0.25 * b),
        ([0.2, 0], a),
        (np.array([1, 1]), (a + b) / 2),
    ):
        voting = FERVotingClassifier.from_fitted(pair, weights=weights)
        proba = voting.predict_proba(X)
        assert proba.dtype == np.float32
        assert_allclose(proba, expected, atol=1e-6)
        assert_array_equal(voting.predict(X), proba.argmax(axis=1))


def test_weights_can_be_changed_after_the_fit(pair: Any) -> None:
    voting = FERVotingClassifier.from_fitted(pair).set_params(weights=[0, 1])
    assert_array_equal(voting.predict_proba(X), pair[1][1].predict_proba(X))


def test_weights_of_images_reach_the_members() -> None:
    rows, weights = X.reshape(60, -1), 1.0 - np.arange(60) % 2
    spoiled = np.where(weights, Y, 0)
    voting = FERVotingClassifier([("tree", DenseTree())])
    assert voting.fit(rows, spoiled, sample_weight=weights).score(rows, Y) > 0.9
    assert voting.fit(rows, spoiled).score(rows, Y) < 0.8
    with sklearn.config_context(enable_metadata_routing=True):
        voting.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        search = GridSearchCV(voting, {"weights": [None, [1]]}, cv=2, error_score="raise")
        search.fit(rows, spoiled, sample_weight=weights)
    assert search.score(rows, Y) > 0.9


def test_fitted_members_are_taken_as_they_are(pair: Any) -> None:
    voting = FERVotingClassifier.from_fitted(tuple(pair))
    assert [voting.estimators_[i] is pair[i][1] for i in (0, 1)] == [True, True]
    assert voting.n_features_in_ == 144
    assert voting.score(X, Y) > 0.6
    refitted = clone(voting)
    assert not hasattr(refitted, "estimators_")
    assert not hasattr(refitted.estimators[0][1], "classes_")


def test_the_mean_is_calibrated_and_the_members_keep_their_temperatures(pair: Any) -> None:
    pair = copy.deepcopy(pair)
    pair[0][1].calibrate(X, NOISY)
    before = [member.temperature_ for _, member in pair]
    voting = FERVotingClassifier.from_fitted(pair)
    loss = log_loss(NOISY, voting.predict_proba(X))
    labels = voting.predict(X)
    voting.calibrate(X, NOISY)
    assert voting.temperature_ != 1
    assert log_loss(NOISY, voting.predict_proba(X)) < loss
    assert_array_equal(voting.predict(X), labels)
    assert [member.temperature_ for _, member in pair] == before
    again = pickle.loads(pickle.dumps(voting))
    assert_array_equal(again.predict_proba(X), voting.predict_proba(X))
    assert voting.set_params(seed0__epochs=1, seed1__epochs=1).fit(X, Y).temperature_ == 1.0


def test_images_can_be_rejected(pair: Any) -> None:
    voting = FERVotingClassifier.from_fitted(pair)
    bound = float(np.median(voting.predict_proba(X).max(axis=1)))
    assert (voting.predict(X, reject_below=bound) == -1).sum() == 30


def test_members_and_their_parameters_are_reached_by_name() -> None:
    voting = FERVotingClassifier(members())
    assert voting.get_params()["seed1__random_state"] == 1
    assert set(voting.get_params(deep=False)) == {"estimators", "weights"}
    other = tiny_classifier(epochs=1)
    voting.set_params(seed0=other, seed1__epochs=3, weights=[1, 2])
    assert voting.estimators[0][1] is other
    assert voting.estimators[1][1].epochs == 3
    with pytest.raises(ValueError, match="Invalid parameter 'seed2'"):
        voting.set_params(seed2=other)


def test_files_reach_the_members_as_paths(pair: Any, tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{i}.png") for i in range(6)]
    for path, image in zip(paths, X, strict=False):
        Image.fromarray(image).save(path)
    voting = FERVotingClassifier.from_fitted(pair)
    assert_array_equal(voting.predict_proba(paths), voting.predict_proba(X[:6]))
    reading = make_pipeline(ImageReader((12, 12)), tiny_classifier(epochs=1)).fit(paths, Y[:6])
    reads = FERVotingClassifier.from_fitted([("a", reading), ("b", pair[0][1])])
    assert reads.predict(paths).shape == (6,)


def test_members_may_be_pipelines_and_other_classifiers(pair: Any) -> None:
    rows = FunctionTransformer(lambda X: X.reshape(len(X), -1) / 255)
    linear = make_pipeline(rows, LogisticRegression())
    voting = FERVotingClassifier([("linear", linear), *members(epochs=2)]).fit(X, Y)
    assert voting.predict_proba(X).dtype == np.float32
    mixed = FERVotingClassifier.from_fitted([*pair, ("linear", linear.fit(X, Y))])
    assert mixed.score(X, Y) > 0.9


def test_names_of_columns_are_those_of_the_last_fit() -> None:
    rows = pd.DataFrame(X.reshape(60, -1)).rename(columns=str)
    voting = FERVotingClassifier([("tree", DenseTree())]).fit(rows, Y)
    assert_array_equal(voting.feature_names_in_, rows.columns)
    assert not hasattr(voting.fit(rows.to_numpy(), Y), "feature_names_in_")


@pytest.mark.parametrize(
    ("labels", "images", "message"),
    [
        (Y + 1, X, r"differ in classes_: \{'a': array\(\[0, 1, 2\]\), 'b': array\(\[1, 2, 3\]\)\}"),
        (NAMES, X, "differ in classes_.*fit them on the same data"),
        (Y, X[:, :10], r"differ in image_shape_.*'b': \(10, 12, 1\)"),
    ],
)
def test_members_must_go_together(pair: Any, labels: Any, images: Any, message: str) -> None:
    other = tiny_classifier(epochs=1).fit(images, labels)
    with pytest.raises(ValueError, match=message):
        FERVotingClassifier.from_fitted([("a", pair[0][1]), ("b", other)])


def test_what_was_not_fitted_is_no_fitted_member(pair: Any) -> None:
    with pytest.raises(NotFittedError, match="FERClassifier"):
        FERVotingClassifier.from_fitted([*pair, ("c", tiny_classifier())])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimators": []}, r"estimators=\[\], but expected a list of \(name, classifier\)"),
        ({"estimators": [tiny_classifier()]}, "expected a list of"),
        ({"estimators": [("a", RidgeClassifier())]}, "classifiers with predict_proba"),
        ({"estimators": {"a": tiny_classifier()}}, "'estimators' parameter"),
        ({"estimators": [members()[0]] * 2}, "not unique"),
        ({"estimators": [("weights", tiny_classifier())]}, "conflict with constructor arguments"),
        ({"estimators": [("a__b", tiny_classifier())]}, "must not contain __"),
        ({"weights": [1]}, r"weights=\[1\], but expected a number for each of the 2"),
        ({"weights": [1, -1]}, "none of them negative"),
        ({"weights": [0, 0]}, "not all zero"),
        ({"weights": [1, np.nan]}, "weights contains NaN"),
        ({"weights": 2}, "'weights' parameter"),
    ],
)
def test_what_is_no_ensemble_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FERVotingClassifier(**{"estimators": members(), **options}).fit(X, Y)
