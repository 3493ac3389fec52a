"""Arrays in lists and columns, strings of pixel values, and shapes that need a word."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from ferclassifier import ImageReader, ImageResizer
from ferclassifier.exceptions import ImageError, SingleImageError
from helpers import patterns, tiny_classifier

X, Y = patterns(30)
STRINGS = [" ".join(map(str, image.ravel())) for image in X]

CONTAINERS = {
    "list of arrays": list,
    "tuple of arrays": tuple,
    "Series of arrays": lambda images: pd.Series(list(images)),
    "Series of rows": lambda images: pd.Series([image.ravel() for image in images]),
    "Series of lists": lambda images: pd.Series([image.tolist() for image in images]),
    "Series of arrays of arrays": lambda images: pd.Series(
        [np.array([*map(np.array, image), None], dtype=object)[:-1] for image in images]
    ),
    "DataFrame of arrays": lambda images: pd.DataFrame({"face": list(images)}),
    "lists of lists": lambda images: images.tolist(),
    "list of arrays with a channel": lambda images: [image[..., None] for image in images],
    "Series of strings": lambda images: pd.Series(STRINGS[: len(images)]),
    "DataFrame of strings": lambda images: pd.DataFrame({"pixels": STRINGS[: len(images)]}),
    "list of strings": lambda images: STRINGS[: len(images)],
    "strings with commas": lambda images: [
        f"[{text.replace(' ', ', ')}]" for text in STRINGS[: len(images)]
    ],
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_arrays_and_strings_of_pixels_are_a_batch(fitted: Any, name: str) -> None:
    """They were numbers that cannot be read, in a message of all their pixels."""
    images = CONTAINERS[name](X)
    assert_array_equal(fitted.predict_proba(images), fitted.predict_proba(X))
    assert fitted.score(images, Y) == fitted.score(X, Y)


@pytest.mark.parametrize("name", ["Series of arrays", "Series of strings", "list of arrays"])
def test_a_fit_on_them_is_a_fit_on_the_array(name: str) -> None:
    clf = tiny_classifier(epochs=1).fit(CONTAINERS[name](X), Y)
    assert clf.image_shape_ == (12, 12, 1)
    assert clf.pixel_scale_.kind == "bytes"
    assert clf.history_["loss"] == tiny_classifier(epochs=1).fit(X, Y).history_["loss"]


@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        (STRINGS[3] + " 1", "Image 3: got 145 pixel values, but 144 in the first"),
        (STRINGS[3].rpartition(" ")[0], "Image 3: got 143 pixel values"),
        (STRINGS[3] + " 256", "Image 3: got '.*', but expected .* from 0 to 255"),
        ("-1 " + STRINGS[3], "Image 3: got '.*', but expected"),
        ("0.5 " + STRINGS[3], "Image 3: got '.*', but expected"),
        (STRINGS[3][:-3] + "x", "Image 3: got '.*', but expected"),
        ("9" * 9000, "Image 3: got '9+.*9+', but expected"),
        ("", "Image 3: got '', but expected"),
        (np.nan, "Image 3: got nan, but expected"),
    ],
    ids=range(9),
)
def test_strings_that_are_no_pixels(fitted: Any, spoiled: Any, message: str) -> None:
    column = pd.Series([*STRINGS[:3], spoiled, *STRINGS[4:]])
    for call in (fitted.predict, lambda column: tiny_classifier().fit(column, Y)):
        with pytest.raises(ImageError, match=f"^{message}.*load_fer2013") as caught:
            call(column)
        assert len(str(caught.value)) < 300


def test_a_table_of_fer2013_is_no_table_of_pixels(fitted: Any) -> None:
    """The message held all the pixels of a row."""
    table = pd.DataFrame({"emotion": Y, "pixels": STRINGS, "Usage": "Training"})
    for call in (fitted.predict, lambda X: tiny_classifier().fit(X, Y), ImageResizer().fit):
        with pytest.raises(ImageError, match=r"'emotion', 'pixels' and 'Usage'.*X\['pixels'\]"):
            call(table)
    faces = pd.DataFrame({"age": Y, "face": list(X)})
    with pytest.raises(ImageError, match=r"'age' and 'face'.*X\['face'\]"):
        fitted.predict(faces)
    with pytest.raises(ImageError, match=r"'age' and 'path'.*X\['path'\]"):
        fitted.predict(pd.DataFrame({"age": Y, "path": "a.png"}))


@pytest.mark.parametrize(
    "images",
    [
        [np.zeros((12 + i, 12), np.uint8) for i in range(9)],
        pd.Series([np.zeros((12, 12 + i), np.uint8) for i in range(9)]),
        [np.zeros((12 + i, 12), int).tolist() for i in range(9)],
        [*X[:2], np.zeros((12, 12, 3), np.uint8)],
        [*X[:2], None],
    ],
    ids=["list", "Series", "lists", "gray and colour", "missing"],
)
def test_crops_of_several_sizes_need_a_reader(fitted: Any, images: Any) -> None:
    """NumPy's message was of a sequence and an inhomogeneous shape."""
    labels = np.arange(len(images)) % 2
    for call in (
        fitted.predict,
        lambda images: tiny_classifier().fit(images, labels),
        ImageResizer((12, 12)).fit,
    ):
        with pytest.raises(ImageError, match=r"Got images of the shapes .*ImageReader") as caught:
            call(images)
        assert len(str(caught.value)) < 300


