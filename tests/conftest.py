"""What the tests share: drawn faces, and models fitted once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# scikit-learn's check of array API input is skipped without it; read when SciPy is imported.
os.environ["SCIPY_ARRAY_API"] = "1"

import pytest

from ferclassifier import FERClassifier, make_faces
from helpers import patterns, tiny_classifier


@pytest.fixture(autouse=True)
def _no_figures_left() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def pattern_images() -> Any:
    return patterns()


@pytest.fixture(scope="session")
def fitted(pattern_images: Any) -> FERClassifier:
    """A fitted classifier; tests must not change it."""
    X, y = pattern_images
    return tiny_classifier().fit(X, y)


@pytest.fixture(scope="session")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn faces in the form of fer2013.csv, all of them for training."""
    images, codes = make_faces(42, random_state=0)
    rows = zip(codes, images.reshape(len(images), -1), strict=True)
    lines = [f"{code},{' '.join(map(str, pixels))},Training\n" for code, pixels in rows]
    path = tmp_path_factory.mktemp("data") / "fer2013.csv"
    path.write_text("".join(["emotion,pixels,Usage\n", *lines]))
    return path
