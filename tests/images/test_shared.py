"""Images that also stand among others are found, whatever form they are in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from PIL import Image

from ferclassifier.exceptions import ImageError
from ferclassifier.images import _shared
from ferclassifier.images._shared import KnownImages, short_digests, stands_in
from helpers import patterns
from pil_images import in_all_forms

X = patterns(20)[0]
TRAIN = np.concatenate([patterns(30, seed=1)[0], X[[2, 2, 5]]])
EXPECTED = np.isin(np.arange(20), [2, 5])

FORMS = {
    "images": lambda X: X,
    "channel": lambda X: X[..., None],
    "rows": lambda X: X.reshape(len(X), -1),
    "frame": lambda X: pd.DataFrame(X.reshape(len(X), -1)),
    "list": lambda X: X.tolist(),
    "float bytes": lambda X: X.astype(np.float32),
    "int": lambda X: X.astype(np.int64),
    "unit": lambda X: X / np.float32(255),
    "unit rows": lambda X: X.reshape(len(X), -1) / 255,
    "view": lambda X: np.repeat(X, 2, axis=0)[::2],
    "fortran": np.asfortranarray,
    "Series": lambda X: pd.Series(list(X)),
    "decoded": in_all_forms,
    "Series of decoded": lambda X: pd.Series(in_all_forms(X)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("train_form", ["images", "unit rows", "float bytes"])
def test_every_form(form: str, train_form: str) -> None:
    assert_array_equal(stands_in(FORMS[form](X), FORMS[train_form](TRAIN)), EXPECTED)
    assert_array_equal(stands_in(FORMS[train_form](X), FORMS[form](TRAIN)), EXPECTED)


def test_standardised_images() -> None:
    def standardised(images: Any) -> Any:
        return (images - 100.0) / 60

    assert_array_equal(stands_in(standardised(X), standardised(TRAIN)), EXPECTED)
    assert_array_equal(stands_in(standardised(X[:3]), standardised(TRAIN)), EXPECTED[:3])
    wider = np.array([[[-1.0, 2.0]]])  # not to be cut off at the ends of the others
    assert not stands_in(np.array([[[-1.0, 1.5]]]), wider).any()
    with pytest.raises(ImageError, match=r"taken as they come, and .* bytes in \[0, 255\]"):
        stands_in(standardised(X), TRAIN)


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(0, 9), st.integers(1, 4))
def test_is_what_comparing_all_pairs_finds(n: int, n_train: int, n_pixels: int) -> None:
    rng = np.random.default_rng([n, n_train, n_pixels])
    images = rng.integers(0, 3, (n, 1, n_pixels), dtype=np.uint8)
    train = rng.integers(0, 3, (n_train, 1, n_pixels), dtype=np.uint8)
    expected = [any((image == other).all() for other in train) for image in images]
    assert_array_equal(stands_in(images, train), np.array(expected, dtype=bool))


def test_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_shared, "_IMAGES_PER_PART", 3)
    assert_array_equal(stands_in(X, TRAIN), EXPECTED)


def test_one_pixel_makes_another_image() -> None:
    other = X.copy()
    other[:, 7, 7] ^= 1
    assert not stands_in(X, other).any()


def test_colours() -> None:
    colours = np.stack([X, X, X], axis=-1)
    assert stands_in(colours, colours.reshape(20, -1)).all()
    other = colours.copy()
    other[..., 2] ^= 1
    assert not stands_in(colours, other).any()


def test_rows_of_images_that_are_no_squares() -> None:
    images = X.reshape(20, 8, 18)
    assert stands_in(images.reshape(20, -1), images).all()


def test_rows_of_which_nobody_knows_the_shape() -> None:
    rows = X[:, :, 1:].reshape(20, -1)
    assert stands_in(rows, rows[:3]).tolist() == [True] * 3 + [False] * 17
    colours = np.stack([X, X, X], axis=-1)
    assert stands_in(colours.reshape(20, -1), colours.reshape(20, -1)).all()


def test_files_beside_rows_that_make_no_square(tmp_path: Path) -> None:
    """The files were read as images of one line."""
    Image.fromarray(X[0]).save(tmp_path / "0.png")
    with pytest.raises(ImageError, match="rows of 132 pixels"):
        stands_in([tmp_path / "0.png"], X[:, :, 1:].reshape(20, -1))


def test_files(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(20)]
    for path, image in zip(paths, X, strict=True):
        Image.fromarray(image).save(path)
    assert_array_equal(stands_in(paths, TRAIN), EXPECTED)
    assert_array_equal(stands_in(TRAIN[-3:], np.array(paths, dtype=str)[:, None]), [True] * 3)
    assert_array_equal(stands_in(paths, list(map(str, paths[:4]))), np.arange(20) < 4)


def test_nothing_stands_in_no_images() -> None:
    assert_array_equal(stands_in(X / 255, np.empty((0, 12, 12))), np.zeros(20, dtype=bool))


@pytest.mark.parametrize(
    "other", [X[:, 1:], np.stack([X] * 3, axis=-1), X.reshape(20, -1)[:, 1:], X[..., :-1, None]]
)
def test_shapes_must_agree(other: Any) -> None:
    with pytest.raises(ImageError, match=r"Got images of shape \(12, 12\) and training images of"):
        stands_in(X, other)


@pytest.mark.parametrize("form", [X, X / 255, X.astype(float), X.reshape(20, -1), X[..., None]])
def test_images_of_which_digests_are_known(form: Any) -> None:
    known = KnownImages(short_digests(TRAIN), (12, 12, 1), "were seen")
    assert known.name == f"the {len(TRAIN)} images that were seen"
    assert_array_equal(known.find(form), EXPECTED)


@pytest.mark.parametrize("form", [X[:, 1:], np.stack([X] * 3, axis=-1), X / 50 - 1])
def test_images_of_another_form_cannot_be_known(form: Any) -> None:
    assert KnownImages(short_digests(TRAIN), (12, 12, 1), "were seen").find(form) is None


def test_known_files(tmp_path: Path) -> None:
    for i in range(5):
        Image.fromarray(X[i]).save(tmp_path / f"{i}.png")
    known = KnownImages(short_digests(X[:3]), (12, 12, 1), "were seen")
    found = known.find([tmp_path / f"{i}.png" for i in range(5)])
    assert_array_equal(found, [True] * 3 + [False] * 2)


def test_what_is_no_batch_of_images() -> None:
    with pytest.raises(ImageError, match="expected rows"):
        stands_in(np.arange(5), np.arange(5))
