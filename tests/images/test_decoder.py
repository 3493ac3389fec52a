"""read_image: what it decodes, and that ImageError is all that escapes for a bad file."""

from __future__ import annotations

import contextlib
import io
import struct
import subprocess
import sys
import threading
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from ferclassifier.exceptions import DataError, ImageError
from ferclassifier.images import _decoder, decode_image, read_image

GRAY = np.random.default_rng(0).integers(0, 256, size=(20, 30), dtype=np.uint8)
SMOOTH = np.add.outer(np.arange(40), np.arange(60)).astype(np.uint8)


def encode(image: Image.Image | np.ndarray, format: str = "PNG", **options: Any) -> bytes:
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of some bytes whose header claims a size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


@pytest.fixture
def png(tmp_path: Path) -> Path:
    path = tmp_path / "face.png"
    path.write_bytes(encode(GRAY))
    return path


@pytest.mark.parametrize("form", ["path", "str", "bytes", "bytearray", "file", "BytesIO", "PIL"])
def test_every_kind_of_source(png: Path, form: str) -> None:
    sources: dict[str, Any] = {
        "path": png,
        "str": str(png),
        "bytes": png.read_bytes(),
        "bytearray": bytearray(png.read_bytes()),
        "file": png.open("rb"),
        "BytesIO": io.BytesIO(png.read_bytes()),
        "PIL": Image.fromarray(GRAY),
    }
    pixels = read_image(sources[form])
    sources["file"].close()
    np.testing.assert_array_equal(pixels, GRAY)
    assert pixels.dtype == np.uint8
    assert pixels.flags.writeable
    assert pixels.flags.owndata


def test_a_file_that_cannot_seek(png: Path) -> None:
    class Pipe(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return png.read_bytes()

    np.testing.assert_array_equal(read_image(Pipe()), GRAY)  # type: ignore[arg-type]


def test_a_pil_image_is_left_as_it_is() -> None:
    image = Image.fromarray(GRAY)
    read_image(image, size=(5, 5), channels=3)[:] = 0
    np.testing.assert_array_equal(np.asarray(image), GRAY)


@pytest.mark.parametrize("format", ["PNG", "BMP", "GIF", "PPM", "TIFF", "WEBP"])
def test_lossless_formats(format: str) -> None:
    options = {"lossless": True} if format == "WEBP" else {}
    np.testing.assert_array_equal(read_image(encode(GRAY, format, **options)), GRAY)


def test_jpeg() -> None:
    pixels = read_image(encode(SMOOTH, "JPEG", quality=95)).astype(int)
    assert np.abs(pixels - SMOOTH).mean() < 2


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "HSV"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_mode_of_pillow(mode: str, channels: int) -> None:
    rgb = Image.fromarray(np.full((20, 30, 3), 255, dtype=np.uint8))
    pixels = read_image(rgb.convert(mode), channels=channels)
    assert pixels.shape == ((20, 30) if channels == 1 else (20, 30, 3))
    assert pixels.min() >= 254


def test_gray_is_the_luma_of_itu_601() -> None:
    rgb = Image.new("RGB", (2, 2), (200, 100, 50))
    assert read_image(rgb)[0, 0] == round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)


@pytest.mark.parametrize("channels", [1, 3])
def test_transparent_pixels_are_laid_on_white(channels: int) -> None:
    rgba = np.zeros((4, 4, 4), dtype=np.uint8)
    rgba[:, 2:, 3] = 255
    pixels = read_image(encode(rgba), channels=channels)
    assert (pixels[:, :2] == 255).all()
    assert (pixels[:, 2:] == 0).all()


