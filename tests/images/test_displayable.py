"""Images in any form become bytes that can be looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferclassifier.exceptions import ImageError
from ferclassifier.images._displayable import displayable
from ferclassifier.images._pixel_scale import PixelScale
from helpers import patterns

X = patterns(4)[0]


def test_bytes_are_not_copied() -> None:
    assert np.shares_memory(displayable(X), X)
    assert np.shares_memory(displayable(X[..., np.newaxis]), X)


@pytest.mark.parametrize(
    "form",
    [X.astype(int), X / 255, X.reshape(4, -1), X[..., None] / np.float32(255), X.tolist()],
    ids=["int", "unit", "rows", "channel", "list"],
)
def test_every_form_gives_the_same_bytes(form: object) -> None:
    shown = displayable(form)  # type: ignore[arg-type]
    assert shown.dtype == np.uint8
    np.testing.assert_array_equal(shown, X)


def test_other_floats_are_stretched_from_black_to_white() -> None:
    shown = displayable((X - 100.0) / 50)
    assert (shown.min(), shown.max()) == (0, 255)
    order = np.argsort(X[0].ravel(), kind="stable")
    assert np.all(np.diff(shown[0].ravel()[order].astype(int)) >= 0)


def test_constant_floats_are_black() -> None:
    assert not displayable(np.full((1, 3, 3), -7.0)).any()


def test_float_copies_of_bytes_are_bytes() -> None:
    """Also of images that have neither black nor white."""
    middling = np.clip(X, 50, 150)
    np.testing.assert_array_equal(displayable(middling.astype(np.float32)), middling)


def test_a_scale_can_be_given() -> None:
    scale = PixelScale("raw", -1.0, 1.0)
    np.testing.assert_array_equal(displayable(np.zeros((1, 2, 2)), scale=scale), 128)


def test_colours_stay() -> None:
    assert displayable(np.zeros((2, 5, 4, 3), dtype=np.uint8)).shape == (2, 5, 4, 3)


def test_rows_take_the_shape_that_is_given() -> None:
    assert displayable(np.zeros((2, 12), dtype=np.uint8), (3, 4)).shape == (2, 3, 4)


def test_rows_show_squares() -> None:
    """They were shown as a line of pixels."""
    colours = np.stack([X, X // 2, 255 - X], axis=3)
    np.testing.assert_array_equal(displayable(colours.reshape(4, -1)), colours)
    with pytest.raises(ImageError, match=r"rows of 120 pixels.*image_shape"):
        displayable(X[:, :10].reshape(4, -1))


def test_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "face.png"
    Image.fromarray(X[0]).save(path)
    np.testing.assert_array_equal(displayable([path], (12, 12)), X[:1])
    assert displayable([str(path)]).shape == (1, 48, 48)


def test_what_is_no_batch_of_images_is_refused() -> None:
    with pytest.raises(ImageError, match="expected rows"):
        displayable(np.zeros(3))
