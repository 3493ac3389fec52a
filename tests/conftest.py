"""What the tests share: a small configuration, drawn faces and models fitted once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# scikit-learn's check of array API input is skipped without it; read when SciPy is imported.
os.environ["SCIPY_ARRAY_API"] = "1"

import numpy as np
import pytest

from ferclassifier import FERClassifier, make_faces


def tiny_classifier(**params: Any) -> FERClassifier:
    """A classifier whose fit takes a second."""
    defaults: dict[str, Any] = {
        "architecture": "gap_cnn",
        "architecture_params": {
            "filters": (8,),
            "dense": 16,
            "block_dropout": 0.0,
            "dropout": 0.0,
        },
        "optimizer": "adam",
        "learning_rate": 0.02,
        "batch_size": 32,
        "epochs": 12,
        "augmentation": None,
        "label_smoothing": 0.0,
        "weight_decay": 0.0,
        "precision": "float32",
        "test_time_augmentation": None,
        "random_state": 0,
    }
    return FERClassifier(**{**defaults, **params})


def patterns(n_samples: int = 60, n_classes: int = 3, side: int = 12, seed: int = 0) -> Any:
    """Noisy images of stripes, one direction per class, easy to learn in a second."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_samples) % n_classes
    X = rng.integers(0, 80, size=(n_samples, side, side), dtype=np.uint8)
    X[y == 0, ::2] += 120
    X[y == 1, :, ::2] += 120
    return X, y


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
