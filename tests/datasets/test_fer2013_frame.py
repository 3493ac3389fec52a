"""load_fer2013 of a DataFrame and of open files: what it gives of their paths."""

from __future__ import annotations

import gzip
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pytest

from ferclassifier import load_fer2013
from ferclassifier.exceptions import DataError
from image_trees import kaggle_files, random_faces, row, tar_bytes, write_csv, write_files


def check_equal(bunch: Any, expected: Any) -> None:
    for name in ("images", "data", "target", "target_names", "filenames", "usage"):
        np.testing.assert_array_equal(bunch[name], expected[name])
        assert bunch[name].dtype == expected[name].dtype
    assert bunch.report == expected.report
    assert bunch.images.flags.writeable


def arrays(text: str) -> np.ndarray:
    return np.array(text.split(), dtype=np.uint8)


PIXELS: dict[str, Callable[[str], Any]] = {
    "texts": str,
    "rows": arrays,
    "images": lambda text: arrays(text).reshape(48, 48),
    "images with channels": lambda text: arrays(text).reshape(48, 48, 1),
    "int64": lambda text: arrays(text).astype(np.int64),
    "whole floats": lambda text: arrays(text).astype(np.float64),
    "lists": lambda text: arrays(text).tolist(),
    "lists of texts": str.split,
}


class TestFrame:
    @pytest.mark.parametrize("pixels", PIXELS.values(), ids=PIXELS)
    @pytest.mark.parametrize("subset", ["all", "validation"])
    def test_it_is_what_the_file_gives(
        self, csv_path: Path, pixels: Callable[[str], Any], subset: str
    ) -> None:
        """A DataFrame ended in a TypeError about os.PathLike."""
        frame = pd.read_csv(csv_path)
        frame["pixels"] = frame["pixels"].map(pixels).astype(object)
        before = frame.copy()
        expected = load_fer2013(csv_path, subset=subset)
        check_equal(load_fer2013(frame, subset=subset), expected)
        pd.testing.assert_frame_equal(frame, before)

    def test_variants_of_columns(self, csv_path: Path) -> None:
        frame = pd.read_csv(csv_path)
        expected = load_fer2013(csv_path)
        frame.columns = [" Emotion", "PIXELS ", " Usage"]
        frame.insert(0, 7, "x")
        frame.index = frame.index[::-1] * 2
        check_equal(load_fer2013(frame), expected)
        frame[" Emotion"] = frame[" Emotion"].astype(float)
        check_equal(load_fer2013(frame), expected)
        frame[" Emotion"] = frame[" Emotion"].astype(int).astype(str).astype("category")
        check_equal(load_fer2013(frame), expected)

    def test_without_usage(self, csv_path: Path) -> None:
        frame = pd.read_csv(csv_path).drop(columns="Usage")
        assert set(load_fer2013(frame).usage) == {"unknown"}
        with pytest.raises(DataError, match="DataFrame: without a column Usage"):
            load_fer2013(frame, subset="test")

    def test_a_missing_column(self) -> None:
        frame = pd.DataFrame(np.zeros((1, 2304)))
        with pytest.raises(DataError, match="a DataFrame with the columns emotion") as caught:
            load_fer2013(frame)
        assert len(str(caught.value)) < 250

    @pytest.mark.parametrize(
        ("column", "value", "match"),
        [
            ("emotion", None, "the value of 'emotion' is missing"),
            ("emotion", 7, "the label is '7', expected an integer from 0 to 6"),
            ("emotion", 1.5, "the label is '1.5'"),
            ("pixels", None, "the value of 'pixels' is missing"),
            ("pixels", " ", "the value of 'pixels' is missing"),
            ("pixels", "1 2 3", "got 3 pixels, expected 2304"),
            ("pixels", [1, 2, 3], "got 3 pixels, expected 2304"),
            ("pixels", [[1], [2, 3]], "the pixels are no array"),
            ("pixels", np.zeros((24, 96)), r"got pixels of shape \(24, 96\), expected 48 x 48"),
            ("pixels", np.full(2304, 256), "pixel 1 is '256', expected integers from 0 to 255"),
            ("pixels", np.full(2304, 0.5), "pixel 1 is '0.5', expected integers"),
            ("pixels", np.full(2304, np.nan), "pixel 1 is 'nan', expected integers"),
            ("pixels", ["x"] * 2304, "pixel 1 is 'x', expected integers"),
            ("pixels", np.zeros(2304, dtype=complex), "dtype complex128"),
            ("Usage", "Holdout", "Usage is 'Holdout', expected Training"),
            ("Usage", np.nan, "the value of 'usage' is missing"),
        ],
    )
    def test_bad_rows(self, csv_path: Path, column: str, value: Any, match: str) -> None:
        frame = pd.read_csv(csv_path).astype(object)
        values = list(frame[column])
        values[2] = value
        frame[column] = pd.Series(values, dtype=object)
        with pytest.raises(DataError, match=f"DataFrame: row 3: .*{match}"):
            load_fer2013(frame)
        report = load_fer2013(frame, on_error="skip").report
        assert (report["n_read"], report["skipped"][0][0]) == (20, "row 3")

    def test_an_empty_frame(self) -> None:
        frame = pd.DataFrame({"emotion": [], "pixels": [], "Usage": []})
        with pytest.raises(DataError, match="DataFrame: no image of subset='all'"):
            load_fer2013(frame)


