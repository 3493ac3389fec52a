"""Rows of photos: what the model says of what was cut out of them, whoever reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ferclassifier import predict_photos
from ferclassifier._onnx import OnnxModel
from ferclassifier.exceptions import (
    IgnoredFilesWarning,
    ImageError,
    ModelFileError,
    UnknownModelError,
)
from ferclassifier.images import read_image
from ferclassifier.photos import _fetching, _reader
from ferclassifier.photos._rows import COLUMNS
from photo_files import write_face


def test_rows_are_what_the_model_says(folder: Path, onnx_model: Path) -> None:
    frame = pd.DataFrame(predict_photos(folder, onnx_model))
    paths = sorted(folder.rglob("*.png"))
    images = np.stack([read_image(path) for path in paths])
    assert list(frame) == [*COLUMNS, "happy", "sad"]
    assert frame["path"].tolist() == list(map(str, paths))
    assert frame["emotion"].tolist() == ["happy", "sad"] * 3
    assert frame["face"].tolist() == [0] * 6
    assert frame[["left", "bottom", "detection"]].isna().all(axis=None)
    expected = OnnxModel(onnx_model).predict_proba(images)
    np.testing.assert_allclose(frame[["happy", "sad"]], expected, atol=1e-6)
    np.testing.assert_allclose(frame["probability"], expected.max(axis=1), atol=1e-6)


def test_batches_do_not_matter(
    folder: Path, onnx_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = list(predict_photos(folder, onnx_model))
    for n_faces, seconds in ((1, 9), (4, 9), (100, 0)):
        monkeypatch.setattr(_reader, "_FACES_PER_BATCH", n_faces)
        monkeypatch.setattr(_reader, "_SECONDS_PER_BATCH", seconds)
        assert list(predict_photos(folder, onnx_model)) == expected


class _Estimator:
    """What a fitted classifier has, and no more."""

    classes_ = np.array([3, 7])
    image_shape_ = (4, 6, 3)

    def predict_proba(self, X: Any) -> Any:
        assert X.shape[1:] == self.image_shape_
        assert X.dtype == np.uint8
        red = X[:, 0, 0, 0] / 255
        return np.stack([1 - red, red], axis=1)


def test_a_classifier_is_asked_in_its_own_form(tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), (200, 10, 10)).save(tmp_path / "x.png")
    (row,) = predict_photos(tmp_path / "x.png", _Estimator(), faces="whole")
    assert row["emotion"] == 7
    assert [row["3"], row["7"]] == pytest.approx([55 / 255, 200 / 255], abs=1e-6)


def test_a_photo_without_a_face_has_no_emotion(tmp_path: Path, onnx_model: Path) -> None:
    Image.new("L", (200, 100), 200).save(tmp_path / "wall.png")
    (row,) = predict_photos(tmp_path / "wall.png", onnx_model)
    assert row == {**dict.fromkeys(row), "path": str(tmp_path / "wall.png")}
    (row,) = predict_photos(tmp_path / "wall.png", onnx_model, faces="whole")
    assert (row["face"], row["left"], row["emotion"]) == (0, None, "happy")


def test_boxes_are_those_of_the_upright_photo(
    tmp_path: Path, onnx_model: Path, portrait: Path
) -> None:
    """A photo that is stored on its side has the boxes of what is shown."""
    (upright,) = predict_photos(portrait, onnx_model)
    image = Image.open(portrait)
    exif = Image.Exif()
    exif[0x0112] = 6  # the file is to be turned clockwise
    image.rotate(90, expand=True).save(tmp_path / "x.jpg", exif=exif, quality=95)
    (turned,) = predict_photos(tmp_path / "x.jpg", onnx_model)
    sides = ["left", "top", "right", "bottom"]
    np.testing.assert_allclose(
        [turned[side] for side in sides], [upright[side] for side in sides], atol=4
    )
    assert upright["detection"] > 0.6
    assert 0 <= upright["left"] < upright["right"] <= image.width
    assert all(isinstance(upright[side], int) for side in sides)


class TestErrors:
    def test_a_photo_that_cannot_be_read(
        self, folder: Path, onnx_model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "2.png").write_text("no image")
        monkeypatch.chdir(folder)
        with pytest.raises(ImageError, match=r"^2\.png: not an image"):
            list(predict_photos(["1.png", "2.png"], onnx_model))
        with pytest.warns(IgnoredFilesWarning, match="2 photos left out, such as 2.png: not an"):
            rows = list(predict_photos([folder, "2.png", "x.png"][1:], onnx_model, on_error="skip"))
        assert rows == []

    def test_models_that_are_none(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "x.onnx").write_text("x")
        with pytest.raises(ModelFileError):
            predict_photos(folder, tmp_path / "x.onnx")
        with pytest.raises(UnknownModelError, match="no such file"):
            predict_photos(folder, "compct")
        with pytest.raises(TypeError, match="fitted classifier"):
            predict_photos(folder, 3)

    @pytest.mark.parametrize(
        "wrong",
        [{"faces": "all"}, {"on_error": "blank"}, {"max_pixels": 0}, {"n_workers": 0}],
    )
    def test_parameters_are_checked_at_once(
        self, folder: Path, onnx_model: Path, wrong: dict[str, Any]
    ) -> None:
        with pytest.raises(ValueError, match=r"Got .*but expected"):
            predict_photos(folder, onnx_model, **wrong)

    @pytest.mark.parametrize("content", [b"<html>Please log in</html>", b"", b"\xff\xd8\xff\xe0"])
    def test_what_was_fetched_is_no_image(
        self, onnx_model: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_fetching, "fetch_photo", lambda address: content)
        with pytest.raises(ImageError, match=r"^https://example\.org/x\.jpg: "):
            list(predict_photos("https://example.org/x.jpg", onnx_model))

    def test_a_large_image_is_refused_by_its_header(self, tmp_path: Path, onnx_model: Path) -> None:
        """A PNG of 140 KB may hold 144 million pixels."""
        Image.new("1", (12_000, 12_000)).save(tmp_path / "x.png")
        assert (tmp_path / "x.png").stat().st_size < 150_000
        for faces in ("auto", "whole"):
            with pytest.raises(ImageError, match="12000 x 12000 pixels, but at most 50,000,000"):
                list(predict_photos(tmp_path / "x.png", onnx_model, faces=faces))


class TestSpread:
    def test_processes_give_the_same_rows(self, folder: Path, onnx_model: Path) -> None:
        write_face(folder / "more" / "6.png", "sad", 90)
        (folder / "bad.png").write_text("x")
        with pytest.warns(IgnoredFilesWarning):
            expected = list(predict_photos(folder, onnx_model, on_error="skip"))
        with pytest.warns(IgnoredFilesWarning, match="bad.png: not an image"):
            rows = list(predict_photos(folder, onnx_model, on_error="skip", n_workers=2))
        assert rows == expected

    def test_a_killed_process_is_said(self, folder: Path) -> None:
        with pytest.raises(ChildProcessError, match="use fewer workers"):
            list(predict_photos(folder, _Deadly(), n_workers=2))

    def test_a_cluster_gives_the_same_rows(self, folder: Path, onnx_model: Path) -> None:
        distributed = pytest.importorskip("distributed")
        expected = list(predict_photos(folder, onnx_model))
        with distributed.Client(processes=False, n_workers=2, dashboard_address=":0") as client:
            assert list(predict_photos(folder, onnx_model, client=client)) == expected


class _Deadly(_Estimator):
    """A model that ends the process that asks it."""

    image_shape_ = (48, 48, 1)

    def predict_proba(self, X: Any) -> Any:
        import os

        os._exit(1)


def test_what_is_no_path_is_told_what_takes_it() -> None:
    with pytest.raises(TypeError, match=r"hold ndarray, but expected paths.*FaceCropper"):
        predict_photos(np.zeros((2, 48, 48, 3), np.uint8))  # type: ignore[arg-type]
