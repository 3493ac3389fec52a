"""The one decoder: from a file, bytes or a PIL image to an array of bytes."""

from __future__ import annotations

import io
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import ImageError
from ferclassifier.images._jpeg_scans import check_scans
from ferclassifier.images._pixel_strings import is_pixel_string
from ferclassifier.images._source_kinds import (
    ImageSource,
    bytes_or_path,
    bytes_read,
    is_array,
    is_pil_image,
    name_of,
)
from ferclassifier.images._wide_colour import WideColour, joined, may_be_in_lower_bytes
from ferclassifier.images._wide_pixels import Depth, as_bytes, declared_depth, white_of

if TYPE_CHECKING:
    from PIL import Image, ImageFile

# More than most cameras take, and no more than some gigabyte of memory, see `read_image`.
MAX_PIXELS = 50_000_000
# What is converted at a time, so that copies in between take no memory to speak of.
_PIXELS_OF_A_STRIP = 2**20
# The width and the height of the tiles that a TIFF image is cut into.
_TIFF_TILE = (322, 323)

# Formats that hold a photograph. Pillow knows more, and one of them (EPS) starts a program.
_COMMON_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "PPM")
_FORMATS = (*_COMMON_FORMATS, "WEBP", "TIFF", "AVIF", "JPEG2000", "HEIF")

# Pillow warns of what it mends (odd EXIF data) and of what is refused here anyway (large images).
# `catch_warnings` swaps the filters of the whole process, so one thread at a time may do so.
_SILENCE = threading.Lock()
# A PIL image may be decoded when it is first looked at, and stand at several places of a batch.
_LOADING = threading.Lock()


def read_image(
    source: ImageSource,
    *,
    size: tuple[int, int] | None = None,
    channels: int = 1,
    max_pixels: int = MAX_PIXELS,
) -> NDArray[np.uint8]:
    """Decode an image to an array of bytes.

    The orientation in the EXIF data is applied, transparent pixels are laid on white (as a
    browser shows them), and more than 8 bits are scaled to 8, see Notes. Of an animation, the
    first frame is read.

    Parameters
    ----------
    source : str, path, bytes, binary file object, PIL.Image.Image, dict or ndarray
        A JPEG, PNG, BMP, GIF, PPM, WebP, TIFF, AVIF or JPEG 2000 image, or HEIF where a plug-in
        such as pillow-heif has been registered. A PIL image may come from anywhere and is left
        as it is. A dict has "bytes", or the "path" of a file where these are None. An array has
        the shape (height, width), or a last axis of 1, 3 or, with transparency, 4 channels.
    size : tuple of (height, width), default=None
        The image is resized to this, whatever its aspect ratio, with an antialiasing Lanczos
        filter. None keeps its own size.
    channels : {1, 3}, default=1
        1 gives gray, the luma of ITU-R 601-2 (Pillow's mode "L"); 3 gives red, green and blue.
    max_pixels : int, default=50000000
        An image of more pixels is refused by its header, before it is decoded. A file of some
        kilobytes may hold any number of them: raise this for files that you trust, see Notes.

    Returns
    -------
    ndarray of shape (height, width) or (height, width, 3), uint8 in [0, 255]
        The pixels, in an array of one's own.

    Raises
    ------
    ImageError
        If the file is missing, is a folder, is no image, is damaged or cut short, or has more
        pixels than `max_pixels`. The message begins with the path, or with "bytes", "file object",
        "PIL image" or "array".
    TypeError
        If `source` is none of the above, or a file object opened in text mode.
    ValueError
        If `size`, `channels` or `max_pixels` is not one of the above.

    Notes
    -----
    Files of 16 or 32 bits often hold fewer. White is what their header says (the sBIT chunk of PNG,
    BitsPerSample and MaxSampleValue of TIFF, maxval of PGM, the depth of JPEG 2000). Where it says
    nothing, white is the smallest of 255, 1023, 4095 and 65535, those of 8, 10, 12 and 16 bits,
    that no pixel exceeds: a dark picture of 16 bits is brightened only if none is above 4095.
    Floats are taken for 0 to 1 if all are, and for integers if all are whole. A PIL image in 16-bit
    colour has lost the lower 8 bits, which only files still have.

    For each of its pixels, decoding takes up to 12 bytes of a JPEG, PNG, GIF, BMP, PPM or TIFF
    image, and up to 25 bytes of the others: at most 0.6 and 1.25 GB, unless `max_pixels` is raised.

    Pillow has a limit of its own, of 179 million pixels unless the program has changed
    ``PIL.Image.MAX_IMAGE_PIXELS``, and `max_pixels` does not lift it.

    Examples
    --------
    >>> from PIL import Image
    >>> from ferclassifier.images import read_image
    >>> red = Image.new("RGB", (30, 20), "red")
    >>> read_image(red).shape
    (20, 30)
    >>> read_image(red, size=(48, 48), channels=3)[0, 0]
    array([255,   0,   0], dtype=uint8)
    """
    check_image_options(size, channels, max_pixels)
    with pillow_silenced():
        return decode_image(source, size=size, channels=channels, max_pixels=max_pixels)


