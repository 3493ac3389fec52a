"""read_image on files of 16 and 32 bits and of floats: what is white in them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image, features

from ferclassifier.exceptions import ImageError
from ferclassifier.images import _decoder, read_image

# All shades of 8 bits, and so of fewer.
GRAY = np.random.default_rng(0).permutation(512).reshape(16, 32).astype(np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (16, 32, 3), dtype=np.uint8)
COLOUR[0, 0] = 255


def of_bits(image: np.ndarray, bits: int, dtype: str = "uint16") -> np.ndarray:
    """Spread bytes over the values of so many bits."""
    return np.rint(image.astype(float) * ((2**bits - 1) / 255)).astype(dtype)


def encoded(image: np.ndarray | Image.Image, format: str, **options: Any) -> bytes:
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def png(pixels: np.ndarray, *, significant: int | None = None) -> bytes:
    """Write 16 bits of gray or colour, which Pillow cannot for colour."""
    height, width, channels = (*pixels.shape, 1)[:3]

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    chunks = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))]
    if significant is not None:
        chunks.append(chunk(b"sBIT", bytes([significant] * channels)))
    data = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    chunks += [chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def tiff(pixels: bytes, shape: tuple[int, ...], bits: int, order: str = "<") -> bytes:
    """Write pixels of any number of bits, uncompressed."""
    height, width, channels = (*shape, 1)[:3]
    start = 8 + 2 + 12 * 8 + 4
    tags = [
        (256, 1, struct.pack(order + "HH", width, 0)),
        (257, 1, struct.pack(order + "HH", height, 0)),
        (258, channels, struct.pack(order + "HH", bits, 0)),
        (262, 1, struct.pack(order + "HH", 1 if channels == 1 else 2, 0)),
        (273, 1, struct.pack(order + "HH", start + 8, 0)),
        (277, 1, struct.pack(order + "HH", channels, 0)),
        (278, 1, struct.pack(order + "HH", height, 0)),
        (279, 1, struct.pack(order + "HH", len(pixels), 0)),
    ]
    if channels > 2:
        tags[2] = (258, channels, struct.pack(order + "I", start))
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(tags))
    entries = b"".join(
        struct.pack(order + "HHI", tag, 3, count) + value for tag, count, value in tags
    )
    more = struct.pack(order + "HHHH", *[bits] * channels, *[0] * (4 - channels))
    return head + entries + struct.pack(order + "I", 0) + more + pixels


FILES = {
    "PNG": lambda image, bits: encoded(of_bits(image, bits), "PNG"),
    "TIFF": lambda image, bits: encoded(of_bits(image, bits), "TIFF"),
    "TIFF of 32 bits": lambda image, bits: encoded(of_bits(image, bits, "int32"), "TIFF"),
    "TIFF of floats": lambda image, bits: encoded(of_bits(image, bits, "float32"), "TIFF"),
    "PIL, I": lambda image, bits: Image.fromarray(of_bits(image, bits, "int32")),
    "PIL, I;16": lambda image, bits: Image.fromarray(of_bits(image, bits)),
    "PIL, I;16B": lambda image, bits: Image.fromarray(of_bits(image, bits).astype(">u2")),
    "PIL, F": lambda image, bits: Image.fromarray(of_bits(image, bits, "float32")),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_wide_gray_is_scaled_by_what_it_holds(name: str, bits: int) -> None:
    """All were divided by 257, so that 8, 10 or 12 bits in a file of 16 came out black."""
    assert_array_equal(read_image(FILES[name](GRAY, bits)), GRAY)
    assert_array_equal(read_image(FILES[name](GRAY, bits), channels=3)[..., 2], GRAY)


@pytest.mark.parametrize("largest", [4096, 9000, 65535])
def test_a_dark_picture_of_16_bits_stays_dark(largest: int) -> None:
    dark = np.full((8, 8), 4000, np.uint16)
    dark[0, 0] = largest
    pixels = read_image(encoded(dark, "PNG"))
    assert pixels[4, 4] == round(4000 / 257)
    assert pixels[0, 0] == round(largest / 257)


def test_black_is_black() -> None:
    assert not read_image(encoded(np.zeros((8, 8), np.uint16), "PNG")).any()


@pytest.mark.parametrize(
    ("significant", "pixels", "white"),
    [
        (16, of_bits(GRAY, 8), 65535),  # dark, and said to be
        (12, of_bits(GRAY, 8), 4095),
        (12, of_bits(GRAY, 12), 4095),
        (12, of_bits(GRAY, 8) << 4, 65535),  # in the upper bits, as it should be, and dark
        (14, of_bits(GRAY, 14), 16383),
        (12, of_bits(GRAY, 16), 65535),
    ],
)
def test_significant_bits_of_png(significant: int, pixels: np.ndarray, white: int) -> None:
    expected = np.rint(pixels * (255 / white))
    assert_array_equal(read_image(png(pixels, significant=significant)), expected)


def test_png_without_an_end_before_its_data() -> None:
    with pytest.raises(ImageError, match=r"^bytes: "):
        read_image(png(GRAY.astype(np.uint16))[:33])


@pytest.mark.parametrize(("largest", "white"), [(4095, 4095), (700, 1023), (65535, 65535)])
def test_the_largest_value_that_tiff_declares(largest: int, white: int) -> None:
    pixels = of_bits(GRAY, 8)
    data = encoded(pixels, "TIFF", tiffinfo={281: largest})
    assert_array_equal(read_image(data), np.rint(pixels * (255 / white)))


def test_tiff_of_12_bits() -> None:
    pixels = of_bits(GRAY, 12) // 20  # dark
    pairs = pixels.reshape(-1, 2).astype(int)
    packed = np.stack(
        [pairs[:, 0] >> 4, (pairs[:, 0] & 15) << 4 | pairs[:, 1] >> 8, pairs[:, 1] & 255], axis=1
    )
    data = tiff(packed.astype(np.uint8).tobytes(), pixels.shape, 12)
    assert_array_equal(read_image(data), np.rint(pixels * (255 / 4095)))


@pytest.mark.parametrize("white", [1023, 4095, 65535])
def test_the_white_of_pgm(white: int) -> None:
    pixels = of_bits(GRAY, 8)
    data = f"P5 32 16 {white}\n".encode() + pixels.astype(">u2").tobytes()
    assert_array_equal(read_image(data), np.rint(pixels * (255 / white)))


@pytest.mark.skipif(not features.check("jpg_2000"), reason="Pillow lacks JPEG 2000")
def test_jpeg_2000_says_what_is_white() -> None:
    pixels = of_bits(GRAY, 8)
    data = encoded(pixels, "JPEG2000", irreversible=False)
    assert_array_equal(read_image(data), np.rint(pixels / 257))


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("form", ["PNG", "TIFF", "TIFF MM"])
def test_wide_colour_is_scaled_by_what_it_holds(form: str, bits: int) -> None:
    """Pillow keeps the upper byte of each channel, which is 0 for 8 bits in a file of 16."""
    pixels = of_bits(COLOUR, bits)
    data = {
        "PNG": png(pixels),
        "TIFF": tiff(pixels.astype("<u2").tobytes(), pixels.shape, 16),
        "TIFF MM": tiff(pixels.astype(">u2").tobytes(), pixels.shape, 16, ">"),
    }[form]
    read = read_image(data, channels=3).astype(int)
    assert np.abs(read - COLOUR).max() <= (1 if bits == 16 else 0)  # Pillow rounds down


def test_dark_colour_that_is_said_to_have_16_bits() -> None:
    pixels = of_bits(COLOUR, 8)
    assert_array_equal(
        read_image(png(pixels, significant=16), channels=3), np.rint(pixels * (255 / 65535))
    )


@pytest.mark.parametrize("opaque", [255, 65535])
@pytest.mark.parametrize("n_colours", [1, 3])
def test_wide_colour_with_transparency(n_colours: int, opaque: int) -> None:
    pixels = np.empty((16, 32, n_colours + 1), np.uint16)
    pixels[..., :-1] = COLOUR[..., :n_colours]
    pixels[..., -1] = opaque
    pixels[:, :5, -1] = 0
    read = read_image(png(pixels), channels=3)
    assert (read[:, :5] == 255).all()
    assert_array_equal(read[:, 5:], np.broadcast_to(COLOUR[:, 5:, :n_colours], read[:, 5:].shape))


def test_wide_colour_from_a_path_that_is_turned(tmp_path: Any) -> None:
    path = tmp_path / "face.png"
    path.write_bytes(png(of_bits(COLOUR, 8)))
    assert_array_equal(read_image(path, channels=3), COLOUR)
    assert_array_equal(
        read_image(path, size=(8, 8)), read_image(Image.fromarray(COLOUR), size=(8, 8))
    )


def test_floats_from_0_to_1() -> None:
    pixels = (GRAY / np.float32(255)).astype(np.float32)
    assert_array_equal(read_image(encoded(pixels, "TIFF")), GRAY)
    assert read_image(encoded(pixels * np.float32(0.1), "TIFF")).max() == 26


@pytest.mark.parametrize(
    "pixels",
    [
        np.array([[0, 70_000]], dtype=np.int32),
        np.array([[-1, 200]], dtype=np.int32),
        np.array([[0.5, 200]], dtype=np.float32),
        np.array([[-0.5, 0.5]], dtype=np.float32),
        np.array([[0.5, np.nan]], dtype=np.float32),
        np.array([[0.5, np.inf]], dtype=np.float32),
    ],
    ids=str,
)
def test_pixels_of_an_unknown_scale_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ImageError, match=r"^PIL image: the pixels reach from .* 8 or 16 bits"):
        read_image(Image.fromarray(pixels))


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_a_large_image_has_one_white(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = of_bits(GRAY, 12, dtype)
    pixels[:8] //= 100
    whole = read_image(Image.fromarray(pixels))
    monkeypatch.setattr(_decoder, "_PIXELS_OF_A_STRIP", 100)  # three rows
    assert_array_equal(read_image(Image.fromarray(pixels)), whole)
    assert whole[:8].max() <= 3
