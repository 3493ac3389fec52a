"""A photo for the tests of faces: a portrait by the US Navy, which comes with Matplotlib."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def hopper_path() -> Path:
    return Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"


@pytest.fixture(scope="session")
def hopper(hopper_path: Path) -> Image.Image:
    """512 by 600 pixels; her eyes lie at (223, 193) and (305, 190)."""
    return Image.open(hopper_path).convert("RGB")
