"""ImageReader: what it takes, what it says of what it cannot read, and where it fits."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from PIL import Image
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline

from ferclassifier import ImageReader, PixelScaler, load_image_folder
from ferclassifier.exceptions import ImageError, UnreadableImageWarning
from ferclassifier.images import read_image
from helpers import patterns, same_name, tiny_classifier


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the PNG images 0.png to 59.png of three classes of stripes."""
    folder = tmp_path_factory.mktemp("images")
    for i, image in enumerate(patterns(60)[0]):
        Image.fromarray(image).save(folder / f"{i}.png")
    return folder


@pytest.fixture
def paths(folder: Path) -> list[Path]:
    return [folder / f"{i}.png" for i in range(4)]


def opened(paths: list[Path]) -> list[Any]:
    return [io.BytesIO(path.read_bytes()) for path in paths]


CONTAINERS = {
    "list of paths": lambda paths: paths,
    "list of str": lambda paths: [str(path) for path in paths],
    "list of bytes": lambda paths: [path.read_bytes() for path in paths],
    "list of files": opened,
    "list of PIL images": lambda paths: [Image.open(path) for path in paths],
    "mixed tuple": lambda paths: (paths[0], str(paths[1]), *opened(paths[2:])),
    "array of str": lambda paths: np.array([str(path) for path in paths]),
    "array of objects": lambda paths: np.array(paths, dtype=object),
    "column of an array": lambda paths: np.array(paths, dtype=object)[:, None],
    "Series": lambda paths: pd.Series(map(str, paths), index=list("abcd")),
    "Series of objects": lambda paths: pd.Series(paths),
    "DataFrame": lambda paths: pd.DataFrame({"path": map(str, paths)}, index=list("abcd")),
    "list of arrays": lambda paths: [np.asarray(Image.open(path)) for path in paths],
    "Series of arrays": lambda paths: pd.Series([np.asarray(Image.open(path)) for path in paths]),
    "array": lambda paths: np.stack([np.asarray(Image.open(path)) for path in paths]),
    "Series of bytes and paths": lambda paths: pd.Series(
        [
            {"bytes": paths[0].read_bytes(), "path": "a.png"},
            {"bytes": None, "path": str(paths[1])},
            {"bytes": paths[2].read_bytes()},
            {"path": paths[3]},
        ]
    ),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container(paths: list[Path], name: str) -> None:
    images = ImageReader((12, 12)).fit_transform(CONTAINERS[name](paths))
    assert images.dtype == np.uint8
    assert_array_equal(images, patterns(60)[0][:4])


@pytest.mark.parametrize("channels", [1, 3])
def test_images_and_rows_are_those_of_read_image(paths: list[Path], channels: int) -> None:
    reader = ImageReader((5, 7), channels=channels)
    expected = [read_image(path, size=(5, 7), channels=channels) for path in paths]
    assert_array_equal(reader.transform(paths), expected)
    rows = reader.set_params(as_rows=True).transform(paths)
    assert_array_equal(rows, np.reshape(expected, (4, -1)))


def test_arrays_of_any_size_dtype_and_number_of_channels() -> None:
    image = patterns(3)[0][0]
    colour = np.stack([image, image, image], axis=-1)
    alpha = np.full((12, 12, 1), 255, np.uint8)
    arrays = [
        image,
        image[..., None],
        colour,
        np.concatenate([colour, alpha], axis=-1),
        image.astype(float),
        image / 255,
        (image / 255).astype(np.float32),
        image.astype(np.int64),
        image.astype(np.uint16) * 257,
    ]
    assert_array_equal(ImageReader((12, 12)).transform(arrays), [image] * len(arrays))
    larger = np.kron(image, np.ones((2, 3), np.uint8))
    read = ImageReader((5, 7)).transform([image, larger, larger > 100])
    for one, array in zip(read, (image, larger, (larger > 100) * np.uint8(255)), strict=True):
        assert_array_equal(one, read_image(Image.fromarray(array), size=(5, 7)))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 12, 12), np.uint8), r"shape \(3, 12, 12\).*np.moveaxis\(image, 0, -1\)"),
        (np.zeros(144, np.uint8), r"shape \(144,\)"),
        (np.zeros((0, 12), np.uint8), "empty: 12 x 0"),
        (np.full((12, 12), -0.5), "from -0.5 to -0.5.*floats from 0 to 1"),
        (np.full((12, 12), np.nan), "from nan to nan"),
        (np.full((12, 12), "a"), "array of <U1"),
        (np.zeros((8000, 8000), np.uint8), "8000 x 8000 pixels, but at most 50,000,000"),
    ],
    ids=same_name,
)
def test_arrays_that_are_no_images(array: np.ndarray, message: str) -> None:
    with pytest.raises(ImageError, match=rf"^Image 1: array: .*{message}"):
        ImageReader().transform([np.zeros((5, 5), np.uint8), array])


