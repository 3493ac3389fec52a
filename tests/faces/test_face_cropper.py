"""FaceCropper: what it takes, which photo each crop is of, and where it fits."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline

from ferclassifier import FaceCropper, ImageReader, detect_faces, make_faces
from ferclassifier.exceptions import DataError, ImageError, NoFaceError
from helpers import tiny_classifier

BOXES = [(20.0, 30.0, 80.0, 90.0), (100.0, 20.0, 190.0, 110.0)]


def two_boxes(pixels: np.ndarray) -> Any:
    """A detector that finds two faces in light photos, and none in dark ones."""
    return BOXES if pixels.mean() > 100 else []


LIGHT = Image.new("RGB", (200, 150), "white")
DARK = Image.new("RGB", (200, 150), "black")


def test_crops_of_a_portrait_from_any_source(hopper: Image.Image, hopper_path: Path) -> None:
    content = hopper_path.read_bytes()
    sources = [
        *(hopper_path, str(hopper_path), content, io.BytesIO(content)),
        *(hopper, np.asarray(hopper), {"bytes": content, "path": None}),
    ]
    crops = FaceCropper().transform(sources)
    assert (crops.shape, crops.dtype) == ((7, 48, 48), np.uint8)
    assert all(np.array_equal(crop, crops[0]) for crop in crops)
    series = pd.Series([hopper_path], name="photo")
    for X in (series, series.to_frame(), np.array([[str(hopper_path)]], dtype=object)):
        assert_array_equal(FaceCropper().fit_transform(X), crops[:1])


def test_a_crop_is_framed_by_the_eyes(hopper: Image.Image) -> None:
    """Whatever the size and the place of the face."""
    crop = FaceCropper().transform([hopper])[0].astype(float)
    changed = [
        hopper.resize((1024, 1200)),
        hopper.crop((60, 40, 460, 500)),
    ]
    for other in FaceCropper().transform(changed):
        assert np.corrcoef(crop[8:40, 8:40].ravel(), other[8:40, 8:40].ravel())[0, 1] > 0.9


def test_small_pictures_are_crops_already() -> None:
    faces, _ = make_faces(5, random_state=0)
    crops = FaceCropper(detector=two_boxes).crop(faces)
    assert_array_equal(crops.images, faces)
    assert_array_equal(crops.rows, range(5))
    assert crops.faces == [None] * 5
    files = [Image.fromarray(face).convert("RGB").resize((64, 50)) for face in faces]
    assert_array_equal(FaceCropper().transform(files), ImageReader().transform(files))
    colours = FaceCropper(channels=3).transform(files)
    assert_array_equal(colours, ImageReader(channels=3).transform(files))


@pytest.mark.parametrize("size", [(1, 1), (64, 3), (11, 40)], ids=str)
def test_a_dot_or_a_strip_is_no_face(size: tuple[int, int]) -> None:
    """A dot would get an emotion, and a sure one."""
    strip = Image.new("L", size, "gray")
    assert len(FaceCropper(on_no_face="skip").transform([strip])) == 0
    with pytest.raises(NoFaceError, match="Image 0: no face was found"):
        FaceCropper().transform([strip])


def test_crops_come_with_their_rows_and_faces() -> None:
    cropper = FaceCropper(detector=two_boxes, on_no_face="skip")
    crops = cropper.crop([LIGHT, DARK, LIGHT])
    assert crops.images.shape == (4, 48, 48)
    assert crops.rows.tolist() == [0, 0, 2, 2]
    assert [face.box for face in crops.faces] == [*BOXES[::-1], *BOXES[::-1]]
    one = FaceCropper(detector=two_boxes, on_no_face="skip", largest=True).crop([DARK, LIGHT])
    assert one.rows.tolist() == [1]
    assert one.faces[0].box == BOXES[1]


def test_no_face_at_all() -> None:
    crops = FaceCropper(detector=two_boxes, on_no_face="skip").crop([DARK, DARK])
    assert crops.images.shape == (0, 48, 48)
    assert (crops.rows.tolist(), crops.faces) == ([], [])
    rows = FaceCropper((4, 5), channels=3, detector=two_boxes, on_no_face="skip", as_rows=True)
    assert rows.transform([DARK]).shape == (0, 60)


def test_a_photo_without_a_face_is_an_error_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "dark.png"
    DARK.save(path)
    with pytest.raises(NoFaceError, match=r"^Image 1 \(.*dark\.png\): no face was found"):
        FaceCropper(detector=two_boxes).transform([LIGHT, path])
    crops = FaceCropper(detector=two_boxes, on_no_face="whole").crop([path])
    assert_array_equal(crops.images, ImageReader().transform([path]))
    assert (crops.rows.tolist(), crops.faces) == ([0], [None])


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    for bad, error, message in (
        (tmp_path / "none.jpg", ImageError, "none.jpg: there is no such file"),
        (None, ImageError, "a missing value"),
        (Image.new("1", (8000, 7000)), ImageError, "at most 50,000,000 are read"),
        (7, TypeError, "got int"),
    ):
        with pytest.raises(error, match=f"^Image 1: .*{message}"):
            FaceCropper(detector=two_boxes).transform([LIGHT, bad])


def test_labels_need_one_crop_of_each_photo() -> None:
    cropper = FaceCropper(detector=two_boxes, on_no_face="skip")
    with pytest.raises(DataError, match=r"image 0 has 2, image 1 has 0 and image 2 has 2\. larg"):
        cropper.fit_transform([LIGHT, DARK, LIGHT], [0, 1, 0])
    cropper.set_params(largest=True)
    assert cropper.fit_transform([LIGHT, LIGHT], [0, 1]).shape == (2, 48, 48)


def test_a_pipeline_answers_for_photos(hopper: Image.Image) -> None:
    faces, labels = make_faces(30, random_state=0)
    model = make_pipeline(FaceCropper(largest=True), tiny_classifier(epochs=1))
    photos = [*faces, hopper]
    model.fit(photos, [*labels, labels[0]])
    assert model.predict([hopper, faces[0]]).shape == (2,)
    assert model.predict_proba(photos).shape == (31, 7)
    assert 0 <= model.score(photos, [*labels, labels[0]]) <= 1


def test_a_column_among_others() -> None:
    faces, _ = make_faces(3, random_state=0)
    table = pd.DataFrame({"photo": list(map(Image.fromarray, faces)), "age": [1, 2, 3]})
    columns = make_column_transformer(
        (FaceCropper((6, 5), as_rows=True), ["photo"]), ("passthrough", ["age"])
    ).set_output(transform="pandas")
    new = columns.fit_transform(table)
    assert new.shape == (3, 31)
    assert new.columns[0] == "facecropper__pixel_0_0"
    with pytest.raises(ImageError, match="Set as_rows=True"):
        FaceCropper().set_output(transform="pandas").fit_transform(table[["photo"]])


def test_it_is_cloned_and_pickled() -> None:
    cropper = FaceCropper(margin=0.1, detector=two_boxes)
    copy = pickle.loads(pickle.dumps(clone(cropper)))
    assert_array_equal(copy.transform([LIGHT]), cropper.transform([LIGHT]))
    assert vars(copy) == vars(cropper)


@pytest.mark.parametrize(
    "params",
    [
        {"size": (0, 4)},
        {"channels": 2},
        {"margin": -0.5},
        {"margin": np.nan},
        {"align": 2},
        {"on_no_face": "blank"},
        {"largest": "yes"},
        {"min_size": 0},
        {"min_size": 2.5},
        {"threshold": 0.0},
        {"threshold": 1.0},
        {"detector": "yunet"},
        {"max_pixels": 0},
    ],
    ids=str,
)
def test_parameters_that_are_not_valid(params: dict[str, Any]) -> None:
    (name,) = params
    for call in (FaceCropper(**params).fit, FaceCropper(**params).transform):
        with pytest.raises(ValueError, match=name):
            call([LIGHT])


def test_margin_and_alignment(hopper: Image.Image) -> None:
    """A wider crop shows the narrower one in its middle."""
    near = FaceCropper((48, 48)).transform([hopper])[0]
    wide = FaceCropper((96, 96), margin=0.5).transform([hopper])[0]
    assert_allclose(wide[24:72, 24:72].astype(int), near, atol=30)
    turned = hopper.rotate(25, Image.Resampling.BICUBIC)
    upright, tilted = (FaceCropper(align=a).transform([turned])[0] for a in (True, False))
    assert np.abs(upright.astype(int) - near).mean() < np.abs(tilted.astype(int) - near).mean()


def test_faces_are_those_of_detect_faces(hopper: Image.Image) -> None:
    face = FaceCropper().crop([hopper]).faces[0]
    assert_allclose(face.box, detect_faces(hopper).boxes[0])
