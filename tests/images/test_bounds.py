"""Images that are long, or of very many small parts."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from ferclassifier.images import read_image
from ferclassifier.images._photos import read_photo

_SMALL = np.arange(63, dtype=np.uint8).reshape(7, 9)


def encoded(pixels: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("shape", [(1, 10**6), (10**6, 1)])
def test_a_line_of_a_million_pixels(shape: tuple[int, int]) -> None:
    content = encoded(np.full(shape, 200, np.uint8), "PNG")
    assert read_image(content).shape == shape
    assert read_image(content, size=(48, 48)).tolist() == [[200] * 48] * 48
    assert max(read_photo(content).pixels.shape) == 2048


def test_empty_chunks_of_png_change_nothing() -> None:
    content = encoded(_SMALL, "PNG")
    chunk = bytes(4) + b"abCd" + zlib.crc32(b"abCd").to_bytes(4, "big")
    pixels = read_image(content[:33] + chunk * 10_000 + content[33:])
    np.testing.assert_array_equal(pixels, _SMALL)


def test_empty_comments_of_jpeg_change_nothing() -> None:
    content = encoded(_SMALL, "JPEG")
    pixels = read_image(content[:2] + b"\xff\xfe\0\2" * 10_000 + content[2:])
    np.testing.assert_array_equal(pixels, read_image(content))


def test_a_strip_of_tiff_for_each_pixel() -> None:
    n = 5_000
    entries = [
        *((256, 4, 1, 1), (257, 4, 1, n), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)),
        *((273, 4, n, 8), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, n, 8 + 4 * n)),
    ]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    places = struct.pack(f"<{n}I", *range(n))  # its own bytes are its pixels
    content = struct.pack("<4sI", b"II*\0", 8 + 8 * n) + places + b"\1\0\0\0" * n + directory
    np.testing.assert_array_equal(read_image(content)[:, 0], list(content[:n]))
