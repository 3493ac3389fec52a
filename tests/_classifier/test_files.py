"""Fitting and predicting straight from files."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from numpy.testing import assert_array_equal
from PIL import Image
from sklearn.model_selection import cross_val_score

from ferclassifier.exceptions import ImageError, PixelScaleError
from helpers import tiny_classifier
from pixel_scales import SCALES, expected, outcome

SHAPE = (12, 12)


@pytest.fixture(scope="module")
def fitted_on_files(image_files: Any) -> Any:
    paths, _, y = image_files
    return tiny_classifier(image_shape=SHAPE).fit(paths, y)


def test_a_fit_on_files_is_a_fit_on_the_decoded_array(
    image_files: Any, fitted_on_files: Any
) -> None:
    paths, X, y = image_files
    on_array = tiny_classifier(image_shape=None).fit(X, y)
    assert fitted_on_files.history_["loss"] == on_array.history_["loss"]
    assert_array_equal(fitted_on_files.predict_proba(paths), on_array.predict_proba(X))


def test_arrays_and_files_can_be_predicted_by_the_same_model(
    image_files: Any, fitted_on_files: Any
) -> None:
    paths, X, y = image_files
    assert fitted_on_files.image_shape_ == (12, 12, 1)
    assert fitted_on_files.n_features_in_ == 144
    assert_array_equal(fitted_on_files.predict_proba(paths), fitted_on_files.predict_proba(X))
    rows = X.reshape(60, -1)
    assert_array_equal(fitted_on_files.predict_proba(paths), fitted_on_files.predict_proba(rows))
    assert fitted_on_files.score(paths, y) > 0.9


@pytest.mark.parametrize(
    "form",
    [
        list,
        lambda paths: [Path(path) for path in paths],
        lambda paths: paths.reshape(-1, 1),
        pd.Series,
        lambda paths: pd.DataFrame({"path": paths}),
        lambda paths: np.array([Path(path) for path in paths]),
    ],
    ids=["list of str", "list of Path", "column", "Series", "DataFrame", "array of Path"],
)
def test_paths_come_in_many_forms(image_files: Any, fitted_on_files: Any, form: Any) -> None:
    paths, X, _ = image_files
    assert_array_equal(fitted_on_files.predict_proba(form(paths)), fitted_on_files.predict_proba(X))


def test_files_of_any_size_are_read_as_48_by_48(image_files: Any) -> None:
    paths, _, y = image_files
    clf = tiny_classifier(epochs=1).fit(paths[:6], y[:6])
    assert clf.image_shape_ == (48, 48, 1)
    assert clf.predict_proba(paths[:2]).shape == (2, 3)


def test_color_files(image_files: Any) -> None:
    paths, _, y = image_files
    clf = tiny_classifier(epochs=1, image_shape=np.array([12, 12, 3])).fit(paths[:6], y[:6])
    assert clf.image_shape_ == (12, 12, 3)
    with pytest.raises(ValueError, match="1 or 3 channels"):
        tiny_classifier(image_shape=(12, 12, 2)).fit(paths, y)


def test_validation_and_early_stopping_on_files(image_files: Any) -> None:
    paths, X, y = image_files
    params = {"image_shape": SHAPE, "epochs": 3}
    stopped = tiny_classifier(early_stopping=True, **params).fit(paths, y)
    assert len(stopped.history_["val_loss"]) == 3
    given = tiny_classifier(**params).fit(paths, y, X_val=paths[:10], y_val=y[:10])
    same = tiny_classifier(**params).fit(paths, y, X_val=X[:10], y_val=y[:10])
    assert given.history_["val_loss"] == same.history_["val_loss"]


def test_partial_fit_on_files(image_files: Any) -> None:
    paths, X, y = image_files
    on_files, on_arrays = tiny_classifier(image_shape=SHAPE), tiny_classifier()
    for part in (slice(0, 30), slice(30, 60)):
        on_files.partial_fit(paths[part], y[part], classes=[0, 1, 2])
        on_arrays.partial_fit(X[part], y[part], classes=[0, 1, 2])
    assert_array_equal(on_files.predict_proba(paths), on_arrays.predict_proba(X))


def test_files_are_cross_validated_and_oversampled(image_files: Any) -> None:
    paths, _, y = image_files
    clf = tiny_classifier(image_shape=SHAPE, epochs=20)
    assert cross_val_score(clf, paths, y, cv=2, error_score="raise").min() > 0.6
    sampler = RandomOverSampler(random_state=0)
    model = make_pipeline(sampler, clf).fit(paths[:50].reshape(-1, 1), y[:50])
    assert model.score(paths.reshape(-1, 1), y) > 0.9


def test_a_bad_file_ends_the_fit_with_its_name(image_files: Any, tmp_path: Path) -> None:
    paths, X, y = image_files
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(Path(paths[0]).read_bytes()[:60])
    clf = tiny_classifier(image_shape=SHAPE).fit(paths, y)
    before = clf.predict_proba(X)
    bomb = tmp_path / "bomb.png"
    Image.new("1", (8000, 8000)).save(bomb)  # 8 KB
    for bad, message in (
        (damaged, "cannot be decoded"),
        (tmp_path / "none.png", "no such file"),
        (bomb, "8000 x 8000 pixels, but at most 50,000,000"),
    ):
        spoiled = paths.astype(object)
        spoiled[40] = str(bad)
        with pytest.raises(ImageError, match=message) as caught:
            clf.fit(spoiled, y)
        assert str(caught.value).startswith(str(bad))
        assert_array_equal(clf.predict_proba(X), before)
    with pytest.raises(ImageError, match="no such file"):
        clf.predict([str(tmp_path / "none.png")])
    with pytest.raises(ImageError, match="at most 50,000,000"):
        clf.predict([str(bomb)])


def test_files_are_bytes_for_a_model_of_unit_floats(image_files: Any) -> None:
    paths, X, y = image_files
    clf = tiny_classifier(epochs=1).fit(X / 255, y)
    with pytest.raises(PixelScaleError, match="bytes"):
        clf.predict(paths)


@pytest.mark.parametrize("scale", ["standardised", "signed unit", "centred bytes"])
def test_files_are_bytes_for_a_model_of_other_floats(image_files: Any, scale: str) -> None:
    """Two pixels, 0 and 255, stood for the files, which tell little of such scales."""
    paths, X, y = image_files
    clf = tiny_classifier(epochs=1).fit(SCALES[scale](X), y)
    assert outcome(lambda: clf.predict(paths)) == expected(scale, "bytes")


def test_no_thread_outlives_a_fit(image_files: Any) -> None:
    paths, _, y = image_files
    tiny_classifier(image_shape=SHAPE, epochs=1).fit(paths, y)
    assert not [t for t in threading.enumerate() if t.name.startswith("ferclassifier-read")]
