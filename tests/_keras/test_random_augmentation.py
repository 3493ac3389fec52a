"""The random changes of a batch, each against its definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from ferclassifier._keras.random_augmentation import RandomAugmentation


def augmented(images: Any, **strength: float) -> Any:
    return np.asarray(RandomAugmentation(strength, seed=0)(images, training=True))


@pytest.fixture
def images() -> Any:
    return np.random.default_rng(0).uniform(-1, 1, (64, 12, 12, 1)).astype("float32")


class TestRandomAugmentation:
    def test_acts_in_training_only(self, images: Any) -> None:
        layer = RandomAugmentation({"flip": 0.5, "rotation": 20, "erasing": 1.0}, seed=0)
        assert_array_equal(np.asarray(layer(images, training=False)), images)
        assert np.abs(np.asarray(layer(images, training=True)) - images).max() > 0.1

    def test_flip_is_the_mirror_image_of_about_half(self, images: Any) -> None:
        changed = augmented(images, flip=0.5)
        same = np.isclose(changed, images, atol=1e-5).all(axis=(1, 2, 3))
        mirrored = np.isclose(changed, images[:, :, ::-1], atol=1e-5).all(axis=(1, 2, 3))
        assert (same | mirrored).all()
        assert 16 < mirrored.sum() < 48

    def test_shift_moves_whole_images(self) -> None:
        spot = np.zeros((64, 21, 21, 1), dtype="float32")
        spot[:, 10, 10] = 1
        changed = augmented(spot, shift=0.2)
        assert_allclose(changed.sum(axis=(1, 2, 3)), 1, atol=1e-4)  # nothing is lost in between
        centres = np.array(
            [np.unravel_index(image.argmax(), (21, 21)) for image in changed[..., 0]]
        )
        assert np.abs(centres - 10).max() in (4, 5)
        assert len(np.unique(centres, axis=0)) > 20

    def test_rotation_and_zoom_keep_the_centre(self) -> None:
        spot = np.zeros((32, 21, 21, 1), dtype="float32")
        spot[:, 8:13, 8:13] = 1
        changed = augmented(spot, rotation=45, zoom=0.3)
        assert_allclose(changed[:, 10, 10, 0], 1, atol=1e-5)
        areas = changed.sum(axis=(1, 2, 3))
        assert areas.min() < 20 < 30 < areas.max()

    def test_brightness_and_contrast_change_mean_and_spread(self, images: Any) -> None:
        brighter = augmented(images, brightness=0.5)
        shifts = (brighter - images).mean(axis=(1, 2, 3)) / images.std(axis=(1, 2, 3))
        assert np.abs(shifts).max() <= 0.5 + 1e-4
        assert shifts.std() > 0.2
        stretched = augmented(images, contrast=0.5)
        assert_allclose(stretched.mean(axis=(1, 2, 3)), images.mean(axis=(1, 2, 3)), atol=1e-5)
        ratios = stretched.std(axis=(1, 2, 3)) / images.std(axis=(1, 2, 3))
        assert 0.49 < ratios.min() < 0.7
        assert 1.3 < ratios.max() < 1.51

    def test_erasing_fills_a_rectangle_with_the_mean(self, images: Any) -> None:
        changed = augmented(images, erasing=1.0)
        erased = np.isclose(changed, images.mean(axis=(1, 2, 3), keepdims=True), atol=1e-6)
        shares = erased.mean(axis=(1, 2, 3))
        assert shares.max() <= 0.45**2
        assert (shares > 0).mean() > 0.8
        assert (np.isclose(changed, images, atol=1e-6) | erased).all()
