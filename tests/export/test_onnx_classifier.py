"""A classifier that answers by a file is one of scikit-learn's, but for its fit."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import cross_val_score

from ferclassifier import FERClassifier, FERVotingClassifier
from ferclassifier.exceptions import DataError, ImageError, PixelScaleError, SingleImageError
from ferclassifier.export import OnnxFERClassifier, export_onnx
from helpers import tiny_classifier
from onnx_files import linear_model


@pytest.fixture
def clf(exported: Path) -> OnnxFERClassifier:
    return OnnxFERClassifier(exported)


def test_it_is_the_classifier_again(
    clf: OnnxFERClassifier, fitted: FERClassifier, pattern_images: Any
) -> None:
    X, y = pattern_images
    assert clf.classes_.tolist() == fitted.classes_.tolist()
    for attribute in ("image_shape_", "n_features_in_", "pixel_scale_"):
        assert getattr(clf, attribute) == getattr(fitted, attribute)
    assert not hasattr(clf, "feature_names_in_")
    np.testing.assert_array_equal(clf.predict(X), fitted.predict(X))
    np.testing.assert_array_equal(
        clf.predict(X, reject_below=0.9), fitted.predict(X, reject_below=0.9)
    )
    assert clf.score(X, y) == fitted.score(X, y)


def test_images_come_in_all_forms(
    clf: OnnxFERClassifier, pattern_images: Any, image_files: Any
) -> None:
    X, _ = pattern_images
    proba = clf.predict_proba(X)
    for form in (X.reshape(len(X), -1), X[..., np.newaxis], list(X), X.astype(float)):
        np.testing.assert_allclose(clf.predict_proba(form), proba, atol=1e-6)
    np.testing.assert_allclose(clf.predict_proba(list(image_files[0])), proba, atol=1e-6)
    np.testing.assert_allclose(clf.predict_proba(X + 0.3), proba, atol=1e-6)  # rounded


def test_classes_may_be_left_out(clf: OnnxFERClassifier, pattern_images: Any) -> None:
    X, _ = pattern_images
    proba, all_of_them = clf.predict_proba(X), clf.classes_
    some = clone(clf).set_params(classes=all_of_them[[2, 0]])
    assert some.classes_.tolist() == all_of_them[[0, 2]].tolist()
    expected = proba[:, [0, 2]] / proba[:, [0, 2]].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(some.predict_proba(X), expected, rtol=1e-5)
    assert set(some.predict(X)) <= set(some.classes_)
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(some)).predict_proba(X), some.predict_proba(X)
    )
    np.testing.assert_array_equal(some.set_params(classes=None).predict_proba(X), proba)
    for wrong, message in ((["no such"], "no class 'no such'"), (all_of_them[:1], "two or more")):
        with pytest.raises(DataError, match=message):
            clone(clf).set_params(classes=wrong).predict(X)
    with pytest.raises(ValueError, match="'classes' parameter"):
        clone(clf).set_params(classes="no list").predict(X)


def test_other_images_are_refused(clf: OnnxFERClassifier, pattern_images: Any) -> None:
    X, _ = pattern_images
    with pytest.raises(SingleImageError, match="several"):
        clf.predict(X[0])
    with pytest.raises(ImageError, match="Resize them"):
        clf.predict(X[:, 1:])
    with pytest.raises(PixelScaleError, match="Multiply by 255"):
        clf.predict(X / 255)


def test_fit_is_refused(clf: OnnxFERClassifier, pattern_images: Any) -> None:
    X, y = pattern_images
    with pytest.raises(NotImplementedError, match="Fit a FERClassifier"):
        clf.fit(X, y)
    scores = cross_val_score(FrozenEstimator(clf), X, y, cv=2)
    assert scores.mean() == pytest.approx(clf.score(X, y))


def test_clones_and_pickles_answer_alike(
    exported: Path, pattern_images: Any, tmp_path: Path
) -> None:
    X, _ = pattern_images
    (tmp_path / "model.onnx").write_bytes(exported.read_bytes())
    clf = OnnxFERClassifier(tmp_path / "model.onnx", n_threads=2)
    cloned, content = clone(clf), pickle.dumps(clf)
    expected = {"model": tmp_path / "model.onnx", "classes": None, "n_threads": 2}
    assert cloned.get_params() == expected
    proba = clf.predict_proba(X)
    np.testing.assert_array_equal(cloned.predict_proba(X), proba)
    np.testing.assert_array_equal(copy.deepcopy(clf).predict_proba(X), proba)
    (tmp_path / "model.onnx").unlink()  # a worker elsewhere does not have it
    np.testing.assert_array_equal(pickle.loads(content).predict_proba(X), proba)


def test_it_calibrates_on_top_of_the_file(clf: OnnxFERClassifier, pattern_images: Any) -> None:
    X, y = pattern_images
    before = clf.predict_proba(X)
    clf.calibrate(X[:30], np.append(y[:25], y[:5]))
    assert clf.temperature_ > 1
    assert clone(clf).temperature_ == 1
    assert clf.predict_proba(X).max() < before.max()


def test_another_file_is_opened_once_it_is_set(clf: OnnxFERClassifier, tmp_path: Path) -> None:
    assert clf.classes_.tolist() == [0, 1, 2]
    clf.set_params(model=linear_model(tmp_path / "model.onnx"))
    assert clf.classes_.tolist() == ["a", "b", "c"]
    clf.set_params(n_threads=0)
    with pytest.raises(ValueError, match="'n_threads' parameter"):
        clf.predict(np.zeros((1, 12, 12), dtype=np.uint8))


def test_a_file_is_opened_once(
    clf: OnnxFERClassifier, pattern_images: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = pattern_images
    clf.predict(X)
    monkeypatch.setattr("ferclassifier.export._onnx_classifier.OnnxModel", None)
    clf.predict(X)
    clf.score(X, y)


def test_names_of_columns_are_compared(pattern_images: Any, tmp_path: Path) -> None:
    X, y = pattern_images
    frame = pd.DataFrame(X.reshape(len(X), -1)).rename(columns=lambda i: f"pixel{i}")
    clf = tiny_classifier(epochs=1).fit(frame, y)
    export_onnx(clf, tmp_path / "model.onnx")
    answering = OnnxFERClassifier(tmp_path / "model.onnx")
    assert answering.feature_names_in_.tolist() == list(frame.columns)
    np.testing.assert_allclose(answering.predict_proba(frame), clf.predict_proba(frame), atol=2e-6)
    with pytest.raises(ValueError, match="feature names"):
        answering.predict(frame[frame.columns[::-1]])


def test_it_votes(clf: OnnxFERClassifier, fitted: FERClassifier, pattern_images: Any) -> None:
    X, _ = pattern_images
    ensemble = FERVotingClassifier.from_fitted([("onnx", clf), ("keras", fitted)])
    np.testing.assert_allclose(ensemble.predict_proba(X), fitted.predict_proba(X), atol=2e-6)


def test_it_answers_without_keras(exported: Path) -> None:
    script = (
        "import sys, numpy as np\n"
        "from ferclassifier import OnnxFERClassifier\n"
        "OnnxFERClassifier(sys.argv[1]).predict(np.zeros((1, 12, 12), dtype=np.uint8))\n"
        "print(sorted({'tensorflow', 'keras', 'onnx'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(exported)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
