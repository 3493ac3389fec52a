"""The contract of an image array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferclassifier._arrays import PixelScale, as_images, image_shape_of, release_pages
from ferclassifier.exceptions import ImageError


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([1, 3]))
def test_an_explicit_shape_makes_images_of_rows(height: int, width: int, channels: int) -> None:
    rows = np.arange(2 * height * width * channels).reshape(2, -1)
    shape = image_shape_of(rows.shape, (height, width, channels))
    assert shape == (height, width, channels)
    images = as_images(rows, shape)
    assert np.shares_memory(images, rows)
    assert (images.reshape(2, -1) == rows).all()


@given(st.integers(1, 500))
def test_rows_become_squares_or_lines(pixels: int) -> None:
    height, width, channels = image_shape_of((3, pixels))
    assert (height * width, channels) == (pixels, 1)
    assert height == width or height == 1
    assert image_shape_of((3, pixels**2)) == (pixels, pixels, 1)


@pytest.mark.parametrize("shape", [(5,), (2, 3, 4, 5, 3), (2, 8, 8, 4), (2, 3, 8, 8)])
def test_no_batch_of_images(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match=r"Got"):
        image_shape_of(shape)


@pytest.mark.parametrize(
    ("pixels", "kind"),
    [
        (np.array([[0, 255]], np.uint8), "bytes"),
        (np.array([[0, 255]], np.int64), "bytes"),
        (np.array([[-1, 255]]), "raw"),
        (np.array([[0, 256]]), "raw"),
        (np.array([[0.0, 1.0]]), "unit"),
        (np.array([[0.0, 255.0]]), "raw"),
        (np.array([[-0.1, 0.9]]), "raw"),
        (np.array([[True, False]]), "unit"),
    ],
)
def test_scales(pixels: Any, kind: str) -> None:
    assert PixelScale.of(pixels).kind == kind


def test_scales_meet_on_the_same_range() -> None:
    for pixels in (np.array([[0, 255]], np.uint8), np.array([[0.0, 1.0]])):
        factor, offset = PixelScale.of(pixels).factor_and_offset
        assert np.allclose(pixels * factor + offset, [[-1, 1]])


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_released_pages_can_be_read_again(tmp_path: Any, mode: Any) -> None:
    written = np.memmap(tmp_path / "X", dtype=np.uint8, mode="w+", shape=(64, 4096))
    written[:] = 7
    written.flush()
    mapped = np.memmap(tmp_path / "X", dtype=np.uint8, mode=mode, shape=(64, 4096))
    if mode == "c":
        mapped[3] = 9
    release_pages(np.asarray(mapped).reshape(64, 64, 64))
    assert (mapped[5] == 7).all()
    assert (mapped[3] == (9 if mode == "c" else 7)).all()
    release_pages(np.zeros(3))