def decode_image(
    source: ImageSource,
    *,
    size: tuple[int, int] | None,
    channels: int,
    max_pixels: int = MAX_PIXELS,
) -> NDArray[np.uint8]:
    """Do what `read_image` does, in any number of threads.

    Pillow's warnings of what it mends in a damaged file are let through: to silence them changes
    the filters of the whole process, which is not to be done behind the back of another thread.

    Examples
    --------
    >>> from PIL import Image
    >>> from ferclassifier.images import decode_image
    >>> decode_image(Image.new("L", (100, 80)), size=(48, 48), channels=1).shape
    (48, 48)
    """
    with errors_named(source):
        image, depth = decode(source, max_pixels)
        image = convert(image, "L" if channels == 1 else "RGB", depth)
        return np.array(_resize(image, size), dtype=np.uint8)


@contextmanager
def errors_named(source: Any) -> Iterator[None]:
    """Raise whatever keeps an image from being decoded as an ImageError that names the image."""
    name = name_of(source)
    try:
        yield
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error.__cause__
    except FileNotFoundError as error:
        raise ImageError(f"{name}: there is no such file") from error
    except OSError as error:  # what the system says of a file says its path again
        reason = error.strerror or error
        raise ImageError(f"{name}: the image cannot be decoded: {reason}") from error
    # A damaged file makes Pillow raise almost anything (OSError, SyntaxError, struct.error, ...).
    except Exception as error:
        raise ImageError(f"{name}: the image cannot be decoded: {error}") from error


@contextmanager
def pillow_silenced() -> Iterator[None]:
    """Keep Pillow from warning of what it mends, and of what is refused here anyway."""
    with _SILENCE, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def check_image_options(
    size: tuple[int, int] | None, channels: int, max_pixels: int = MAX_PIXELS
) -> None:
    """Check the options of `read_image` before a file is touched.

    Examples
    --------
    >>> from ferclassifier.images import check_image_options
    >>> check_image_options((48, 48), channels=1)
    """
    if not isinstance(max_pixels, int | np.integer) or max_pixels < 1:
        raise ValueError(
            f"Got max_pixels={quoted(max_pixels)}, but expected a whole number from 1 on."
        )
    if channels not in (1, 3):
        raise ValueError(f"Got channels={quoted(channels)}, but expected 1 (gray) or 3 (RGB).")
    if size is None:
        return
    is_pair = isinstance(size, Sequence) and len(size) == 2
    if not is_pair or not all(isinstance(n, int | np.integer) and n > 0 for n in size):
        raise ValueError(
            f"Got size={quoted(size)}, but expected (height, width) in pixels, or None."
        )


