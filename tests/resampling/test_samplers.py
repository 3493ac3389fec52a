"""Samplers add changed copies of images, in any form, and act in training only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from numpy.testing import assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from ferclassifier import AugmentingOverSampler, ImageAugmenter
from ferclassifier.exceptions import ImageError
from helpers import patterns, tiny_classifier
from pil_images import in_all_forms


def unbalanced(n_samples: int = 60, **kwargs: Any) -> Any:
    """Patterns of which the third class has a fifth of the images of the others."""
    X, y = patterns(n_samples, **kwargs)
    kept = np.flatnonzero((y != 2) | (np.arange(n_samples) % 5 == 0))
    return X[kept], y[kept]


FORMS = {
    "images": lambda X: X,
    "gray channel": lambda X: X[..., None],
    "colors": lambda X: np.repeat(X[..., None], 3, axis=3),
    "rows": lambda X: X.reshape(len(X), -1),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64, np.int64])
def test_every_form_and_dtype_is_kept(form: str, dtype: Any) -> None:
    X, y = unbalanced()
    X = FORMS[form](X).astype(dtype)
    for sampler in (AugmentingOverSampler(random_state=0), ImageAugmenter(random_state=0)):
        X_new, y_new = sampler.fit_resample(X, y)
        assert X_new.dtype == dtype
        assert X_new.shape == (len(y_new), *X.shape[1:])
        assert sampler.n_features_in_ == X[0].size
        assert_array_equal(X_new[: len(X)], X)
        assert_array_equal(y_new, y[sampler.sample_indices_])


@pytest.mark.parametrize("container", [list, tuple, pd.Series])
@pytest.mark.parametrize("sampler", [AugmentingOverSampler, ImageAugmenter])
def test_images_to_be_decoded_are_decoded(sampler: Any, container: Any) -> None:
    """NumPy made pixels of PIL images, whatever the numbers in them mean."""
    X, y = unbalanced()
    X_new, y_new = sampler(random_state=0).fit_resample(X, y)
    decoding = sampler(random_state=0, image_shape=(12, 12))
    images, labels = decoding.fit_resample(container(in_all_forms(X)), y)
    assert images.dtype == np.uint8
    assert_array_equal(images, X_new)
    assert_array_equal(labels, y_new)
    assert sampler().fit_resample(in_all_forms(X), y)[0].shape[1:] == (48, 48)
    assert decoding.fit(container(in_all_forms(X)), y).n_features_in_ == 144


@pytest.mark.parametrize("container", [list, tuple, pd.Series])
def test_arrays_in_a_container_are_a_batch(container: Any) -> None:
    X, y = unbalanced()
    images, _ = AugmentingOverSampler(random_state=0).fit_resample(container(list(X)), y)
    assert_array_equal(images, AugmentingOverSampler(random_state=0).fit_resample(X, y)[0])


def test_rows_and_images_are_changed_alike() -> None:
    X, y = unbalanced()
    as_images, _ = AugmentingOverSampler(random_state=0).fit_resample(X, y)
    as_rows, _ = AugmentingOverSampler(random_state=0).fit_resample(X.reshape(len(X), -1), y)
    assert_array_equal(as_rows.reshape(as_images.shape), as_images)


@pytest.mark.parametrize("sampler", [AugmentingOverSampler, ImageAugmenter])
def test_rows_that_are_no_squares(sampler: Any) -> None:
    """As images of one line they were mirrored whole, which turned the picture upside down."""
    X, y = unbalanced()
    colours = np.stack([X, X // 2, 255 - X], axis=3)
    mirror = {"strength": {"flip": 1.0}, "random_state": 0}
    rows, _ = sampler(**mirror).fit_resample(colours.reshape(len(X), -1), y)
    expected, _ = sampler(**mirror).fit_resample(colours, y)
    assert_array_equal(rows.reshape(expected.shape), expected)
    wide = X[:, :10].reshape(len(X), -1)
    with pytest.raises(ImageError, match=r"rows of 120 pixels.*image_shape"):
        sampler(**mirror).fit_resample(wide, y)
    rows, _ = sampler(**mirror, image_shape=(10, 12)).fit_resample(wide, y)
    expected, _ = sampler(**mirror).fit_resample(X[:, :10], y)
    assert_array_equal(rows.reshape(expected.shape), expected)


@pytest.mark.parametrize("sampler", [AugmentingOverSampler, ImageAugmenter])
def test_copies_of_float_bytes_are_those_of_bytes(sampler: Any) -> None:
    """pandas makes floats of bytes unasked, and the copies had levels that no byte has."""
    X, y = unbalanced()
    rows = X.reshape(len(X), -1)
    expected, _ = sampler(random_state=0).fit_resample(rows, y)
    for form in (pd.DataFrame(rows, dtype=float), rows.astype(np.float32)):
        copies, _ = sampler(random_state=0).fit_resample(form, y)
        assert_array_equal(np.asarray(copies), expected)


def test_a_frame_stays_a_frame() -> None:
    X, y = unbalanced()
    frame = pd.DataFrame(X.reshape(len(X), -1)).add_prefix("pixel")
    X_new, y_new = AugmentingOverSampler(random_state=0).fit_resample(frame, pd.Series(y, name="e"))
    assert list(X_new.columns) == list(frame.columns)
    assert (X_new.dtypes == np.uint8).all()
    assert y_new.name == "e"


def test_classes_are_filled_with_changed_copies_of_their_own() -> None:
    X, y = unbalanced()
    sampler = AugmentingOverSampler(random_state=0)
    X_new, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [20, 20, 20]
    copies = sampler.sample_indices_[len(X) :]
    assert set(y[copies]) == {2}
    # each of the images is taken equally often, and no copy equals another image
    assert np.ptp(np.bincount(copies, minlength=len(y))[y == 2]) == 0
    rows = X_new.reshape(len(X_new), -1)
    assert len(np.unique(rows[y_new == 2], axis=0)) == 20


def test_sampling_strategies_of_imbalanced_learn() -> None:
    X, y = unbalanced()
    _, y_new = AugmentingOverSampler(sampling_strategy={2: 11}, random_state=0).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [20, 20, 11]
    _, y_new = AugmentingOverSampler(sampling_strategy="all").fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [20, 20, 20]
    with pytest.raises(ValueError, match="sampling_strategy"):
        AugmentingOverSampler(sampling_strategy="most").fit_resample(X, y)


@pytest.mark.parametrize(("factor", "n_samples"), [(1, 44), (1.5, 66), (3, 132)])
def test_an_augmenter_enlarges_by_its_factor(factor: float, n_samples: int) -> None:
    X, y = unbalanced()
    sampler = ImageAugmenter(factor, random_state=0)
    X_new, _ = sampler.fit_resample(X, y)
    assert len(X_new) == n_samples
    assert np.ptp(np.bincount(sampler.sample_indices_)) <= 1


def test_seeds() -> None:
    X, y = unbalanced()
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again, other = (
        AugmentingOverSampler(random_state=seed).fit_resample(X, y)[0] for seed in (0, 0, 1)
    )
    assert_array_equal(first, again)
    assert (first != other).any()
    assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_bad_parameters_say_what_is_expected() -> None:
    X, y = unbalanced()
    with pytest.raises(ValueError, match="'strength' parameter"):
        AugmentingOverSampler(strength="hard").fit_resample(X, y)
    with pytest.raises(ValueError, match="expected only"):
        ImageAugmenter(strength={"rotate": 5}).fit_resample(X, y)
    with pytest.raises(ValueError, match="'factor' parameter"):
        ImageAugmenter(factor=0.5).fit_resample(X, y)
    with pytest.raises(ValueError, match="needs 100"):
        ImageAugmenter(image_shape=(10, 10)).fit_resample(X.reshape(len(X), -1), y)


def test_in_a_pipeline_they_act_in_training_only() -> None:
    X, y = unbalanced(100)
    rows = X.reshape(len(X), -1)
    for sampler in (AugmentingOverSampler(random_state=0), ImageAugmenter(3, random_state=0)):
        model = make_pipeline(sampler, LogisticRegression(max_iter=500))
        predicted = cross_val_predict(model, rows, y, cv=2)
        assert len(predicted) == len(y)
        assert (predicted == y).mean() > 0.9


@pytest.mark.parametrize(
    "sampler",
    [
        AugmentingOverSampler(random_state=0),
        RandomOverSampler(random_state=0),
        RandomUnderSampler(random_state=0),
        SMOTE(k_neighbors=2, random_state=0),
    ],
    ids=lambda sampler: type(sampler).__name__,
)
def test_samplers_work_on_rows_in_front_of_a_network(sampler: Any) -> None:
    X, y = unbalanced(90)
    rows = X.reshape(len(X), -1)
    model = make_pipeline(sampler, tiny_classifier(epochs=30)).fit(rows, y)
    assert model[-1].pixel_scale_.kind == "bytes"
    assert model.score(rows, y) > 0.9