class NoSeek(io.RawIOBase):
    """A stream as of a network: it does not seek, and gives little at a time."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(memoryview(buffer)[:100])


class OnlyRead:
    """What has no more than a method, such as an answer of requests."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, n_bytes: int = -1) -> bytes:
        return self._content.read(n_bytes)


OPENED: dict[str, Callable[[Path], IO[Any]]] = {
    "binary": lambda path: path.open("rb"),
    "unbuffered": lambda path: path.open("rb", buffering=0),
    "text": lambda path: path.open(encoding="utf-8"),
    "text of any newline": lambda path: path.open(encoding="utf-8", newline=""),
    "BytesIO": lambda path: io.BytesIO(path.read_bytes()),
    "StringIO": lambda path: io.StringIO(path.read_text()),
    "StringIO with a mark": lambda path: io.StringIO("\ufeff" + path.read_text()),
    "no seek": lambda path: NoSeek(path.read_bytes()),
    "gzip": lambda path: io.BytesIO(gzip.compress(path.read_bytes())),
    "gzip, no seek": lambda path: NoSeek(gzip.compress(path.read_bytes())),
    "gzip.open": lambda path: gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(path.read_bytes()))),
    "tar": lambda path: io.BytesIO(tar_bytes({"fer2013.csv": path.read_bytes()}, "gz")),
}


class TestFileObject:
    @pytest.mark.parametrize("opened", OPENED.values(), ids=OPENED)
    def test_it_is_what_the_path_gives(
        self, csv_path: Path, opened: Callable[[Path], IO[Any]]
    ) -> None:
        """A file object ended in a TypeError about os.PathLike."""
        with opened(csv_path) as file:
            check_equal(load_fer2013(file, subset="test"), load_fer2013(csv_path, subset="test"))
            assert not file.closed

    def test_what_can_do_no_more_than_read(self, csv_path: Path) -> None:
        check_equal(load_fer2013(OnlyRead(csv_path.read_bytes())), load_fer2013(csv_path))

    def test_a_temporary_file(self, csv_path: Path) -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.write(csv_path.read_bytes())
            file.seek(0)
            check_equal(load_fer2013(file), load_fer2013(csv_path))
        with tempfile.TemporaryFile("w+") as file:
            file.write(csv_path.read_text())
            file.seek(0)
            check_equal(load_fer2013(file), load_fer2013(csv_path))

    def test_archives(self, tmp_path: Path) -> None:
        path = write_files(tmp_path / "data", kaggle_files(), "zip")
        with path.open("rb") as file:
            check_equal(load_fer2013(file), load_fer2013(path))
            assert not file.closed
        with pytest.raises(DataError, match="a zip archive cannot be read from a stream that does"):
            load_fer2013(NoSeek(path.read_bytes()))
        with (
            pytest.raises(DataError, match="open it in binary mode"),
            path.open(encoding="latin-1") as text,
        ):
            load_fer2013(text)

    def test_errors_name_the_file(self, tmp_path: Path) -> None:
        path = write_csv(tmp_path / "fer.csv", row(9))
        with path.open("rb") as file, pytest.raises(DataError, match=r"fer\.csv: row 1 \(line 2\)"):
            load_fer2013(file)
        with pytest.raises(DataError, match=r"file object: row 1 \(line 2\)"):
            load_fer2013(io.StringIO(path.read_text()))

    def test_a_closed_file(self, csv_path: Path) -> None:
        file = csv_path.open("rb")
        file.close()
        with pytest.raises(DataError, match="closed file"):
            load_fer2013(file)


@pytest.mark.parametrize("source", [None, 3, random_faces()[0], [1], {"emotion": 1}])
def test_what_is_neither(source: Any) -> None:
    with pytest.raises(TypeError, match="expected a path, a pandas DataFrame or an open file"):
        load_fer2013(source)
