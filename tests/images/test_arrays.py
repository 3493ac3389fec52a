"""The contract of an image array."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferclassifier import PixelScaler
from ferclassifier.exceptions import ImageError
from ferclassifier.images._arrays import as_images, image_shape_of, parts_of, release_pages


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([1, 3]))
def test_an_explicit_shape_makes_images_of_rows(height: int, width: int, channels: int) -> None:
    rows = np.arange(2 * height * width * channels).reshape(2, -1)
    shape = image_shape_of(rows.shape, (height, width, channels))
    assert shape == (height, width, channels)
    images = as_images(rows, shape)
    assert np.shares_memory(images, rows)
    assert (images.reshape(2, -1) == rows).all()


@given(st.integers(1, 500))
def test_rows_become_squares(side: int) -> None:
    assert image_shape_of((3, side**2)) == (side, side, 1)
    if side >= 5:
        assert image_shape_of((3, 3 * side**2)) == (side, side, 3)


@pytest.mark.parametrize("pixels", [40 * 52, 3 * 40 * 52, 2 * 48 * 48, 65, 2305])
def test_rows_that_make_no_square_ask_for_their_shape(pixels: int) -> None:
    """They became images of one line, in silence."""
    with pytest.raises(ImageError, match=rf"rows of {pixels} pixels.*image_shape=\(height, width"):
        image_shape_of((3, pixels))
    assert image_shape_of((3, pixels), (1, pixels)) == (1, pixels, 1)


@pytest.mark.parametrize("values", [2, 3, 12, 27, 48, 63])
def test_rows_of_a_table_become_lines(values: int) -> None:
    assert image_shape_of((3, values)) == (1, values, 1)


@pytest.mark.parametrize("shape", [(5,), (2, 3, 4, 5, 3), (2, 8, 8, 4), (2, 3, 8, 8)])
def test_no_batch_of_images(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match=r"Got"):
        image_shape_of(shape)


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_released_pages_can_be_read_again(tmp_path: Any, mode: Any) -> None:
    written = np.memmap(tmp_path / "X", dtype=np.uint8, mode="w+", shape=(64, 4096))
    written[:] = 7
    written.flush()
    mapped = np.memmap(tmp_path / "X", dtype=np.uint8, mode=mode, shape=(64, 4096))
    if mode == "c":
        mapped[3] = 9
    release_pages(np.asarray(mapped).reshape(64, 64, 64))
    assert (mapped[5] == 7).all()
    assert (mapped[3] == (9 if mode == "c" else 7)).all()
    release_pages(np.zeros(3))


def anonymous_private(path: Path) -> Any:
    return mmap.mmap(-1, path.stat().st_size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def private_by_access(path: Path) -> Any:
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def private_by_flags(path: Path) -> Any:
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE)


VIEWS: dict[str, Callable[[Any], Any]] = {
    "array": lambda X: X,
    "slice": lambda X: X[1:-1],
    "transposed": lambda X: X.transpose(0, 2, 1),
    "read-only": lambda X: np.lib.stride_tricks.as_strided(X, writeable=False),
    "as a memmap": lambda X: X.view(np.memmap),
}


@pytest.mark.skipif(not hasattr(mmap, "MAP_PRIVATE"), reason="there are no private maps")
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "opened",
    [anonymous_private, private_by_access, private_by_flags, np.memmap],
    ids=lambda opened: opened.__name__,
)
def test_a_private_map_keeps_what_was_written(
    tmp_path: Path, opened: Callable[..., Any], view: str
) -> None:
    """Giving its pages back threw them away: all of an array of 100s was 0 after a fit."""
    (tmp_path / "X").write_bytes(bytes(30 * 64 * 64))
    mapped = opened(tmp_path / "X", mode="c") if opened is np.memmap else opened(tmp_path / "X")
    images = np.ndarray((30, 64, 64), np.uint8, buffer=mapped)
    images[:] = 100
    for taken in (images, np.frombuffer(mapped, np.uint8).reshape(30, 64, 64)):
        seen = VIEWS[view](taken)
        release_pages(seen)
        PixelScaler("standard").fit_transform(seen)
        assert (images == 100).all()


def test_what_is_written_to_a_memmap_of_a_file_and_not_flushed_stays(tmp_path: Path) -> None:
    mapped = np.memmap(tmp_path / "X", dtype=np.uint8, mode="w+", offset=5000, shape=(30, 64, 64))
    mapped[:] = 100
    PixelScaler("standard").fit_transform(mapped[3:-3])
    release_pages(mapped)
    assert (mapped == 100).all()
    assert not (tmp_path / "X").read_bytes()[:5000].strip(b"\0")


def test_parts_cover_a_batch_once_and_in_order() -> None:
    for n in (0, 1, 7, 8, 9):
        parts = [np.arange(n)[part] for part in parts_of(np.zeros((n, 4, 4)), 4)]
        assert np.concatenate([*parts, []]).tolist() == list(range(n))
        assert all(len(part) <= 4 for part in parts)