def decode(
    source: Any, max_pixels: int, *, on_open: Callable[[Image.Image], None] | None = None
) -> tuple[Image.Image, Depth | None]:
    """Open, load and turn upright; return what the file says of its pixels, too.

    Files call `on_open` once their header has been read and found to be in order.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    source = bytes_or_path(source)
    if is_array(source) and not is_pil_image(source):
        return _image_of(np.asarray(source), max_pixels), None
    if is_pil_image(source):
        _check_pixels(source, max_pixels)
        with _LOADING:
            depth = declared_depth(source)
            source.load()
        return ImageOps.exif_transpose(source), depth
    openable = _openable(source)
    try:
        with _opened(openable) as image:
            _check_pixels(image, max_pixels)
            check_scans(image)
            depth, wide = declared_depth(image), WideColour.of(image)
            if on_open is not None:
                on_open(image)
            ImageOps.exif_transpose(image, in_place=True)
        if wide is None or not may_be_in_lower_bytes(image):
            return image, depth
        return joined(wide, image, _lower_bytes(openable, wide), depth), None
    except UnidentifiedImageError as error:
        formats = ", ".join(_known_formats())
        raise ImageError(f"not an image in one of the formats {formats}") from error
    # The latter where warnings are errors.
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(
            f"{str(error).rstrip('.')}: at most {max_pixels:,} pixels are read, and whatever "
            "max_pixels no more than Pillow allows by PIL.Image.MAX_IMAGE_PIXELS; make the image "
            "smaller"
        ) from error


def _lower_bytes(openable: Path | io.BytesIO, wide: WideColour) -> Image.Image:
    """Decode a file again, for the lower bytes of colour of 16 bits."""
    from PIL import ImageOps

    if isinstance(openable, io.BytesIO):
        openable.seek(0)
    with _opened(openable) as image:
        image.tile = wide.tiles
        ImageOps.exif_transpose(image, in_place=True)
        return image


def _image_of(pixels: NDArray[Any], max_pixels: int) -> Image.Image:
    """Make an image of an array, by way of 8 bits."""
    from PIL import Image

    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (3, 4)):
        raise ImageError(
            f"got shape {pixels.shape}, but expected (height, width), or a last axis of 1, 3 or 4 "
            "channels; np.moveaxis(image, 0, -1) moves channels to the end"
        )
    if pixels.dtype.kind not in "biuf":
        raise ImageError(f"got an array of {pixels.dtype}, but expected numbers")
    _check_size(pixels.shape[1], pixels.shape[0], max_pixels)
    if pixels.dtype.kind == "b":
        return Image.fromarray(pixels * np.uint8(255))
    if pixels.dtype != np.uint8:
        pixels = as_bytes(pixels, white_of(lambda: [pixels]))
    return Image.fromarray(pixels)


def _openable(source: Any) -> Path | io.BytesIO:
    if isinstance(source, str | os.PathLike):
        if is_pixel_string(source):
            raise ImageError(
                "a string of pixel values needs no reading; FERClassifier takes a column of them"
            )
        path = Path(source)
        if path.is_dir():
            raise ImageError("this is a folder, but expected an image file")
        return path
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    # Pillow needs a file that seeks, which a pipe or a member of a zip may not do.
    return io.BytesIO(bytes_read(source))


def _opened(openable: Path | io.BytesIO) -> ImageFile.ImageFile:
    """Open an image by its header; the readers of rare formats are imported for these alone."""
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(openable, formats=_COMMON_FORMATS)
    except UnidentifiedImageError:
        if isinstance(openable, io.BytesIO):
            openable.seek(0)
        return Image.open(openable, formats=_known_formats())


def _known_formats() -> list[str]:
    from PIL import Image

    Image.init()
    return [name for name in _FORMATS if name in Image.OPEN]


def _check_pixels(image: Image.Image, max_pixels: int) -> None:
    """Refuse an image by its header for what decoding it would take."""
    _check_size(*image.size, max_pixels)
    width, height = _tile(image)
    if width * height:
        _check_size(width, height, max_pixels, "its tiles have")


def _check_size(width: int, height: int, max_pixels: int, what: str = "the image has") -> None:
    if width * height == 0:
        raise ImageError(f"the image is empty: {width} x {height} pixels")
    if width * height > max_pixels:
        raise ImageError(
            f"{what} {width} x {height} pixels, but at most {max_pixels:,} are read; make the "
            "image smaller, or raise max_pixels if you trust it"
        )


def _tile(image: Image.Image) -> tuple[int, int]:
    """Return the size of the tiles that are decoded as a whole, however small the image is."""
    tags = getattr(image, "tag_v2", {})
    width, height = (tags.get(tag, 0) for tag in _TIFF_TILE)
    return int(width), int(height)


def convert(image: Image.Image, mode: str, depth: Depth | None) -> Image.Image:
    """Bring any mode of Pillow to "L" or "RGB", strip by strip."""
    from PIL import Image

    boxes = _strips(image)
    white = None
    if image.mode == "F" or image.mode.startswith("I"):
        white = white_of(lambda: (np.asarray(image.crop(box)) for box in boxes), depth)
    if len(boxes) == 1 or (image.mode == mode and not image.has_transparency_data):
        return _convert_strip(image, mode, white)
    new = Image.new(mode, image.size)
    for box in boxes:
        new.paste(_convert_strip(image.crop(box), mode, white), box)
    return new


def _strips(image: Image.Image) -> list[tuple[int, int, int, int]]:
    rows = max(1, _PIXELS_OF_A_STRIP // image.width)
    return [
        (0, top, image.width, min(top + rows, image.height)) for top in range(0, image.height, rows)
    ]


def _convert_strip(image: Image.Image, mode: str, white: float | None) -> Image.Image:
    """Bring any mode of Pillow to "L" or "RGB", by way of 8 bits and an opaque image."""
    from PIL import Image

    if white is not None:
        image = Image.fromarray(as_bytes(np.asarray(image), white))
    if image.has_transparency_data:
        opaque = Image.new("RGBA", image.size, "white")
        opaque.alpha_composite(image.convert("RGBA"))
        image = opaque
    return image if image.mode == mode else image.convert(mode)


def _resize(image: Image.Image, size: tuple[int, int] | None) -> Image.Image:
    from PIL import Image

    if size is None:
        return image
    height, width = size
    if image.size == (width, height):
        return image
    return image.resize((int(width), int(height)), Image.Resampling.LANCZOS)
