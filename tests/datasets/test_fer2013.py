"""load_fer2013: every form of the data, and every fault in it, a few beside load_image_folder."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferclassifier import EMOTIONS, load_fer2013, load_image_folder
from ferclassifier.datasets import _containers
from ferclassifier.datasets._fer2013 import load_beside_training
from ferclassifier.datasets._file_tree import open_file
from ferclassifier.exceptions import DataError, ImageError, SharedTestSetWarning
from helpers import SHARED, needs_fer2013
from image_trees import (
    USAGES,
    encode,
    face,
    kaggle_files,
    random_faces,
    row,
    spell,
    write_csv,
    write_files,
)

PARTS = ("train", "validation", "test")


def check_bunch(bunch: Any, n_samples: int) -> None:
    assert bunch.images.shape == (n_samples, 48, 48)
    assert bunch.images.dtype == np.uint8
    assert bunch.data.shape == (n_samples, 2304)
    assert np.shares_memory(bunch.data, bunch.images)
    assert bunch.images.flags.writeable
    assert bunch.target_codes.dtype == np.int64
    assert tuple(bunch.target_names) == EMOTIONS
    assert bunch.target.dtype == bunch.target_names.dtype
    np.testing.assert_array_equal(bunch.target, bunch.target_names[bunch.target_codes])
    assert len(bunch.target) == len(bunch.filenames) == len(bunch.usage) == n_samples
    assert "FER-2013" in bunch.DESCR
    assert bunch.report["n_read"] == n_samples


def test_importing_the_module_is_cheap() -> None:
    code = (
        "import sys, ferclassifier.datasets, ferclassifier.images;"
        "sys.exit(not {'PIL', 'pandas', 'sklearn'}.isdisjoint(sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# The CSV file


def test_csv(csv_path: Path) -> None:
    bunch = load_fer2013(csv_path)
    images, labels, usages = random_faces()
    check_bunch(bunch, 21)
    np.testing.assert_array_equal(bunch.images, images)
    np.testing.assert_array_equal(bunch.target_codes, labels)
    np.testing.assert_array_equal(bunch.usage, np.array(PARTS)[np.arange(21) // 7])
    assert list(bunch.filenames[:2]) == ["row 1", "row 2"]
    assert bunch.frame is None
    assert bunch.report == {"n_read": 21, "n_skipped": 0, "reasons": {}, "skipped": []}
    assert set(usages) == set(USAGES)


@pytest.mark.parametrize(("subset", "start"), [("train", 0), ("validation", 7), ("test", 14)])
def test_csv_subset(csv_path: Path, subset: str, start: int) -> None:
    bunch = load_fer2013(str(csv_path), subset=subset)
    check_bunch(bunch, 7)
    np.testing.assert_array_equal(bunch.images, random_faces()[0][start : start + 7])
    assert set(bunch.usage) == {subset}
    assert bunch.filenames[0] == f"row {start + 1}"


def test_return_x_y(csv_path: Path) -> None:
    data, target = load_fer2013(csv_path, return_X_y=True)
    np.testing.assert_array_equal(data, random_faces()[0].reshape(21, -1))
    np.testing.assert_array_equal(target, np.array(EMOTIONS)[random_faces()[1]])


def test_as_frame(csv_path: Path) -> None:
    bunch = load_fer2013(csv_path, as_frame=True)
    assert bunch.frame.shape == (21, 2305)
    assert list(bunch.data.columns[[0, 47, 48]]) == ["pixel_0_0", "pixel_0_47", "pixel_1_0"]
    assert (bunch.data.dtypes == np.uint8).all()
    assert isinstance(bunch.target, pd.Series)
    names = [EMOTIONS[code] for code in random_faces()[1]]
    assert list(bunch.target) == list(bunch.frame["target"]) == names
    np.testing.assert_array_equal(bunch.target_codes, random_faces()[1])
    data, target = load_fer2013(csv_path, as_frame=True, return_X_y=True)
    pd.testing.assert_frame_equal(data, bunch.data)
    pd.testing.assert_series_equal(target, bunch.target)
    np.testing.assert_array_equal(data.to_numpy(), bunch.images.reshape(21, -1))


def header_in_any_order(text: str) -> str:
    """Kaggle's icml_face_data.csv: another order and spaces."""
    rows = [line.split(",") for line in text.splitlines()]
    return "\n".join(f"{k}, {u} , {p}" for k, p, u in rows)


