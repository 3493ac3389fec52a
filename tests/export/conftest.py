"""Files that were exported once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ferclassifier import FERClassifier
from ferclassifier.export import export_onnx


@pytest.fixture(scope="session")
def exported(
    fitted: FERClassifier, pattern_images: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An ONNX file of the fitted classifier; tests must not change it."""
    path = tmp_path_factory.mktemp("exported") / "model.onnx"
    export_onnx(fitted, path, calibration_images=pattern_images[0])
    return path
