"""What an image may be read from: whether something is that, and what it is called."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np

from ferclassifier._utils.wording import quoted, shortened
from ferclassifier.exceptions import ImageError
from ferclassifier.images._pixel_strings import is_pixel_string

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

ImageSource: TypeAlias = (
    "str | os.PathLike[str] | bytes | BinaryIO | Image.Image | Mapping[str, Any] | NDArray[Any]"
)

_BYTES = (bytes, bytearray, memoryview)
# Beyond what a name may have anywhere, a string is no path, whatever it is.
_LONGEST_NAME = 255
# The same file object may stand at several places of a batch.
_READING = threading.Lock()


def is_source(value: Any) -> bool:
    """Tell whether an image can be decoded from a value that is no array of its pixels."""
    if isinstance(value, (str, os.PathLike, *_BYTES)) or is_pil_image(value):
        return True
    if isinstance(value, Mapping):
        return "bytes" in value or "path" in value
    return hasattr(value, "read") and not hasattr(value, "shape")


def is_pil_image(value: Any) -> bool:
    """Tell whether a value is an image of Pillow."""
    from PIL import Image

    return isinstance(value, Image.Image)


def is_array(value: Any) -> bool:
    """Tell whether a value is an array of numbers, of NumPy or of what NumPy can read."""
    is_scalar = isinstance(value, np.generic)
    return hasattr(value, "shape") and hasattr(value, "__array__") and not is_scalar


def path_of(source: Any) -> str | None:
    """Return the path of the file that an image is or was read from, if it is known."""
    if isinstance(source, Mapping):
        source = source.get("path")
    elif is_pil_image(source):
        source = getattr(source, "filename", None)
    elif hasattr(source, "read"):
        source = getattr(source, "name", None)
    return str(source) if isinstance(source, str | os.PathLike) and str(source) else None


def name_of(source: Any) -> str:
    """Call a source by its path, or else by what it is.

    Raises
    ------
    TypeError
        If no image can be read from it.
    """
    if isinstance(source, io.TextIOBase):
        raise TypeError("Got a file opened in text mode; open it in binary mode, as 'rb'.")
    if is_pil_image(source):
        return "PIL image"
    if is_pixel_string(source):
        return quoted(source)
    if is_source(source):
        name = path_of(source)
        if name is not None:
            return shortened(name, _LONGEST_NAME)
        return "file object" if hasattr(source, "read") else "bytes"
    if is_array(source):
        return "array"
    raise TypeError(
        "An image is read from a path, bytes, a binary file object, a PIL image, an array or a "
        f'dict of "bytes" and "path"; got {type(source).__name__}.'
    )


def bytes_or_path(source: Any) -> Any:
    """Return what a dict of "bytes" and "path" holds, and anything else as it is."""
    if not isinstance(source, Mapping):
        return source
    held = source.get("bytes")
    held = source.get("path") if held is None else held
    if held is None:
        raise ImageError('neither "bytes" nor "path" holds anything')
    return held


def bytes_read(file: Any) -> bytes:
    """Read a file object from where it stands, and leave it there if it can seek."""
    name_of(file)  # refuses text
    with _READING:
        can_seek = hasattr(file, "seekable") and file.seekable()
        place = file.tell() if can_seek else None
        data: bytes = file.read()
        if place is not None:
            file.seek(place)
        return data
