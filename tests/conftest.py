"""What the tests share: images and files of them, and a model fitted once, and its file."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# scikit-learn's check of array API input is skipped without it; read when SciPy is imported.
os.environ["SCIPY_ARRAY_API"] = "1"

import numpy as np
import pytest
from PIL import Image

from ferclassifier import FERClassifier
from helpers import faces_and_codes, patterns, tiny_classifier


def pytest_configure(config: pytest.Config) -> None:
    # Fits of tests are short on purpose. Those that look for the hint catch it.
    config.addinivalue_line("filterwarnings", "ignore:The fit ended near chance")


@pytest.fixture(autouse=True)
def _no_figures_left() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="module", autouse=True)
def _garbage_of_this_module_only() -> None:
    """Leave alone what modules before have left: TensorFlow keeps every graph that it compiled.

    Looking through all of them took a second for each full collection.
    """
    gc.freeze()


@pytest.fixture(scope="session")
def pattern_images() -> Any:
    return patterns()


@pytest.fixture(scope="session")
def fitted(pattern_images: Any) -> FERClassifier:
    """A fitted classifier; tests must not change it."""
    X, y = pattern_images
    return tiny_classifier().fit(X, y)


@pytest.fixture(scope="session")
def saved(fitted: FERClassifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of the fitted classifier; tests must not change it."""
    path = tmp_path_factory.mktemp("saved") / "model.safetensors"
    fitted.save(path)
    return path


@pytest.fixture(scope="session")
def image_files(pattern_images: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Paths, the same images as an array, and labels."""
    folder = tmp_path_factory.mktemp("images")
    X, y = pattern_images
    paths = [folder / f"{i:02d}.png" for i in range(len(X))]
    for path, image in zip(paths, X, strict=True):
        Image.fromarray(image).save(path)
    return np.array([str(path) for path in paths]), X, y


@pytest.fixture(scope="session")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn faces in the form of fer2013.csv, all of them for training."""
    images, codes = faces_and_codes(42, random_state=0)
    rows = zip(codes, images.reshape(len(images), -1), strict=True)
    lines = [f"{code},{' '.join(map(str, pixels))},Training\n" for code, pixels in rows]
    path = tmp_path_factory.mktemp("data") / "fer2013.csv"
    path.write_text("".join(["emotion,pixels,Usage\n", *lines]))
    return path


@pytest.fixture(scope="session")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of one face, which comes with Matplotlib and is in the public domain."""
    from matplotlib.cbook import get_sample_data

    path = tmp_path_factory.mktemp("portrait") / "portrait.jpg"
    with get_sample_data("grace_hopper.jpg") as file, Image.open(file) as image:
        image.save(path, quality=95)
    return path