VARIANTS: dict[str, Callable[[str], str]] = {
    "byte order mark": lambda text: "\ufeff" + text,
    "header": lambda text: text.replace("emotion,pixels,Usage", " Emotion ,PIXELS, usage"),
    "order": header_in_any_order,
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "cr": lambda text: text.replace("\n", "\r"),
    "blank lines": lambda text: text.replace("\n", "\n\n"),
    "no last end": lambda text: text.rstrip("\n"),
    "usage in capitals": lambda text: text.replace("Training", "TRAINING"),
    "quotes": lambda text: "\n".join(f'"{line}"'.replace(",", '","') for line in text.splitlines()),
    "index": lambda text: "\n".join(f"{i},{line}" for i, line in enumerate(text.splitlines())),
    "zeros": lambda text: text.replace(",0 ", ", 000  "),
}


@pytest.mark.parametrize("change", VARIANTS.values(), ids=VARIANTS)
def test_variants_of_csv(csv_path: Path, change: Callable[[str], str]) -> None:
    expected = load_fer2013(csv_path)
    csv_path.write_bytes(change(csv_path.read_text()).encode())
    bunch = load_fer2013(csv_path)
    np.testing.assert_array_equal(bunch.images, expected.images)
    np.testing.assert_array_equal(bunch.target, expected.target)
    np.testing.assert_array_equal(bunch.usage, expected.usage)


