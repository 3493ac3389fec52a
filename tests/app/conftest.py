"""What the tests of the page share: a client, and photos to send."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app_clients import as_file, client_of


@pytest.fixture(scope="session")
def client() -> Any:
    return client_of()


@pytest.fixture(scope="session")
def photo(portrait: Path) -> bytes:
    """A photo of one face."""
    return portrait.read_bytes()


@pytest.fixture(scope="session")
def group(portrait: Path) -> bytes:
    """A photo of five faces, from the largest to the smallest."""
    picture = Image.new("RGB", (1000, 667), "gray")
    with Image.open(portrait) as face:
        for i in range(5):
            height = 220 - 20 * i
            picture.paste(face.resize((height * 512 // 600, height)), (10 + 197 * i, 200))
    return as_file(picture, quality=92)


@pytest.fixture(scope="session")
def no_face() -> bytes:
    noise = np.random.default_rng(0).integers(90, 130, (240, 320, 3), dtype=np.uint8)
    return as_file(Image.fromarray(noise))
