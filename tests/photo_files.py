"""A model for which faces that are brighter on the left are happy, and such faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from onnx_files import linear_model


def side_model(path: Path) -> Path:
    """Write an ONNX file that answers "happy" where gray images are brighter on the left."""
    weights = np.zeros((48, 48, 2))
    weights[:, :24, 0] = weights[:, 24:, 1] = 6 / (48 * 24 * 255)
    return linear_model(
        path, classes=("happy", "sad"), image_shape=(48, 48, 1), weights=weights.reshape(-1, 2)
    )


def write_face(path: Path, emotion: str = "happy", level: int = 255) -> Path:
    """Write a crop that the model takes for happy or sad, and the surer the brighter it is."""
    pixels = np.zeros((48, 48), np.uint8)
    pixels[:, slice(24) if emotion == "happy" else slice(24, None)] = level
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path
