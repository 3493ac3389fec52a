"""Tiles hold all of a photo, and say where they come from."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ferclassifier.faces._tiles import tiles_of


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (1000, 30), (5, 5), (1, 700)])
@pytest.mark.parametrize("side", [80.0, 192.0, 499.2, 870.4])
def test_tiles_hold_all_of_a_photo(size: tuple[int, int], side: float) -> None:
    seen = np.zeros(size[::-1], dtype=bool)
    for tile in tiles_of(Image.new("RGB", size, "white"), [side], 32, 128):
        height, width, _ = tile.pixels.shape
        assert height % 32 == width % 32 == 0
        assert 128 <= min(height, width) <= max(height, width) <= 384
        left, top = tile.corner
        right, bottom = left + width * tile.scale[0], top + height * tile.scale[1]
        seen[max(0, round(top)) : round(bottom), max(0, round(left)) : round(right)] = True
        beyond = (right + 0.1 < size[0], bottom + 0.1 < size[1])
        assert tile.cut == (left > 0, top > 0, *beyond)
    assert seen.all()


def test_a_place_in_a_tile_is_one_in_the_photo() -> None:
    photo = Image.new("RGB", (800, 600))
    photo.paste("white", (500, 400, 540, 440))
    n_seen = 0
    for tile in tiles_of(photo, [192, 499.2, 870.4], 32, 192):
        rows, columns = np.nonzero(tile.pixels[..., 0] > 128)
        if len(rows) < 38 * 38 / tile.scale[0] ** 2:
            continue
        n_seen += 1
        assert abs((columns.mean() + 0.5) * tile.scale[0] + tile.corner[0] - 520) < 3
        assert abs((rows.mean() + 0.5) * tile.scale[1] + tile.corner[1] - 420) < 3
    assert n_seen >= 3


def test_the_number_of_tiles_does_not_grow_with_the_photo() -> None:
    for size in ((8000, 6000), (800, 600), (8, 6)):
        assert (
            len(list(tiles_of(Image.new("RGB", size), [192, 307, 499, 870], 32, 192)))
            == 1 + 1 + 2 + 6
        )
