"""Samplers that change images, and the changes themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from numpy.testing import assert_allclose, assert_array_equal
from scipy.ndimage import affine_transform
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from ferclassifier import AugmentingOverSampler, ImageAugmenter
from ferclassifier.augmentation import PRESETS, AugmentationStrength
from ferclassifier.resampling import _changes
from ferclassifier.resampling._changes import _Changes, _warp, change_images
from helpers import patterns, tiny_classifier


def unbalanced(n_samples: int = 60, **kwargs: Any) -> Any:
    """Patterns of which the third class has a fifth of the images of the others."""
    X, y = patterns(n_samples, **kwargs)
    kept = np.flatnonzero((y != 2) | (np.arange(n_samples) % 5 == 0))
    return X[kept], y[kept]


def changed(
    X: Any, strength: AugmentationStrength | None = None, seed: int = 0, **strengths: float
) -> Any:
    """A changed copy of each image."""
    out = np.empty_like(X)
    strength = strength or AugmentationStrength(**strengths)
    change_images(X, np.arange(len(X)), strength, np.random.RandomState(seed), out)
    return out


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


def test_rows_and_images_are_changed_alike() -> None:
    X, y = unbalanced()
    as_images, _ = AugmentingOverSampler(random_state=0).fit_resample(X, y)
    as_rows, _ = AugmentingOverSampler(random_state=0).fit_resample(X.reshape(len(X), -1), y)
    assert_array_equal(as_rows.reshape(as_images.shape), as_images)


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


def test_the_warp_is_scipys() -> None:
    """Bilinear, about the centre, with the nearest pixel outside."""
    rng = np.random.RandomState(0)
    X = rng.uniform(size=(9, 7, 10, 2))
    changes = _Changes.draw(9, AugmentationStrength(0.5, 40, 0.3, 0.3), X.shape[1:3], rng)
    sides = np.array(X.shape[1:3])
    for image, warped, linear, shift in zip(
        X, _warp(X, changes), changes.linear, changes.shift, strict=True
    ):
        centre = (sides - 1) / 2
        offset = centre + shift - linear @ centre
        for channel in range(2):
            expected = affine_transform(
                image[..., channel], linear, offset, order=1, mode="nearest"
            )
            assert_allclose(warped[..., channel], expected, atol=1e-12)


def test_a_mirror_image_alone() -> None:
    X = np.random.default_rng(0).integers(0, 256, (40, 6, 5, 1), dtype=np.uint8)
    mirrored = (changed(X, flip=0.5) != X).any(axis=(1, 2, 3))
    assert 5 < mirrored.sum() < 35
    assert_array_equal(changed(X, flip=1.0), X[:, :, ::-1])


def test_nothing_is_interpolated_without_rotation_and_zoom() -> None:
    """What is blurred would tell copies from originals."""
    X = np.zeros((200, 9, 8, 1), dtype=np.uint8)
    X[:, 4, 4] = 200
    moved = changed(X, flip=0.5, shift=0.25)
    assert_array_equal(np.unique(moved), [0, 200])
    assert len(np.unique(moved.reshape(200, -1), axis=0)) > 10
    assert not PRESETS["sharp"].interpolates


def test_the_changes_reach_as_far_as_they_may() -> None:
    """A disc is moved by the shift, grown and shrunk by the zoom, and lit by the brightness."""
    side = 41
    y, x = np.mgrid[:side, :side] - side // 2
    disc = (100.0 + 100 * (x**2 + y**2 < 64))[None, ..., None]
    X = np.repeat(disc, 400, axis=0).astype(np.float32)

    def column(images: Any) -> Any:
        weight = images[..., 0] - images.min(axis=(1, 2, 3))[:, None, None]
        return (weight * x).sum(axis=(1, 2)) / weight.sum(axis=(1, 2))

    moved = column(changed(X, shift=0.1))
    assert_allclose([moved.min(), moved.max()], [-4, 4], atol=1e-5)
    area = (changed(X, zoom=0.2)[..., 0] > 150).sum(axis=(1, 2)) / (disc > 150).sum()
    assert_allclose([area.min(), area.max()], [1.2**-2, 0.8**-2], rtol=0.1)
    shift = (changed(X, brightness=0.5) - X).mean(axis=(1, 2, 3)) / X[0].std()
    assert_allclose([shift.min(), shift.max()], [-0.5, 0.5], atol=0.01)
    contrast = changed(X, contrast=0.3).std(axis=(1, 2, 3)) / X[0].std()
    assert_allclose([contrast.min(), contrast.max()], [0.7, 1.3], atol=0.01)
    erased = (changed(X, erasing=0.25) != X).any(axis=(1, 2, 3)).mean()
    assert 0.15 < erased < 0.35


@settings(max_examples=50, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 20), st.integers(1, 20), st.sampled_from([1, 3])),
    unit=st.booleans(),
    seed=st.integers(0, 2**31),
)
def test_pixels_stay_on_their_scale(shape: tuple[int, ...], unit: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.uniform(size=(4, *shape)) if unit else rng.integers(0, 256, (4, *shape), np.uint8)
    strength = AugmentationStrength(0.5, 180, 0.9, 1.0, 1.0, 5.0, 1.0)
    result = changed(X, strength, seed % 1000)
    assert result.dtype == X.dtype
    assert result.min() >= 0
    assert result.max() <= (1 if unit else 255)


def test_copies_do_not_depend_on_how_many_are_made_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    X = np.random.default_rng(0).integers(0, 256, (10, 48, 48, 1), dtype=np.uint8)
    strength = AugmentationStrength(0.5, 10, 0.1, 0.1, 0.1, 0.1, 0.5)
    in_blocks = changed(X, strength)
    monkeypatch.setattr(_changes, "_PIXELS_PER_BLOCK", 1)
    assert_array_equal(changed(X, strength), in_blocks)


def test_a_constant_image_stays_constant() -> None:
    X = np.full((20, 9, 9, 1), 77, dtype=np.uint8)
    assert_array_equal(changed(X, PRESETS["light"]), X)