def test_a_reader_brings_crops_to_one_size(fitted: Any) -> None:
    crops = [X[0], X[1][:9, 2:], np.repeat(X[2][..., None], 3, axis=-1)]
    assert fitted.predict(ImageReader((12, 12)).transform(crops)).shape == (3,)


@pytest.mark.parametrize(
    "shape", [(12, 12), (12, 12, 1), (12, 12, 3), (12, 12, 4), (144,), ()], ids=str
)
def test_one_array_without_an_axis_of_images(fitted: Any, shape: tuple[int, ...]) -> None:
    """A face of 12 by 12 pixels was 12 rows, or 12 images, of another size."""
    image = np.full(shape, 100, np.uint8)
    remedy = r"into a list: \[image\]" if len(shape) > 1 else r"X\.reshape\(1, -1\)"
    with pytest.raises(SingleImageError, match=remedy):
        fitted.predict(image)


def test_one_row_in_a_list_or_a_series(fitted: Any) -> None:
    for row in (X[0].ravel().tolist(), pd.Series(X[0].ravel())):
        with pytest.raises(SingleImageError, match=r"shape \(144,\).*X\.reshape\(1, -1\)"):
            fitted.predict(row)


@pytest.mark.parametrize(
    ("images", "remedy"),
    [
        (np.zeros((2, 12, 12, 3), np.uint8), r"gray: ImageReader\(\(12, 12\)\)\.transform\(X\)"),
        (np.zeros((2, 12, 12, 4), np.uint8), r"ImageReader\(\(12, 12\), channels=3\)"),
        (np.zeros((2, 3, 12, 12), np.uint8), r"np\.moveaxis\(X, 1, -1\)"),
        (np.zeros((2, 1, 12, 12), np.uint8), r"np\.moveaxis\(X, 1, -1\)"),
        (np.zeros((2, 12, 12, 2), np.uint8), "channels"),
        (np.zeros((2, 20, 12), np.uint8), r"ImageResizer\(\(12, 12\)\)\.fit_transform\(X\)"),
    ],
    ids=lambda value: str(getattr(value, "shape", "")),
)
def test_images_of_another_shape(fitted: Any, images: np.ndarray, remedy: str) -> None:
    with pytest.raises(ImageError, match=remedy):
        fitted.predict(images)


def test_what_the_messages_say_works(fitted: Any) -> None:
    colours = np.repeat(X[:3, ..., None], 3, axis=-1)
    expected = fitted.predict_proba(X[:3])
    alpha = np.concatenate([colours, np.full((3, 12, 12, 1), 255, np.uint8)], axis=-1)
    for images in (colours, alpha):
        gray = ImageReader((12, 12)).transform(images)
        assert_array_equal(fitted.predict_proba(gray), expected)
    unit = tiny_classifier(epochs=1).fit(X / 255, Y)
    with pytest.raises(ImageError, match=r"gray: X @ \[0\.299, 0\.587, 0\.114\]"):
        unit.predict(colours / 255)
    np.testing.assert_allclose(
        unit.predict_proba(colours / 255 @ [0.299, 0.587, 0.114]),
        unit.predict_proba(X[:3] / 255),
        atol=1e-5,
    )
    in_colour = tiny_classifier(epochs=1).fit(np.repeat(X[..., None], 3, axis=-1), Y)
    with pytest.raises(ImageError, match=r"np\.repeat\(X\.reshape"):
        in_colour.predict(X[:3])
    repeated = np.repeat(X[:3].reshape(*X[:3].shape[:3], 1), 3, axis=-1)
    assert_array_equal(in_colour.predict(repeated), in_colour.predict(colours))


def test_rows_that_look_like_one_image_are_rows() -> None:
    """A model of rows of 4 pixels, of 2 by 2, gets four of them."""
    rows = np.random.default_rng(0).integers(0, 256, (40, 4), dtype=np.uint8)
    clf = tiny_classifier(epochs=1, image_shape=(4, 1)).fit(rows, np.arange(40) % 2)
    assert clf.predict(rows[:4]).shape == (4,)
    assert clf.predict(rows[:4, :, None]).shape == (4,)