def test_csv_without_usage(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", row().rsplit(",", 1)[0], header="emotion,pixels")
    assert list(load_fer2013(path).usage) == ["unknown"]
    with pytest.raises(DataError, match=r"without a column Usage.*subset='train'.*subset='all'"):
        load_fer2013(path, subset="train")


def pixels(first: str = "0", n: int = 2304) -> str:
    return " ".join([first] + ["0"] * (n - 1))


BAD_ROWS = {
    "256": (row(pixels=pixels("256")), "pixel out of range", "pixel 1 is '256'.*0 to 255"),
    "-1": (row(pixels=pixels("-1")), "pixel out of range", "pixel 1 is '-1'"),
    "wraps": (row(pixels=pixels("4294967296")), "pixel out of range", "'4294967296'"),
    "wraps 64": (row(pixels=pixels("18446744073709551616")), "pixel out of range", "184467"),
    "endless": (row(pixels=pixels("9" * 5000)), "pixel out of range", r"99\.\.\."),
    "12.5": (row(pixels=pixels("12.5")), "pixel not an integer", "pixel 1 is '12.5'.*integers"),
    "abc": (row(pixels=pixels("abc")), "pixel not an integer", "'abc'"),
    "abc last": (row(pixels=f"{pixels()} abc"), "pixel not an integer", "pixel 2305 is 'abc'"),
    "few": (row(pixels=pixels(n=2303)), "wrong number of pixels", "2303.*expected 2304"),
    "many": (row(pixels=pixels(n=2305)), "wrong number of pixels", "2305.*expected 2304"),
    "a line too long": (row(pixels=pixels(n=99_999)), "wrong number of", "expected"),
    "label 7": (row(7), "label out of range", "the label is '7'.*0 to 6"),
    "label -1": (row(-1), "label out of range", "'-1'"),
    "label x": (row("x"), "label not an integer", "the label is 'x'.*0 to 6"),
    "no label": (row(""), "missing value", "value of 'emotion' is missing"),
    "no pixels": (row(pixels=" "), "missing value", "value of 'pixels' is missing"),
    "no usage": (row(usage=""), "missing value", "value of 'usage' is missing"),
    "short": ("3", "wrong number of fields", "got 1 fields, expected 3"),
    "long": (row() + ",1", "wrong number of fields", "got 4 fields, expected 3"),
    "usage": (row(usage="Holdout"), "unknown Usage", "'Holdout'.*Training, PublicTest or Priv"),
    "open quote": ('3,"' + row()[2:], "wrong number of fields", "got 2 fields"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_row(tmp_path: Path, case: str) -> None:
    bad, reason, message = BAD_ROWS[case]
    path = write_csv(tmp_path / "fer.csv", row(1), row(2), bad, row(4))
    with pytest.raises(DataError, match=rf"fer\.csv: row 3 \(line 4\): .*{message}"):
        load_fer2013(path)
    bunch = load_fer2013(path, on_error="skip")
    check_bunch(bunch, 3)
    assert list(bunch.target_codes) == [1, 2, 4]
    assert list(bunch.filenames) == ["row 1", "row 2", "row 4"]
    assert bunch.report["n_skipped"] == 1
    ((counted, n),) = bunch.report["reasons"].items()
    assert counted.startswith(reason)
    assert n == 1
    assert bunch.report["skipped"] == [("row 3 (line 4)", counted)]


def test_rows_are_counted_without_blank_lines(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "fer.csv", row(), "", " ", row(9))
    with pytest.raises(DataError, match=r"row 2 \(line 5\)"):
        load_fer2013(path)


def test_bad_rows_of_another_subset_do_not_matter(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "fer.csv", row(), row(9, usage="PublicTest"))
    assert load_fer2013(path, subset="train").report["n_skipped"] == 0


def test_nothing_left(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "fer.csv", row(9), row(9), row("x"))
    match = r"no image.*3 skipped \(label out of range: 2, label not an integer: 1\)"
    with pytest.raises(DataError, match=match):
        load_fer2013(path, on_error="skip")


@pytest.mark.parametrize("subset", ["validation", "test"])
def test_subset_that_holds_nothing(tmp_path: Path, subset: str) -> None:
    path = write_csv(tmp_path / "fer.csv", row())
    with pytest.raises(
        DataError, match=f"of subset='{subset}' could be read; it has 1 of 'train'."
    ):
        load_fer2013(path, subset=subset)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"emotion,pixels,Usage\n", "no image of subset='all' could be read"),
        (b"label,pixels,Usage\n1,2,3\n", "found no emotion among the columns 'label', 'pixels'"),
        (b"emotion;pixels;Usage\n", "no emotion and no pixels among.*'emotion;pixels;usage'"),
        (b"\x1f\x8b\x08\x00\x00\x00", "cannot be read: Compressed file ended"),
        (b"\x00" * 10_000_000, "no emotion and no pixels"),
        ("emotion,pixels,Usage\n".encode("utf-16"), "a text in UTF-16; save it in UTF-8"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: bytes, match: str) -> None:
    path = tmp_path / "fer.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=match) as caught:
        load_fer2013(path)
    assert "fer.csv" in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("load", [load_fer2013, load_image_folder])
def test_no_such_path(tmp_path: Path, load: Callable[..., Any]) -> None:
    with pytest.raises(DataError, match="none: there is no such file or folder"):
        load(tmp_path / "none")


@pytest.mark.parametrize("load", [load_fer2013, load_image_folder])
def test_bad_on_error(csv_path: Path, load: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"on_error='ignore'.*'raise' or 'skip'"):
        load(csv_path, on_error="ignore")


def test_bad_subset(csv_path: Path) -> None:
    with pytest.raises(ValueError, match=r"subset='Training'.*all, train, validation, test"):
        load_fer2013(csv_path, subset="Training")


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    labels=st.lists(st.integers(0, 6), min_size=1, max_size=5),
    order=st.permutations(["emotion", "pixels", "Usage"]),
    separator=st.sampled_from([" ", "  "]),
    end=st.sampled_from(["\n", "\r\n"]),
    usage=st.sampled_from(USAGES),
)
def test_round_trip(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    labels: list[int],
    order: list[str],
    separator: str,
    end: str,
    usage: str,
) -> None:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, size=(len(labels), 48, 48), dtype=np.uint8)
    lines = [",".join(order)]
    for image, label in zip(images, labels, strict=True):
        values = {"emotion": label, "pixels": spell(image).replace(" ", separator), "Usage": usage}
        lines.append(",".join(str(values[name]) for name in order))
    path = tmp_path_factory.getbasetemp() / "round_trip.csv"
    path.write_text(end.join(lines), newline="")
    bunch = load_fer2013(path)
    np.testing.assert_array_equal(bunch.images, images)
    assert list(bunch.target_codes) == labels
    assert set(bunch.usage) == {PARTS[USAGES.index(usage)]}