def test_a_palette_with_a_transparent_colour() -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([10, 20, 30, 40, 50, 60])
    assert (read_image(encode(image, transparency=0)) == 255).all()


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [(1, GRAY), (3, GRAY[::-1, ::-1]), (6, np.rot90(GRAY, -1)), (8, np.rot90(GRAY))],
)
def test_exif_orientation_is_applied(orientation: int, upright: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(read_image(encode(GRAY, exif=exif)), upright)


def test_resizing_is_antialiased() -> None:
    checkerboard = (np.indices((96, 96)).sum(axis=0) % 2 * 255).astype(np.uint8)
    pixels = read_image(Image.fromarray(checkerboard), size=(24, 32)).astype(int)
    assert pixels.shape == (24, 32)
    assert np.abs(pixels[2:-2, 2:-2] - 127.5).max() < 10


def test_size_is_height_and_width() -> None:
    assert read_image(Image.fromarray(GRAY), size=(np.int64(7), 9), channels=3).shape == (7, 9, 3)


def test_the_first_frame_of_an_animation() -> None:
    frames = [Image.fromarray(GRAY), Image.fromarray(255 - GRAY)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(read_image(data), GRAY)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"channels": 2}, "channels=2.*expected 1 .gray. or 3"),
        ({"size": 48}, "size=48.*expected .height, width."),
        ({"size": (48,)}, "size"),
        ({"size": (0, 48)}, "size"),
        ({"size": (4.5, 48)}, "size"),
        ({"max_pixels": 0}, "max_pixels=0.*expected a whole number from 1 on"),
        ({"max_pixels": 1e9}, "max_pixels"),
    ],
)
def test_bad_options(options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        read_image(Image.fromarray(GRAY), **options)


@pytest.mark.parametrize("source", [None, 3, [[1, 2]]])
def test_what_is_no_source(source: Any) -> None:
    with pytest.raises(TypeError, match=f"got {type(source).__name__}"):
        read_image(source)


def test_a_file_in_text_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encode(GRAY))
    with path.open() as file, pytest.raises(TypeError, match="binary mode"):
        read_image(file)  # type: ignore[arg-type]


def test_image_error_is_a_data_error() -> None:
    assert issubclass(ImageError, DataError)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"none\.jpg: there is no such file"):
        read_image(tmp_path / "none.jpg")


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="this is a folder"):
        read_image(tmp_path)


def test_a_path_that_no_file_can_have() -> None:
    with pytest.raises(ImageError):
        read_image("a\0b.jpg")


def test_text_file_named_jpg(tmp_path: Path) -> None:
    path = tmp_path / "note.jpg"
    path.write_text("not an image")
    with pytest.raises(ImageError, match=r"note\.jpg: not an image.*JPEG, PNG"):
        read_image(path)


@pytest.mark.parametrize("data", [b"", b"x", b"GIF89a", b"\xff\xd8\xff"])
def test_bytes_that_are_no_image(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"^bytes: "):
        read_image(data)


def test_a_format_that_starts_a_program_is_not_read() -> None:
    with pytest.raises(ImageError, match="not an image"):
        read_image(encode(Image.fromarray(GRAY), "EPS"))