def test_strings_of_pixel_values_need_no_reading() -> None:
    strings = [" ".join(["70"] * 2304)] * 2
    with pytest.raises(
        ImageError, match=r"^Image 0: '70 70.*70': a string of pixel values"
    ) as caught:
        ImageReader().transform(strings)
    assert len(str(caught.value)) < 200


def test_an_image_is_turned_upright() -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.fromarray(np.repeat([0, 255], 8).astype(np.uint8)[None].repeat(16, 0)).save(
        buffer, "JPEG", exif=exif
    )
    image = ImageReader((16, 16)).transform([buffer.getvalue()])[0]
    assert image[:6].max() < 20
    assert image[-6:].min() > 235


def test_an_error_names_the_image_and_its_path(paths: list[Path], tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(paths[0].read_bytes()[:60])
    with pytest.raises(ImageError, match=r"^Image 2: .*damaged\.png: the image cannot be decoded"):
        ImageReader().transform([*paths[:2], damaged])
    with pytest.raises(ImageError, match=r"^Image 0: nowhere\.png: there is no such file"):
        ImageReader().transform(["nowhere.png"])
    with pytest.raises(TypeError, match=r"^Image 1: .*got int"):
        ImageReader().transform([paths[0], 7])


def test_an_image_of_too_many_pixels_is_none_that_can_be_read() -> None:
    images = [Image.new("L", (30, 40), 9), Image.new("L", (30, 41), 9)]
    with pytest.raises(ImageError, match=r"^Image 1: .*30 x 41 pixels, but at most 1,200"):
        ImageReader(max_pixels=1200).transform(images)
    with pytest.warns(UnreadableImageWarning, match="1 of 2 images"):
        read = ImageReader(max_pixels=1200, on_error="blank").transform(images)
    assert read.max(axis=(1, 2)).tolist() == [9, 0]
    assert ImageReader(max_pixels=1230).transform(images).all()


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_value_is_no_image(paths: list[Path], missing: Any) -> None:
    column = pd.Series([str(paths[0]), missing])
    with pytest.raises(ImageError, match=r"^Image 1: got .*, a missing value"):
        ImageReader().transform(column)
    with pytest.warns(UnreadableImageWarning, match="1 of 2 images"):
        images = ImageReader(on_error="blank").transform(column)
    assert [image.any() for image in images] == [True, False]


def test_blank_images_are_found_again(paths: list[Path]) -> None:
    mixed = [paths[0], "a.png", paths[1], "b.png", b"c", "d.png", "e.png"]
    reader = ImageReader((12, 12), on_error="blank")
    with pytest.warns(UnreadableImageWarning) as caught:
        images = reader.transform(mixed)
    assert_array_equal(images[[0, 2]], patterns(60)[0][:2])
    assert not images[[1, 3, 4, 5, 6]].any()
    assert vars(reader) == vars(clone(reader))
    warning = caught.pop(UnreadableImageWarning)
    assert warning.filename == __file__
    assert [position for position, _ in warning.message.failures] == [1, 3, 4, 5, 6]
    text = str(warning.message)
    assert "5 of 7 images" in text
    assert "Image 1: a.png: there is no such file; Image 3: b.png" in text
    assert text.endswith("; and 2 more.")
    copy = pickle.loads(pickle.dumps(warning.message))
    assert (str(copy), copy.failures) == (text, warning.message.failures)


def test_nothing_to_warn_of(paths: list[Path]) -> None:
    # a warning would be an error here
    assert ImageReader(on_error="blank").transform(paths).any(axis=(1, 2)).all()


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ("face.png", TypeError, r"Got X of type str, .*into a list: \[path\]"),
        (b"", TypeError, r"Got X of type bytes.*into a list: \[image\]"),
        (Path("face.png"), TypeError, r"Got X of type .*Path.*\[path\]"),
        (Path(), TypeError, r"Got X of type .*Path.*a folder.*load_image_folder"),
        (Image.new("L", (4, 4)), TypeError, r"Got X of type Image.*\[image\]"),
        (io.BytesIO(), TypeError, r"Got X of type BytesIO.*\[image\]"),
        ({"bytes": b"", "path": None}, TypeError, r"Got X of type dict.*\[image\]"),
        ((path for path in ["face.png"]), TypeError, "Got X of type generator"),
        (np.zeros((2, 2304), np.uint8), TypeError, "Got an array of uint8.*ImageResizer"),
        (np.array([["a.png", "b.png"]]), ImageError, r"Got X of shape \(1, 2\)"),
        (
            pd.DataFrame({"path": ["a.png"], "age": [7]}),
            ImageError,
            "the columns 'path' and 'age'.*Pick one",
        ),
        ([], ImageError, "Got no image"),
        (pd.DataFrame({"path": []}, dtype=str), ImageError, "Got no image"),
    ],
    ids=same_name,
)
def test_what_is_no_column_of_images(X: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ImageReader().fit(X)
    with pytest.raises(error, match=message):
        ImageReader().transform(X)


@pytest.mark.parametrize(
    "params",
    [
        {"size": (0, 4)},
        {"size": None},
        {"channels": 4},
        {"on_error": "skip"},
        {"max_pixels": 0},
        {"max_pixels": None},
    ],
)
def test_parameters_that_are_not_valid(paths: list[Path], params: dict[str, Any]) -> None:
    (name,) = params
    for read in (ImageReader(**params).fit, ImageReader(**params).transform):
        with pytest.raises(ValueError, match=name):
            read(paths)


def test_fit_reads_no_file_and_sees_the_name_of_the_column(paths: list[Path]) -> None:
    table = pd.DataFrame({"face": ["nowhere.png"]})
    reader = ImageReader().fit(table)
    assert (reader.n_features_in_, reader.feature_names_in_.tolist()) == (1, ["face"])
    with pytest.raises(ValueError, match="feature names should match"):
        reader.transform(table.rename(columns={"face": "photo"}))
    assert reader.transform(paths).shape == (4, 48, 48)
    assert not hasattr(reader.fit(paths), "feature_names_in_")


def test_a_table_of_pixels_has_names_and_index(paths: list[Path]) -> None:
    reader = ImageReader((2, 2), as_rows=True).set_output(transform="pandas")
    table = reader.fit_transform(CONTAINERS["DataFrame"](paths))
    assert table.columns.tolist() == ["pixel_0_0", "pixel_0_1", "pixel_1_0", "pixel_1_1"]
    assert table.index.tolist() == list("abcd")
    with pytest.raises(ImageError, match=r"set_output asks for pandas.*Set as_rows=True"):
        reader.set_params(as_rows=False).transform(paths)


def test_one_column_among_others(folder: Path) -> None:
    X, y = patterns(60)
    table = pd.DataFrame({"path": [str(folder / f"{i}.png") for i in range(60)], "age": range(60)})
    for column in ("path", ["path"]):
        reader = ImageReader((12, 12), as_rows=True)
        columns = make_column_transformer((reader, column), ("passthrough", ["age"]))
        new = columns.fit_transform(table)
        assert_array_equal(new[:, :-1], X.reshape(60, -1))
        assert_array_equal(new[:, -1], range(60))
    model = make_pipeline(
        make_column_transformer((make_pipeline(reader, PixelScaler()), "path")),
        tiny_classifier(epochs=30),
    )
    assert model.fit(table, y).score(table, y) > 0.9
    assert model.predict(table.iloc[:1]).shape == (1,)


def test_files_of_a_loaded_folder(tmp_path: Path) -> None:
    for label in ("happy", "sad"):
        (tmp_path / label).mkdir()
        Image.new("L", (8, 8), len(label) * 30).save(tmp_path / label / "0.png")
    loaded = load_image_folder(tmp_path, size=(8, 8))
    names = [tmp_path / name for name in loaded.filenames]
    assert_array_equal(ImageReader((8, 8)).transform(names), loaded.images)