VALID = "\n".join(["emotion,pixels,Usage", *(row(k) for k in range(3))]).encode()
PIECES = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"-",
    b".",
    b" ",
    b"e9",
    b"9" * 30,
    "é".encode(),
]


@settings(max_examples=200, deadline=None)
@given(
    edits=st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 40),
            st.one_of(st.sampled_from(PIECES), st.binary(max_size=8), st.text(max_size=5)),
        ),
        min_size=1,
        max_size=8,
    ),
    on_error=st.sampled_from(["raise", "skip"]),
    subset=st.sampled_from(["all", "train", "test"]),
)
def test_of_a_damaged_csv_nothing_but_data_error_escapes(
    tmp_path_factory: pytest.TempPathFactory,
    edits: list[tuple[float, int, bytes | str]],
    on_error: str,
    subset: str,
) -> None:
    data = VALID
    for place, n_removed, piece in edits:
        # A third of the edits hit the header and the start of the first row.
        start = int(place * (len(data) if n_removed % 3 else 40))
        inserted = piece.encode("utf-8", "surrogatepass") if isinstance(piece, str) else piece
        data = data[:start] + inserted + data[start + n_removed :]
    path = tmp_path_factory.getbasetemp() / "damaged.csv"
    path.write_bytes(data)
    with contextlib.suppress(DataError):
        bunch = load_fer2013(path, on_error=on_error, subset=subset)
        check_bunch(bunch, len(bunch.target))


# Folders and archives


@pytest.mark.parametrize("top", ["", "fer2013/"])
def test_tree_and_zip(tmp_path: Path, form: str, top: str) -> None:
    path = write_files(tmp_path / "data", kaggle_files(top), form)
    bunch = load_fer2013(path)
    check_bunch(bunch, 21)
    # Seven images for each usage, one for each emotion: sorted as they were made.
    np.testing.assert_array_equal(bunch.images, random_faces()[0])
    np.testing.assert_array_equal(bunch.target_codes, random_faces()[1])
    np.testing.assert_array_equal(bunch.usage, np.repeat(PARTS, 7))
    name = f"{top}train/angry/Training_0.png"
    assert bunch.filenames[0] == (str(path / name) if form == "tree" else name)


@pytest.mark.parametrize("subset", PARTS)
def test_names_tell_validation_from_test(tmp_path: Path, form: str, subset: str) -> None:
    path = write_files(tmp_path / "data", kaggle_files(), form)
    bunch = load_fer2013(path, subset=subset)
    check_bunch(bunch, 7)
    start = 7 * PARTS.index(subset)
    np.testing.assert_array_equal(bunch.images, random_faces()[0][start : start + 7])


def test_a_test_folder_that_serves_as_both(tmp_path: Path, form: str) -> None:
    files = {"train/happy/1.png": face(1), "test/happy/2.png": face(2), "test/sad/3.png": face(3)}
    path = write_files(tmp_path / "data", files, form)
    for subset in ("validation", "test"):
        with pytest.warns(SharedTestSetWarning, match=f"subset='{subset}' holds both") as caught:
            bunch = load_fer2013(path, subset=subset)
        assert caught[0].filename == __file__
        assert list(bunch.target) == ["happy", "sad"]
        assert list(bunch.usage) == ["test", "test"]
    assert list(load_fer2013(path).usage) == ["train", "test", "test"]
    assert len(load_fer2013(path, subset="train").target) == 1


