"""What tests of photos share: a model in a file, and a folder of faces."""

from __future__ import annotations

from pathlib import Path

import pytest

from photo_files import side_model, write_face


@pytest.fixture(scope="session")
def onnx_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return side_model(tmp_path_factory.mktemp("onnx") / "model.onnx")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six faces, of which every second one is sad."""
    for i in range(6):
        name = f"{i}.png" if i < 4 else f"more/{i}.png"
        write_face(tmp_path / "photos" / name, ("happy", "sad")[i % 2])
    return tmp_path / "photos"
