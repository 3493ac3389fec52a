"""What tests of videos share: PyAV, or a reason why they are skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from photo_files import side_model

pytest.importorskip("av", reason="PyAV is not installed")


@pytest.fixture(scope="session")
def onnx_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return side_model(tmp_path_factory.mktemp("onnx") / "model.onnx")
