"""Maps of images: brought to a size, and to a scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def resized(maps: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Interpolate maps of shape (n, rows, columns) bilinearly to a height and width."""
    if maps.shape[1:] == size:
        return maps
    height, width = size
    new = [Image.fromarray(m).resize((width, height), Image.Resampling.BILINEAR) for m in maps]
    return np.stack([np.asarray(m) for m in new])


def normalised(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut off what is negative, and scale the largest value of each map to 1, if there is one."""
    maps = np.maximum(maps, 0)
    largest = maps.max(axis=(1, 2), keepdims=True)
    scaled: NDArray[np.float32] = np.divide(
        maps, largest, out=np.zeros_like(maps), where=largest > 0
    )
    return scaled
