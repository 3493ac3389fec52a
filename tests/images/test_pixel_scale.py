"""Which scale pixels have, and what brings it to [-1, 1]."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ferclassifier.images._pixel_scale import PixelScale


@pytest.mark.parametrize(
    ("pixels", "kind"),
    [
        (np.array([[0, 255]], np.uint8), "bytes"),
        (np.array([[0, 255]], np.int64), "bytes"),
        (np.array([[-1, 255]]), "raw"),
        (np.array([[0, 256]]), "raw"),
        (np.array([[0.0, 1.0]]), "unit"),
        (np.array([[0.0, 255.0]]), "raw"),
        (np.array([[-0.1, 0.9]]), "raw"),
        (np.array([[True, False]]), "unit"),
    ],
)
def test_scales(pixels: Any, kind: str) -> None:
    assert PixelScale.of(pixels).kind == kind


def test_scales_meet_on_the_same_range() -> None:
    for pixels in (np.array([[0, 255]], np.uint8), np.array([[0.0, 1.0]])):
        factor, offset = PixelScale.of(pixels).factor_and_offset
        assert np.allclose(pixels * factor + offset, [[-1, 1]])
