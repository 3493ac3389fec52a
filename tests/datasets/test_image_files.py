"""Images among other files: known by their content where their names do not say what they are."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ferclassifier import load_fer2013, load_image_folder
from ferclassifier.exceptions import DataError, IgnoredFilesWarning, ImageError
from ferclassifier.images._decoder import _known_formats
from ferclassifier.images._image_files import is_image_head, is_named_image
from image_trees import encode, face, write_files

FLAT = np.full((48, 48), 200, dtype=np.uint8)
JPEG = encode(FLAT, "JPEG")
SAVED = {"JPEG", "PNG", "BMP", "GIF", "PPM", "WEBP", "TIFF", "AVIF", "JPEG2000"}


@pytest.mark.parametrize("format", sorted(SAVED))
@pytest.mark.parametrize("name", ["1", "1.data", "1.php", "1.txt", "face.jpg?size=large"])
def test_images_are_known_by_their_content(
    tmp_path: Path, form: str, format: str, name: str
) -> None:
    """They vanished, uncounted, a whole class at a time."""
    files = {f"happy/{name}": encode(FLAT, format), "sad/2.png": face()}
    path = write_files(tmp_path / "data", files, form)
    bunch = load_image_folder(path)
    assert list(bunch.target_names) == ["happy", "sad"]
    assert np.abs(bunch.images[0].astype(int) - 200).max() <= 2
    assert load_fer2013(path).report == {"n_read": 2, "n_skipped": 0, "reasons": {}, "skipped": []}


@pytest.mark.parametrize("suffix", ["jfif", "jpe", "JPG", "JPeG", "jif", "jfi", "mpo"])
def test_suffixes_of_jpeg(tmp_path: Path, form: str, suffix: str) -> None:
    path = write_files(tmp_path / "data", {f"happy/1.{suffix}": JPEG}, form)
    assert len(load_fer2013(path).images) == 1


def test_the_formats_that_are_told_are_those_that_are_read() -> None:
    assert set(_known_formats()) - {"HEIF"} <= SAVED
    for suffix, format in Image.registered_extensions().items():
        # MPO is read as a JPEG image; DIB and others are not read.
        if format in SAVED:
            assert is_named_image(f"1{suffix}"), suffix


@pytest.mark.parametrize(
    "saved",
    [
        *[("PPM", mode) for mode in ("1", "L", "RGB", "I", "F")],
        *[("BMP", mode) for mode in ("1", "L", "P", "RGB")],
        *[("TIFF", mode) for mode in ("1", "L", "I;16", "F", "RGBA")],
        *[("PNG", mode) for mode in ("1", "P", "I;16", "LA", "RGBA")],
        ("GIF", "P"),
        ("WEBP", "RGBA"),
        ("JPEG", "CMYK"),
    ],
)
def test_variants_of_formats(tmp_path: Path, saved: tuple[str, str]) -> None:
    format, mode = saved
    Image.new(mode, (300, 200)).save(tmp_path / "x", format)
    assert is_image_head((tmp_path / "x").read_bytes()[:512])


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"BMW and other cars",
        b"P2 is a room",
        b"P5 100 reasons",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypmp42",
        b"<svg xmlns='x'>",
        b"II is a number",
    ],
)
def test_what_begins_alike(head: bytes) -> None:
    assert not is_image_head(head)


LEFT = {
    "happy/1.png": face(1),
    "happy/2.svg": b"<svg/>",
    "happy/3.tga": bytes(18),
    "happy/4": b"<!doctype html>",
    "frown/5.svg": b"<svg/>",
    "frown/6.SVG": b"<svg/>",
}
BESIDE = {
    "README": b"x",
    "happy/labels.csv": b"x",
    "happy/1.txt": b"x",
    "happy/1.xml": b"<x/>",
    "happy/Thumbs.db": b"\xd0\xcf\x11\xe0",
    "happy/desktop.ini": b"x",
    "happy/.DS_Store": b"x",
    "happy/._1.png": b"x",
    "__MACOSX/happy/._1.png": b"x",
}


@pytest.mark.parametrize("load", [load_fer2013, load_image_folder])
def test_what_is_left_out_is_told_and_counted(
    tmp_path: Path, form: str, load: Callable[..., Any]
) -> None:
    path = write_files(tmp_path / "data", {**LEFT, **BESIDE}, form)
    match = (
        r"data[.a-z]*: 5 files left out, each no image that can be read \(\.svg: 3, .*no suffix: 1"
        r".*; nothing is read from 'frown'\.$"
    )
    with pytest.warns(IgnoredFilesWarning, match=match) as caught:
        report = load(path).report
    assert caught[0].filename == __file__
    assert (report["n_read"], report["n_skipped"]) == (1, 5)
    assert report["reasons"] == {"no image that can be read": 5}
    prefix = f"{path}{os.sep}" if form == "tree" else ""
    assert report["skipped"][0] == (f"{prefix}frown/5.svg", "no image that can be read")


@pytest.mark.parametrize("load", [load_fer2013, load_image_folder])
def test_texts_and_what_file_managers_leave_are_not_told(
    tmp_path: Path, form: str, load: Callable[..., Any]
) -> None:
    path = write_files(tmp_path / "data", {"happy/1.png": face(1), **BESIDE}, form)
    assert load(path).report["n_skipped"] == 0


def test_a_bad_file_that_is_called_an_image_is_an_error(tmp_path: Path, form: str) -> None:
    files = {"happy/1.png": face(1), "happy/2.jfif": b"x"}
    with pytest.raises(ImageError, match=r"2\.jfif: not an image"):
        load_fer2013(write_files(tmp_path / "data", files, form))


def test_a_folder_of_nothing_that_is_read(tmp_path: Path) -> None:
    path = write_files(tmp_path / "data", {"happy/1.svg": b"<svg/>"})
    with pytest.raises(DataError, match=r"found neither; 1 file left out, .*\(\.svg: 1\)"):
        load_fer2013(path)
    with (
        pytest.warns(IgnoredFilesWarning),
        pytest.raises(DataError, match=r"1 skipped \(no image that can be read: 1\)"),
    ):
        load_image_folder(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
@pytest.mark.parametrize("name", ["pipe", "pipe.png"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    path = write_files(tmp_path / "data", {"happy/1.png": face(1)})
    os.mkfifo(path / "happy" / name)
    if name == "pipe":
        with pytest.warns(IgnoredFilesWarning, match="no suffix: 1"):
            assert len(load_fer2013(path).images) == 1
    else:
        with pytest.raises(DataError, match="no file, but a pipe"):
            load_fer2013(path)


def test_many_odd_suffixes_are_told_briefly(tmp_path: Path) -> None:
    files = {f"c{i}/{i}.{'x' * i}\x1b{i}": b"x" for i in range(100)}
    path = write_files(tmp_path / "data", {"happy/1.png": face(1), **files})
    with pytest.warns(IgnoredFilesWarning, match=r"100 files left out, .*and 9[0-9] more") as told:
        load_image_folder(path)
    assert len(str(told[0].message)) < 500
    assert "\x1b" not in str(told[0].message)
