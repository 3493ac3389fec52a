"""JPEG files that go over their pixels again and again."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferclassifier.exceptions import ImageError
from ferclassifier.images import read_image

_GRAY = Image.linear_gradient("L").resize((40, 30))


def encoded(**options: object) -> bytes:
    file = io.BytesIO()
    _GRAY.save(file, "JPEG", **options)
    return file.getvalue()


def with_scans(n: int) -> bytes:
    """A progressive file whose last scan, of some bytes, comes so many times more."""
    content = encoded(progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * n + b"\xff\xd9"


def test_many_scans_are_refused(tmp_path: Path) -> None:
    """12 bytes are a scan: a request of 20 MB kept a processor busy for hours."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(with_scans(95))
    for source in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        with pytest.raises(ImageError, match="more than 100 scans, where ten are usual"):
            read_image(source)


def test_a_scan_in_a_file_that_is_not_progressive_counts_too(tmp_path: Path) -> None:
    content = encoded()
    scan = content[content.rindex(b"\xff\xda") : -2]
    with pytest.raises(ImageError, match="more than 100 scans"):
        read_image(content[:-2] + scan * 100 + b"\xff\xd9")


def test_what_only_looks_like_scans_is_none() -> None:
    """Notes of a camera, and what stands behind the end, hold any bytes."""
    looks_alike = b"\xff\xda" * 1_000
    note = b"\xff\xec" + (2 + len(looks_alike)).to_bytes(2, "big") + looks_alike
    content = encoded(progressive=True)
    pixels = read_image(content)
    np.testing.assert_array_equal(read_image(content[:2] + note + content[2:]), pixels)
    np.testing.assert_array_equal(read_image(content + looks_alike), pixels)
    np.testing.assert_array_equal(read_image(with_scans(50)).shape, pixels.shape)
