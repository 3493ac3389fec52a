"""Sessions: files of other kinds are named, threads are counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from ferclassifier._onnx import open_session, session
from ferclassifier._onnx.session import threads_of
from ferclassifier.exceptions import ModelFileError
from onnx_files import SIDE, linear_model


def test_a_file_and_its_content_are_opened(tmp_path: Path) -> None:
    path = linear_model(tmp_path / "model.onnx")
    images = np.zeros((2, SIDE, SIDE, 1), dtype=np.uint8)
    for given in (path, str(path), path.read_bytes()):
        [found] = open_session(given).run(None, {"images": images})
        np.testing.assert_allclose(found, 1 / 3, atol=1e-6)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "an empty file"),
        (b"PK\x03\x04 and more", "a zip archive, as .keras files are"),
        (b"\x89HDF\r\n\x1a\n and more", "an HDF5 file"),
        (b"emotion,pixels,Usage\n", "cannot open it: it is damaged, or no ONNX file"),
    ],
)
def test_files_of_other_kinds_are_named(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=told) as caught:
        open_session(path)
    assert str(caught.value).startswith(str(path))
    assert len(str(caught.value)) < 500 + len(str(path))


def test_a_safetensors_file_is_named(saved: Path) -> None:
    with pytest.raises(ModelFileError, match=r"safetensors file, which FERClassifier\.load reads"):
        open_session(saved)


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MAX_BYTES", 500)
    with pytest.raises(ModelFileError, match="more than 500 bytes"):
        open_session(linear_model(tmp_path / "model.onnx"))


def test_a_file_that_was_cut_off_is_damaged(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = linear_model(tmp_path / "model.onnx")
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ModelFileError, match="damaged"):
        open_session(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("spelling", [b"\x0a\x08", b"\x0a\x88\x80\x00", b"\x8a\x00\x08"])
def test_a_file_that_reads_other_files_is_refused(spelling: bytes, tmp_path: Path) -> None:
    """From bytes, onnxruntime would look for them in the folder in which a user works."""
    path = linear_model(tmp_path / "model.onnx")
    model = onnx.load(path)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="secret.bin")
    assert b"\x0a\x08location" in model.SerializeToString()
    content = model.SerializeToString().replace(b"\x0a\x08location", spelling + b"location")
    with pytest.raises(ModelFileError, match="names other files"):
        open_session(content)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="this is a folder"):
        open_session(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        open_session(tmp_path / "missing.onnx")
    with pytest.raises(ModelFileError, match="no regular file"):
        open_session("/dev/null")


def test_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    assert threads_of(3) == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert threads_of(None) == 5
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert threads_of(None) >= 1


@pytest.mark.parametrize("n_threads", [0, -1, True, 1.5, "2"])
def test_what_is_no_number_of_threads_is_refused(n_threads: Any) -> None:
    with pytest.raises(ValueError, match="n_threads"):
        threads_of(n_threads)
