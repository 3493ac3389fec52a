"""The container of a model: a safetensors file with a manifest, and a sum over every byte.

The manifest is JSON under the key "ferclassifier" of the header's ``__metadata__``. One of its
entries, "sha256", is the sum of the whole file with 64 zeros in its own place. The sum tells of
damage; it is no signature.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files import strict_json
from ferclassifier._files.schema import anything, integer, list_of, mapping_of, one_of, record, text
from ferclassifier._files.seal import NO_SUM, is_whole, sealed
from ferclassifier._files.writing import replacing
from ferclassifier.exceptions import ModelFileError

# To be raised by one, in a change that still reads the protocols before it, when files get to hold
# something that an earlier release would not understand. A file of each protocol is in tests/data.
PROTOCOL = 1

MAX_BYTES = 2**30
MAX_HEADER_BYTES = 2**20

_KEY = "ferclassifier"
_SUM_MARK = rb"\"sha256\":\""
_DTYPES = {"F16": "float16", "F32": "float32"}

_OTHER_KINDS = {
    b"PK\x03\x04": "a zip archive, as .keras files are",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file, as .h5 files are",
    b"\x80": "a pickle",
    b"x": "compressed by zlib, as joblib.dump compresses pickles",
    b"\x1f\x8b": "compressed by gzip",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
}

_OTHER_NAMES = {
    **dict.fromkeys((".h5", ".hdf5", ".keras"), "a file of Keras"),
    **dict.fromkeys((".pkl", ".pickle", ".joblib"), "a pickle"),
    **dict.fromkeys((".pt", ".pth"), "a file of PyTorch"),
    **dict.fromkeys((".pb", ".tflite"), "a file of TensorFlow"),
    ".onnx": "a file of ONNX",
}

_object = mapping_of(anything)
_metadata = record(**{_KEY: text})
_entry = record(
    dtype=one_of(*_DTYPES),
    shape=list_of(integer(0, MAX_BYTES), longest=8),
    data_offsets=list_of(integer(0, MAX_BYTES), shortest=2, longest=2),
)


def check_model_name(path: Path) -> None:
    """Refuse a name under which every reader, a person too, would expect another kind of file.

    Of a link it is the name of the file that it leads to.

    Raises
    ------
    ModelFileError
        If the name ends so. The message says under which name to write it.
    """
    kind = kind_by_name(path)
    if kind is not None:
        other = ", or write a pickle with joblib.dump" if "pickle" in kind else ""
        raise ModelFileError(
            f"{path}: this is the name of {kind}, but save writes a safetensors file, which "
            f"nothing would open under it. Name it {path.with_suffix('.safetensors').name}{other}."
        )


def kind_by_name(path: Path) -> str | None:
    """Say of which kind of models a file is by its name, or that of the file a link leads to."""
    return _OTHER_NAMES.get(Path(os.path.realpath(path)).suffix.lower())


def write_model_file(
    path: Path, manifest: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]
) -> None:
    """Write a model whole, or leave what stands there alone.

    Parameters
    ----------
    path : Path
    manifest : mapping of str to what JSON has
        Without the protocol and the sum, which are added.
    tensors : mapping of str to ndarray, float16 or float32

    Raises
    ------
    ModelFileError
        If it is larger than what is read.
    OSError
        If nothing can be written there.
    """
    from safetensors.numpy import save

    described = strict_json.dumps({**manifest, "protocol": PROTOCOL, "sha256": NO_SUM})
    contiguous = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
    content = save(contiguous, metadata={_KEY: described})
    _check_size(len(content), _header_length(content))
    with replacing(path) as file:
        file.write(sealed(content, _SUM_MARK))


def read_model_file(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read and check what `write_model_file` wrote.

    Parameters
    ----------
    path : Path

    Returns
    -------
    manifest : dict
        Without the protocol and the sum.
    tensors : dict of str to ndarray, float16 or float32

    Raises
    ------
    ModelFileError
        If the file is of another kind, damaged, too large or of a later protocol.
    OSError
        If there is no file, or it cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    content = _read(path)
    header = content[8 : 8 + _header_length(content)]
    entries = _object(strict_json.loads(header), "the header")
    manifest = _manifest_in(entries.pop("__metadata__", None))
    _check_sum(content, header, manifest.pop("sha256", None))
    mapping_of(_entry)(entries, "the header")
    try:
        return manifest, load(content)
    except SafetensorError as error:
        raise ModelFileError(f"the tensors are not as the header has them ({error}).") from error


def is_model_file(path: Path) -> bool:
    """Whether a file begins as a safetensors file does."""
    with path.open("rb") as file:
        return _begins_as_safetensors(file.read(9))


def other_kind(start: bytes) -> str | None:
    """Say of which kind a file is that may run code when it is loaded, by its first bytes."""
    kinds = (kind for magic, kind in _OTHER_KINDS.items() if start.startswith(magic))
    return next(kinds, None)


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise IsADirectoryError(f"{path}: this is a folder, but expected a model file.")
    if path.exists() and not path.is_file():
        raise ModelFileError("this is no regular file.")
    with path.open("rb") as file:
        start = file.read(9)
        if not _begins_as_safetensors(start):
            raise ModelFileError(_what_it_is(start + file.read(7)))
        size = path.stat().st_size
        _check_size(size, _header_length(start))
        content = start + file.read(MAX_BYTES)
    if len(content) < 8 + _header_length(content):
        raise ModelFileError("the file ends within its header: copy it again.")
    return content


def _begins_as_safetensors(start: bytes) -> bool:
    # A header of a length that no file has is left for the check of sizes to name.
    return len(start) == 9 and start[8:] == b"{" and _header_length(start) < 2**40


def _header_length(content: bytes) -> int:
    return int.from_bytes(content[:8], "little")


def _what_it_is(start: bytes) -> str:
    if (kind := other_kind(start)) is not None:
        return (
            f"this is {kind}, but expected a safetensors file written by save. Such files may "
            "run code when they are loaded, and are not opened here; joblib.load reads what "
            "joblib.dump wrote, and so does the command line if the name ends with .joblib, "
            ".pkl or .pickle: load only what you trust."
        )
    return "this is no safetensors file written by save."


def _check_size(size: int, header: int) -> None:
    if header > MAX_HEADER_BYTES:
        raise ModelFileError(
            f"the header has {header:,} bytes, but expected at most {MAX_HEADER_BYTES:,}."
        )
    if size > MAX_BYTES:
        raise ModelFileError(f"the file has {size:,} bytes, but expected at most {MAX_BYTES:,}.")


def _manifest_in(metadata: Any) -> dict[str, Any]:
    if type(metadata) is not dict or _KEY not in metadata:
        raise ModelFileError("this safetensors file was not written by save: it has no manifest.")
    described = strict_json.loads(_metadata(metadata, "__metadata__")[_KEY])
    manifest: dict[str, Any] = _object(described, "the manifest")
    protocol = manifest.pop("protocol", None)
    if type(protocol) is int and protocol > PROTOCOL:
        raise ModelFileError(
            f"the file has protocol {protocol}, but this release reads up to {PROTOCOL}. Install a "
            "later release of ferclassifier."
        )
    one_of(PROTOCOL)(protocol, "protocol")
    return manifest


def _check_sum(content: bytes, header: bytes, digest: Any) -> None:
    described = _SUM_MARK + text(digest, "sha256").encode()
    start = 8 + header.find(described) + len(_SUM_MARK)
    if header.count(described) != 1 or not is_whole(content, start):
        raise ModelFileError("its sha256 is another than the one written in it: it is damaged.")
