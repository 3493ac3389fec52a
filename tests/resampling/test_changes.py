"""The random changes of images: each against its definition, and on the scale of the pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.ndimage import affine_transform

import pixel_scales
from ferclassifier.augmentation import PRESETS, AugmentationStrength
from ferclassifier.resampling import _changes
from ferclassifier.resampling._changes import _Changes, _warp, change_images
from helpers import patterns


def changed(
    X: Any, strength: AugmentationStrength | None = None, seed: int = 0, **strengths: float
) -> Any:
    """A changed copy of each image."""
    out = np.empty_like(X)
    strength = strength or AugmentationStrength(**strengths)
    change_images(X, np.arange(len(X)), strength, np.random.RandomState(seed), out)
    return out


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
    disc = (100.25 + 100 * (x**2 + y**2 < 64))[None, ..., None]  # not whole, so never rounded
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


SCALES = {
    **pixel_scales.SCALES,
    "float16": lambda x: x.astype(np.float16),
    "unit float16": lambda x: x.astype(np.float16) / np.float16(255),
    "multiplied": lambda x: x * (1 / 255),
    "16 bits": lambda x: x.astype(np.uint16) * 257,
    "signed": lambda x: x.astype(np.int16) - 128,
    "drawings": lambda x: (x > 100).astype(np.float32),
}
ANY_LEVEL = {"resized", "twice divided", "standardised", "signed unit", "16 bits"}


@pytest.mark.parametrize("scale", SCALES)
def test_copies_have_the_levels_of_the_images(scale: str) -> None:
    """Copies of bytes as floats left [0, 255] and were not whole: a model could tell them."""
    X = patterns()[0]
    X[:, 0, :2] = 0, 255  # as in any data set
    X = SCALES[scale](X)[..., None]
    copies = changed(X, AugmentationStrength(0.5, 180, 0.9, 1.0, 1.0, 5.0, 1.0))
    assert copies.dtype == X.dtype
    if scale not in ("resized", "twice divided"):  # whose ends are those of bytes and unit floats
        assert (copies.min(), copies.max()) == (X.min(), X.max())
    assert copies.min() >= min(0, X.min())
    assert copies.max() <= max(255, X.max())
    if scale not in ANY_LEVEL:
        levels = SCALES[scale](np.arange(256, dtype=np.uint8)).astype(np.float64)
        distances = np.abs(copies.reshape(-1, 1) - levels).min(axis=1)
        assert distances.max() <= (np.finfo(X.dtype).eps if X.dtype.kind == "f" else 0)


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
