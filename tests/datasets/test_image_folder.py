"""load_image_folder: classes of one's own, in folders and archives."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ferclassifier import load_image_folder
from ferclassifier.exceptions import DataError, ImageError
from image_trees import face, kaggle_files, write_files


def own_files(top: str = "") -> dict[str, bytes]:
    return {
        f"{top}serious/b.png": face(1, (60, 40)),
        f"{top}serious/a.png": face(2, (60, 40, 3)),
        f"{top}Amused/c.jpg": face(3, (30, 30)),
    }


@pytest.mark.parametrize("top", ["", "photos/"])
def test_image_folder(tmp_path: Path, form: str, top: str) -> None:
    path = write_files(tmp_path / "data", own_files(top), form)
    bunch = load_image_folder(path)
    assert bunch.images.shape == (3, 48, 48)
    assert bunch.images.dtype == np.uint8
    assert np.shares_memory(bunch.data, bunch.images)
    assert list(bunch.target_names) == ["Amused", "serious"]
    assert list(bunch.target) == ["Amused", "serious", "serious"]
    assert bunch.target.dtype == bunch.target_names.dtype
    assert bunch.target_codes.dtype == np.int64
    assert list(bunch.target_codes) == [0, 1, 1]
    assert [os.path.basename(name) for name in bunch.filenames] == ["c.jpg", "a.png", "b.png"]
    assert "usage" not in bunch
    assert bunch.report["n_read"] == 3
    assert "3 images of 2 classes" in bunch.DESCR


def test_image_folder_in_colour_and_size(tmp_path: Path) -> None:
    path = write_files(tmp_path / "data", own_files())
    bunch = load_image_folder(path, size=(32, 24), channels=3)
    assert bunch.images.shape == (3, 32, 24, 3)
    assert bunch.data.shape == (3, 32 * 24 * 3)
    frame = load_image_folder(path, size=(32, 24), channels=3, as_frame=True).frame
    assert list(frame.columns[[0, 1]]) == ["pixel_0_0_0", "pixel_0_0_1"]
    assert list(frame["target"]) == ["Amused", "serious", "serious"]
    X, y = load_image_folder(path, return_X_y=True)
    assert X.shape == (3, 2304)
    assert list(y) == ["Amused", "serious", "serious"]


def test_a_frame_of_classes_that_are_no_utf_8(tmp_path: Path) -> None:
    """It was an error where pyarrow is installed, in which pandas keeps texts."""
    for name in ("serious\udcff", "amused"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(face(1, (48, 48)))
    frame = load_image_folder(tmp_path, as_frame=True).frame
    assert list(frame["target"]) == ["amused", "serious\udcff"]


@pytest.mark.parametrize(
    "options",
    [{"size": None}, {"size": (48,)}, {"size": (-1, 48)}, {"channels": 4}, {"max_pixels": 0}],
)
def test_image_folder_options(tmp_path: Path, options: dict[str, Any]) -> None:
    path = write_files(tmp_path / "data", own_files())
    with pytest.raises(ValueError, match=next(iter(options))):
        load_image_folder(path, **options)


def test_image_folder_skips(tmp_path: Path, form: str) -> None:
    files = {**own_files(), "serious/bad.jpg": b"x", "loose.png": face()}
    path = write_files(tmp_path / "data", files, form)
    with pytest.raises(DataError, match=r"loose\.png: expected the image to lie in <class>/"):
        load_image_folder(path)
    report = load_image_folder(path, on_error="skip").report
    assert report["reasons"] == {"not in the folder of a class": 1, "unreadable image": 1}


def test_image_folder_refuses_images_of_many_pixels(tmp_path: Path, form: str) -> None:
    """A file of some kilobytes was decoded to any number of pixels below 100 million."""
    bomb = io.BytesIO()
    Image.new("1", (8000, 8000)).save(bomb, "PNG")
    path = write_files(
        tmp_path / "data", {**own_files(), "serious/bomb.png": bomb.getvalue()}, form
    )
    with pytest.raises(ImageError, match="8000 x 8000 pixels, but at most 50,000,000 are read"):
        load_image_folder(path)
    report = load_image_folder(path, on_error="skip").report
    assert report["reasons"] == {"unreadable image": 1}
    assert load_image_folder(path, max_pixels=64_000_000).report["n_read"] == 4


@pytest.mark.parametrize("on_error", ["raise", "skip"])
@pytest.mark.parametrize("top", ["", "fer/"])
def test_folders_of_splits_are_no_classes(
    tmp_path: Path, form: str, top: str, on_error: str
) -> None:
    path = write_files(tmp_path / "data", kaggle_files(top), form)
    match = rf"'test' and 'train' are named like the parts .*such as .*{top}train; .* load_fer2013"
    with pytest.raises(DataError, match=match) as caught:
        load_image_folder(path, on_error=on_error)
    if form == "tree":
        assert str(path / top / "train") in str(caught.value)
        assert len(load_image_folder(path / top / "train").target_names) == 7
    else:
        assert "unpack it, and give the path" in str(caught.value)


@pytest.mark.parametrize(
    "splits",
    [
        ("FER2013Train", "FER2013Valid", "FER2013Test"),
        ("Training", "PublicTest", "PrivateTest"),
        ("TRAIN", "Val"),
        ("train_set", "test-set"),
        ("train", "test", "unlabelled"),
    ],
)
def test_splits_that_hold_images_are_no_classes(
    tmp_path: Path, form: str, splits: tuple[str, ...]
) -> None:
    """A model learned to tell the training images from the others."""
    files = {f"{split}/fer{i}.png": face(i) for i, split in enumerate(splits)}
    path = write_files(tmp_path / "data", files, form)
    with pytest.raises(DataError, match=r"named like the parts .*a folder for each") as caught:
        load_image_folder(path, on_error="skip")
    assert repr(splits[0]) in str(caught.value)


def test_classes_that_are_named_like_a_split(tmp_path: Path, form: str) -> None:
    files = {f"{name}/1.png": face() for name in ("train", "bus", "car")}
    path = write_files(tmp_path / "data", files, form)
    assert list(load_image_folder(path).target_names) == ["bus", "car", "train"]


@pytest.mark.parametrize(
    "names",
    [
        ["0", "1", "2", "10"],
        ["class_1", "class_2", "class_10", "class_100"],
        ["08", "9", "010", "11"],
        ["01", "1", "2"],
        ["Zorn", "a", "a1b2", "a1b10", "a2", "b"],
        ["1" * 200, "1" * 199 + "2"],
    ],
)
def test_numbered_classes_are_in_the_order_of_their_numbers(
    tmp_path: Path, form: str, names: list[str]
) -> None:
    """They were sorted as texts: 0, 1, 10, 2, so that code 2 stood for class 10."""
    files = {f"{name}/x.png": face(i) for i, name in reversed(list(enumerate(names)))}
    bunch = load_image_folder(write_files(tmp_path / "data", files, form))
    assert list(bunch.target_names) == names
    assert list(bunch.target) == names
    assert list(bunch.target_codes) == list(range(len(names)))
    assert [Path(name).parent.name for name in bunch.filenames] == names


@pytest.mark.parametrize("files", [{}, {"a/readme.txt": b"x"}])
def test_image_folder_without_images(tmp_path: Path, files: dict[str, bytes]) -> None:
    path = tmp_path / "data"
    path.mkdir()
    with pytest.raises(DataError, match="no image in a folder of its class"):
        load_image_folder(write_files(path, files))


def test_image_folder_of_a_file(csv_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected a folder or an archive \(zip or tar\)"):
        load_image_folder(csv_path)