def test_truncated_jpeg() -> None:
    data = encode(GRAY, "JPEG")
    with pytest.raises(ImageError, match=r"^file object: the image cannot be decoded: .*truncated"):
        read_image(io.BytesIO(data[: len(data) // 2]))


@pytest.mark.parametrize(
    ("width", "height"), [(10_000, 10_000), (7_100, 7_100), (50_000, 50_000), (9_500, 10_600)]
)
def test_many_pixels_by_the_header(width: int, height: int) -> None:
    """100 megapixels were let through: a PNG of 390 KB took 1.7 GB."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ImageError, match=r"at most 50,000,000 .*max_pixels"):
            read_image(png_of_size(width, height))
    assert caught == []


def test_more_pixels_are_read_if_they_are_asked_for() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # The header passes, and the little data behind it is the error.
        with pytest.raises(ImageError, match="the image cannot be decoded"):
            read_image(png_of_size(9_500, 9_500), max_pixels=100_000_000)
        with pytest.raises(ImageError, match=r"whatever max_pixels.*PIL\.Image\.MAX_IMAGE_PIXELS"):
            read_image(png_of_size(50_000, 50_000), max_pixels=10**10)
    assert caught == []
    assert Image.MAX_IMAGE_PIXELS == 89_478_485


def test_the_warning_of_pillow_as_an_error() -> None:
    with pytest.raises(ImageError, match=r"^bytes: .*at most 50,000,000 pixels are read"):
        decode_image(png_of_size(10_000, 10_000), size=(48, 48), channels=1)


def tiff(*tags: tuple[int, int], data: bytes) -> bytes:
    """A TIFF of one gray image; the offset of the data is a tag of the value -1."""
    start = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(
        struct.pack("<HHII", tag, 4, 1, start if value == -1 else value) for tag, value in tags
    )
    header = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    return header + entries + struct.pack("<I", 0) + data


def tiff_of_one_tile(width: int, height: int, tile: int) -> bytes:
    data = zlib.compress(bytes(tile * tile))
    size, form = [(256, width), (257, height)], [(258, 8), (259, 8), (262, 1), (277, 1)]
    tiles = [(322, tile), (323, tile), (324, -1), (325, len(data))]
    return tiff(*size, *form, *tiles, data=data)


def gif_larger_than_its_screen() -> bytes:
    data = bytearray(encode(Image.new("P", (64, 64)), "GIF"))
    data[6:10] = struct.pack("<HH", 16, 16)
    return bytes(data)


BLANK = Image.new("RGB", (64, 64))
LARGE: dict[str, bytes | Image.Image] = {
    **{f: encode(BLANK, f) for f in ("PNG", "JPEG", "BMP", "GIF", "PPM", "TIFF", "WEBP")},
    **{f: encode(BLANK, f) for f in ("AVIF", "JPEG2000") if f in Image.SAVE},
    "several frames": encode(BLANK, "GIF", save_all=True, append_images=[Image.new("RGB", (9, 9))]),
    "several pages": encode(BLANK, "TIFF", save_all=True, append_images=[Image.new("L", (9, 9))]),
    "JPEG to be reduced": encode(Image.new("CMYK", (64, 64)), "JPEG", progressive=True),
    "GIF larger than its screen": gif_larger_than_its_screen(),
    "TIFF smaller than its tile": tiff_of_one_tile(16, 16, 64),
    "PIL": BLANK,
}


@pytest.mark.parametrize("form", LARGE)
def test_a_bound_on_pixels_holds_before_anything_is_decoded(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tile of a TIFF of 16 x 16 pixels was decoded, of whatever size it was."""
    side = 16 if "smaller" in form else 64
    assert read_image(LARGE[form], size=(8, 8), max_pixels=64 * 64).shape == (8, 8)
    assert read_image(LARGE[form], max_pixels=np.int64(10**5)).shape == (side, side)
    monkeypatch.setattr(ImageFile.ImageFile, "load", None)  # decodes
    with pytest.raises(ImageError, match="64 x 64 pixels, but at most 4,095 are read"):
        read_image(LARGE[form], size=(8, 8), max_pixels=64 * 64 - 1)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/status")
@pytest.mark.parametrize("mode", ["RGBA", "RGB", "LA", "P", "I;16", "CMYK"])
def test_the_memory_of_a_large_image(mode: str, tmp_path: Path) -> None:
    """Copies of the whole image in between took up to 16 bytes for each of its pixels."""
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Image.new(mode, (3000, 3000)).save(path)
    code = """
import sys
from pathlib import Path
from PIL import Image
from ferclassifier.images import read_image

def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

read_image(Image.new("RGB", (9, 9)), size=(8, 8))
before = peak()
read_image(sys.argv[1], size=(8, 8))
print(peak() - before)
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert int(run.stdout) * 1024 / 3000**2 < 8


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "CMYK", "I;16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_large_image_is_converted_as_a_small_one(
    mode: str, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    if mode == "I;16":
        image = Image.fromarray(rng.integers(0, 2**16, (20, 30), dtype=np.uint16))
    else:
        image = Image.fromarray(rng.integers(0, 256, (20, 30, 4), dtype=np.uint8)).convert(mode)
    whole = read_image(image, channels=channels)
    monkeypatch.setattr(_decoder, "_PIXELS_OF_A_STRIP", 100)  # three rows
    np.testing.assert_array_equal(read_image(image, channels=channels), whole)


def test_an_empty_pil_image() -> None:
    with pytest.raises(ImageError, match="empty: 0 x 5"):
        read_image(Image.new("L", (0, 5)))


def test_threads_leave_the_warning_filters_alone() -> None:
    data = encode(GRAY, "JPEG")
    before = list(warnings.filters)
    threads = [
        threading.Thread(target=lambda: [read_image(data) for _ in range(30)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before


EXIF = Image.Exif()
EXIF[0x0112] = 6
SEEDS = [
    encode(SMOOTH, "JPEG", exif=EXIF),
    encode(SMOOTH, "PNG"),
    encode(SMOOTH, "GIF"),
    encode(SMOOTH, "BMP"),
    encode(SMOOTH, "TIFF"),
    encode(SMOOTH, "WEBP"),
    encode(SMOOTH, "PPM"),
]


@settings(max_examples=400, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=12),
    kept=st.floats(0.2, 1),
)
def test_of_damaged_bytes_nothing_but_image_error_escapes(
    seed: bytes, changes: list[tuple[float, int]], kept: float
) -> None:
    data = bytearray(seed)
    for place, value in changes:
        # Half of the changes hit the first hundred bytes, where the headers are.
        data[int(place * (len(data) if value % 2 else min(len(data), 100)))] = value
    with contextlib.suppress(ImageError):
        assert read_image(bytes(data[: int(kept * len(data))]), size=(8, 8)).shape == (8, 8)