def test_named_images_beside_others_stay_apart(tmp_path: Path) -> None:
    files = {
        "test/sad/PublicTest_1.png": face(1),
        "test/sad/PrivateTest_2.png": face(2),
        "test/sad/Training_3.png": face(3),
    }
    path = write_files(tmp_path / "data", files)
    with pytest.warns(SharedTestSetWarning):
        bunch = load_fer2013(path, subset="test")
    names = [Path(name).name for name in bunch.filenames]
    assert sorted(names) == ["PrivateTest_2.png", "Training_3.png"]


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [
        ("Train", "Validation", "TEST"),
        ("training", "val", "testing"),
        ("train", "valid", "test"),
        ("Training", "PublicTest", "PrivateTest"),
        ("train", "dev", "private_test"),
    ],
)
def test_names_of_split_folders(tmp_path: Path, train: str, validation: str, test: str) -> None:
    files = {f"{split}/fear/{i}.png": face(i) for i, split in enumerate((train, validation, test))}
    # With a folder for validation, the folders tell and not the names.
    files[f"{test}/fear/PublicTest_9.png"] = face(9)
    path = write_files(tmp_path / "data", files)
    assert list(load_fer2013(path).usage) == ["train", "validation", "test", "test"]
    assert len(load_fer2013(path, subset="validation").target) == 1
    assert len(load_fer2013(path, subset="test").target) == 2


@pytest.mark.parametrize(
    ("folder", "emotion"),
    [
        ("Anger", "angry"),
        ("disgusted", "disgust"),
        ("FEARFUL", "fear"),
        ("scared", "fear"),
        ("Happiness", "happy"),
        ("sadness", "sad"),
        ("Surprised", "surprise"),
        ("Neutral", "neutral"),
    ],
)
def test_names_of_emotion_folders(tmp_path: Path, form: str, folder: str, emotion: str) -> None:
    path = write_files(tmp_path / "data", {f"train/{folder}/1.png": face()}, form)
    bunch = load_fer2013(path)
    assert bunch.target[0] == emotion


@pytest.mark.parametrize("top", ["", "faces/"])
def test_tree_without_split_folders(tmp_path: Path, form: str, top: str) -> None:
    files = {f"{top}angry/1.png": face(1), f"{top}happy/2.png": face(2)}
    path = write_files(tmp_path / "data", files, form)
    assert list(load_fer2013(path).usage) == ["unknown", "unknown"]
    with pytest.raises(DataError, match=r"without the folders train and test.*subset='test'"):
        load_fer2013(path, subset="test")


def test_one_emotion_alone_is_no_folder_around_it_all(tmp_path: Path) -> None:
    path = write_files(tmp_path / "data", {"happy/1.png": face()})
    assert list(load_fer2013(path).target) == ["happy"]


@pytest.mark.parametrize("suffix", ["jpg", "JPEG", "png", "bmp", "gif", "webp"])
def test_formats(tmp_path: Path, form: str, suffix: str) -> None:
    format = {"jpg": "JPEG"}.get(suffix, suffix.upper())
    flat = np.full((48, 48), 200, dtype=np.uint8)
    path = write_files(tmp_path / "data", {f"train/sad/1.{suffix}": encode(flat, format)}, form)
    assert np.abs(load_fer2013(path).images.astype(int) - 200).max() <= 2


def test_junk_is_ignored(tmp_path: Path, form: str) -> None:
    junk = {
        "__MACOSX/train/happy/._1.png": b"resource fork",
        "train/happy/._1.png": b"resource fork",
        "train/happy/.DS_Store": b"x",
        "train/happy/Thumbs.db": b"x",
        "train/.ipynb_checkpoints/1.png": b"x",
        "README.txt": b"x",
    }
    path = write_files(tmp_path / "data", {"train/happy/1.png": face(), **junk}, form)
    bunch = load_fer2013(path)
    assert len(bunch.target) == 1
    assert bunch.report["n_skipped"] == 0


def test_links_to_folders_are_followed_to_an_end(tmp_path: Path) -> None:
    outside = write_files(tmp_path / "outside", {"sad/1.png": face()})
    path = tmp_path / "data"
    path.mkdir()
    try:
        (path / "train").symlink_to(outside, target_is_directory=True)
        (path / ".loop").symlink_to(path, target_is_directory=True)
    except OSError:
        pytest.skip("links are not allowed here")
    assert list(load_fer2013(path).usage) == ["train"]


