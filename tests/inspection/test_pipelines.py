"""The classifier is found inside pipelines and searches."""

from __future__ import annotations

import numpy as np
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline as make_sampling_pipeline
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler

from ferclassifier.inspection._pipelines import split_pipeline, transformed
from helpers import patterns

IMAGES, Y = patterns(30)
ROWS = IMAGES.reshape(30, -1).astype(float)


def test_a_classifier_stands_for_itself() -> None:
    clf = LogisticRegression()
    assert split_pipeline(clf) == ([], clf)


def test_nested_pipelines_and_searches_are_unwrapped() -> None:
    inner = make_pipeline(MaxAbsScaler(), LogisticRegression())
    search = GridSearchCV(inner, {"logisticregression__C": [0.1, 1.0]}, cv=2)
    outer = Pipeline([("scale", MinMaxScaler()), ("none", "passthrough"), ("search", search)])
    outer.fit(ROWS, Y)
    transformers, classifier = split_pipeline(outer)
    assert [type(t) for t in transformers] == [MinMaxScaler, MaxAbsScaler]
    np.testing.assert_array_equal(
        classifier.predict_proba(transformed(transformers, ROWS)), outer.predict_proba(ROWS)
    )


def test_samplers_are_left_out() -> None:
    model = make_sampling_pipeline(
        MinMaxScaler(), RandomOverSampler(random_state=0), LogisticRegression()
    ).fit(ROWS, Y)
    transformers, classifier = split_pipeline(model)
    assert [type(t) for t in transformers] == [MinMaxScaler]
    assert classifier is model[-1]