GOOD = {"train/happy/a.png": face(1), "train/sad/z.png": face(2)}
JPEG = encode(np.random.default_rng(0).integers(0, 256, size=(48, 48), dtype=np.uint8), "JPEG")
BAD_FILES = {
    "truncated": ("train/sad/b.jpg", JPEG[: len(JPEG) // 2], "unreadable image", "truncated"),
    "text": ("train/sad/b.jpg", b"not an image", "unreadable image", "not an image"),
    "empty": ("train/sad/b.jpg", b"", "unreadable image", "not an image"),
    "size": (
        "train/sad/b.png",
        face(shape=(50, 40)),
        "wrong image size",
        "50 x 40.*expected 48 x 48.*load_image_folder",
    ),
    "emotion": (
        "train/contempt/b.png",
        face(),
        "unknown emotion folder",
        "'contempt', but expected one of angry, anger, disgust",
    ),
    "split": (
        "holdout/sad/b.png",
        face(),
        "unknown split folder",
        "'holdout', but expected.*train",
    ),
    "no emotion": ("train/b.png", face(), "not in an emotion's folder", "<split>/<emotion>/"),
    "too deep": ("train/sad/x/b.png", face(), "not in an emotion's folder", "<split>/<emotion>/"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_file(tmp_path: Path, form: str, case: str) -> None:
    name, data, reason, message = BAD_FILES[case]
    path = write_files(tmp_path / "data", {**GOOD, name: data}, form)
    with pytest.raises(DataError, match=f"{name}: .*{message}") as caught:
        load_fer2013(path)
    assert isinstance(caught.value, ImageError) == (reason == "unreadable image")
    bunch = load_fer2013(path, on_error="skip")
    check_bunch(bunch, 2)
    assert list(bunch.target) == ["happy", "sad"]
    assert bunch.report["reasons"] == {reason: 1}
    assert bunch.report["skipped"] == [(str(path / name) if form == "tree" else name, reason)]


def test_no_file_left(tmp_path: Path, form: str) -> None:
    path = write_files(tmp_path / "data", {"train/sad/b.jpg": b"x", "train/sad/c.jpg": b"y"}, form)
    with pytest.raises(DataError, match=r"no image.*2 skipped \(unreadable image: 2\)"):
        load_fer2013(path, on_error="skip")


def test_neither_images_nor_csv(tmp_path: Path, form: str) -> None:
    path = write_files(tmp_path / "data", {"a/readme.txt": b"x"}, form)
    with pytest.raises(DataError, match=r"expected images in folders or one CSV file.*neither"):
        load_fer2013(path)


@pytest.mark.parametrize("name", ["fer2013.csv", "top/any.csv", "a/b/Fer2013.CSV"])
def test_csv_in_folder_and_zip(tmp_path: Path, csv_path: Path, form: str, name: str) -> None:
    files = {name: csv_path.read_bytes(), "__MACOSX/._fer2013.csv": b"x"}
    bunch = load_fer2013(write_files(tmp_path / "data", files, form), subset="validation")
    check_bunch(bunch, 7)
    np.testing.assert_array_equal(bunch.images, random_faces()[0][7:14])


def test_the_known_csv_among_several(tmp_path: Path, csv_path: Path, form: str) -> None:
    files = {"icml_face_data.csv": csv_path.read_bytes(), "train.csv": b"x", "test.csv": b"y"}
    assert len(load_fer2013(write_files(tmp_path / "data", files, form)).target) == 21


def test_several_csv_files(tmp_path: Path, form: str) -> None:
    path = write_files(tmp_path / "data", {"a.csv": b"x", "b.csv": b"y"}, form)
    with pytest.raises(DataError, match=r"several CSV files: a\.csv, b\.csv"):
        load_fer2013(path)


def test_error_in_a_csv_in_a_zip_names_both(tmp_path: Path) -> None:
    path = write_files(tmp_path / "data", {"x.csv": b"emotion,pixels,Usage\n9,1,Training\n"}, "zip")
    with pytest.raises(DataError, match=r"data\.zip: x\.csv: row 1 \(line 2\)"):
        load_fer2013(path)


UNSAFE = ["../up.png", "train/../../up.png", "/abs.png", "C:/abs.png", "..\\up.png", "C:\\abs.png"]


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_name_in_a_zip(tmp_path: Path, name: str) -> None:
    path = write_files(tmp_path / "data", {**GOOD, name: face()}, "zip")
    with pytest.raises(DataError) as caught:
        load_fer2013(path)
    assert repr(name) in str(caught.value)
    assert "data.zip" in str(caught.value)
    bunch = load_fer2013(path, on_error="skip")
    assert bunch.report["reasons"] == {"unsafe name": 1}
    assert bunch.report["skipped"] == [(name, "unsafe name")]
    assert len(bunch.target) == 2


def test_a_zip_is_known_by_its_content(tmp_path: Path) -> None:
    path = write_files(tmp_path / "data", GOOD, "zip")
    renamed = path.rename(tmp_path / "archive")
    assert len(load_fer2013(renamed).target) == 2


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and no more", b"something else"])
@pytest.mark.parametrize("load", [load_fer2013, load_image_folder])
def test_broken_zip(tmp_path: Path, load: Callable[..., Any], data: bytes) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(data)
    with pytest.raises(DataError, match="zip archive cannot be read"):
        load(path)


def set_flag_bits(data: bytes, bits: int) -> bytes:
    """Set general purpose flags in every header of an archive."""
    out = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := data.find(signature, start + 1)) >= 0:
            out[start + offset] |= bits
    return bytes(out)


@pytest.mark.parametrize("files", [GOOD, {"fer2013.csv": b"emotion,pixels,Usage\n"}])
def test_encrypted_zip(tmp_path: Path, files: dict[str, bytes]) -> None:
    path = write_files(tmp_path / "data", files, "zip")
    path.write_bytes(set_flag_bits(path.read_bytes(), 0x1))
    with pytest.raises(DataError, match="encrypted"):
        load_fer2013(path)


def test_damaged_member(tmp_path: Path) -> None:
    path = write_files(tmp_path / "data", GOOD, "zip")
    data = bytearray(path.read_bytes())
    place = bytes(data).index(b"IDAT") + 100
    data[place] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ImageError, match="CRC-32"):
        load_fer2013(path)
    assert load_fer2013(path, on_error="skip").report["n_skipped"] == 1


def test_damaged_csv_member(tmp_path: Path, csv_path: Path) -> None:
    path = write_files(tmp_path / "data", {"fer2013.csv": csv_path.read_bytes()}, "zip")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x01
    path.write_bytes(data)
    with pytest.raises(DataError):
        load_fer2013(path)


def test_zip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train/happy/bomb.png", b"\0" * 17 * 1024**2)
        archive.writestr("train/happy/1.png", face())
    with pytest.raises(ImageError, match=r"bomb\.png: an image of 17825792 bytes is not plausible"):
        load_fer2013(path)
    assert load_fer2013(path, on_error="skip").report["reasons"] == {"unreadable image": 1}


@pytest.fixture(scope="module")
def zip_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_files(tmp_path_factory.mktemp("zip") / "data", GOOD, "zip").read_bytes()


@settings(max_examples=150, deadline=None)
@given(
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=8),
    on_error=st.sampled_from(["raise", "skip"]),
)
def test_of_a_damaged_zip_nothing_but_data_error_escapes(
    tmp_path_factory: pytest.TempPathFactory,
    zip_bytes: bytes,
    changes: list[tuple[float, int]],
    on_error: str,
) -> None:
    data = bytearray(zip_bytes)
    for place, value in changes:
        # Half of the changes hit the directory at the end.
        start = len(data) - 200 if value % 2 else 0
        data[start + int(place * (len(data) - start))] = value
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(data)
    with warnings.catch_warnings(), contextlib.suppress(DataError):
        warnings.simplefilter("ignore", UserWarning)
        check_bunch(bunch := load_fer2013(path, on_error=on_error), len(bunch.target))


# The real images


@pytest.fixture(scope="module")
def real_paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("fer2013")
    paths = {"csv": folder / "fer.csv", "tree": folder / "tree", "zip": folder / "fer.zip"}
    tool = str(SHARED / "tools" / "fer2013.py")
    for layout, path in paths.items():
        subprocess.run([sys.executable, tool, layout, str(path), "--limit", "60"], check=True)
    return paths


@needs_fer2013
@pytest.mark.parametrize("subset", ["all", "train", "validation"])
def test_the_three_layouts_of_fer2013_agree(real_paths: dict[str, Path], subset: str) -> None:
    csv, tree, zipped = (load_fer2013(real_paths[k], subset=subset) for k in ("csv", "tree", "zip"))
    n_samples = 120 if subset == "all" else 60
    for bunch in (csv, tree, zipped):
        check_bunch(bunch, n_samples)
        assert sorted(bunch.target) == sorted(csv.target)
        np.testing.assert_array_equal(
            np.unique(bunch.usage, return_counts=True)[1],
            np.unique(csv.usage, return_counts=True)[1],
        )
    np.testing.assert_array_equal(tree.images, zipped.images)
    # The tree's names end in the image's number within its usage, in the order of the CSV file.
    first = {usage: list(csv.usage).index(usage) for usage in set(csv.usage)}
    for image, target, usage, name in zip(
        tree.images, tree.target, tree.usage, tree.filenames, strict=True
    ):
        i = first[usage] + int(Path(name).stem.rpartition("_")[2])
        assert csv.target[i] == target
        assert np.abs(csv.images[i].astype(int) - image).mean() < 4


@needs_fer2013
def test_csv_of_fer2013_is_read_exactly(real_paths: dict[str, Path]) -> None:
    frame = pd.read_csv(real_paths["csv"])
    expected = np.array([text.split() for text in frame["pixels"]], dtype=np.uint8)
    bunch = load_fer2013(real_paths["csv"])
    np.testing.assert_array_equal(bunch.data, expected)
    np.testing.assert_array_equal(bunch.target_codes, frame["emotion"])


@needs_fer2013
def test_private_test_is_not_there(real_paths: dict[str, Path]) -> None:
    for path in real_paths.values():
        with pytest.raises(DataError, match="no image of subset='test'"):
            load_fer2013(path, subset="test")


# A part, and the images of training beside it


class TestBesideTraining:
    @pytest.mark.parametrize("subset", ["all", *PARTS])
    def test_it_is_what_two_readings_give(self, csv_path: Path, subset: str) -> None:
        faces, training = load_beside_training(csv_path, subset=subset, on_error="raise")
        alone = load_fer2013(csv_path, subset=subset)
        np.testing.assert_array_equal(faces.images, alone.images)
        np.testing.assert_array_equal(faces.filenames, alone.filenames)
        np.testing.assert_array_equal(training, load_fer2013(csv_path, subset="train").images)

    def test_a_file_is_read_once(self, csv_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opened = []
        monkeypatch.setattr(
            _containers,
            "open_file",
            lambda path: opened.append(path) or open_file(path),
        )
        load_beside_training(csv_path, subset="validation", on_error="raise")
        assert opened == [csv_path]

    @pytest.mark.parametrize("form", ["tree", "zip"])
    def test_of_folders_too(self, tmp_path: Path, form: str) -> None:
        path = write_files(tmp_path, kaggle_files(), form)
        faces, training = load_beside_training(path, subset="test", on_error="raise")
        np.testing.assert_array_equal(faces.images, load_fer2013(path, subset="test").images)
        np.testing.assert_array_equal(training, load_fer2013(path, subset="train").images)

    def test_bad_rows_of_training_are_left_out_and_others_are_errors(self, tmp_path: Path) -> None:
        bad = row(pixels="1 2 3")
        path = write_csv(tmp_path / "a.csv", row(), bad, row(usage="PublicTest"))
        faces, training = load_beside_training(path, subset="validation", on_error="raise")
        assert (len(faces.images), len(training), faces.report["n_skipped"]) == (1, 1, 0)
        path = write_csv(tmp_path / "b.csv", row(), row(pixels="1 2 3", usage="PublicTest"))
        with pytest.raises(DataError, match="row 2"):
            load_beside_training(path, subset="validation", on_error="raise")

    def test_there_need_be_no_images_of_training(self, tmp_path: Path) -> None:
        path = write_csv(tmp_path / "a.csv", row(usage="PublicTest"))
        faces, training = load_beside_training(path, subset="validation", on_error="raise")
        assert (len(faces.images), len(training)) == (1, 0)
        path = write_csv(tmp_path / "b.csv", row().rpartition(",")[0], header="emotion,pixels")
        _, training = load_beside_training(path, subset="all", on_error="raise")
        assert len(training) == 0
