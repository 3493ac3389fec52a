"""Changes behind a sum, or within what is packed: most others would end at the door."""

from __future__ import annotations

import gzip
import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from random import Random

from ferclassifier._files.container import _SUM_MARK as _MARK_OF_MODELS
from ferclassifier._files.seal import sealed
from ferclassifier._onnx.manifest import _SUM_MARK as _MARK_OF_ONNX

Change = Callable[[bytes], bytes]

_PNG = b"\x89PNG\r\n\x1a\n"
_TAR_BLOCK = 512


def in_png(content: bytes, rng: Random, change: Change) -> bytes:
    """Change a chunk of a PNG file, unpacked if it is packed, and let its sum be right."""
    if not content.startswith(_PNG):
        return change(content)
    chunks, place = [], len(_PNG)
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        chunks.append((content[place + 4 : place + 8], content[place + 8 : place + 8 + length]))
        place += 12 + length
    if not chunks:
        return change(content)
    i = rng.randrange(len(chunks))
    kind, data = chunks[i]
    chunks[i] = kind, _within(data, change, zlib.decompress, zlib.compress)
    return _PNG + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _within(data: bytes, change: Change, unpack: Change, pack: Change) -> bytes:
    try:
        return pack(change(unpack(data)))
    except Exception:  # of what is not packed, or damaged
        return change(data)


def in_archive(content: bytes, rng: Random, change: Change) -> bytes:
    """Change a member, a name or a header of an archive, or what is packed by gzip."""
    if content.startswith(b"PK"):
        return _in_zip(content, rng, change)
    if content.startswith(b"\x1f\x8b"):
        return _within(content, lambda c: in_archive(c, rng, change), gzip.decompress, _gzip)
    if content[257:262] == b"ustar":
        return _in_tar(content, rng, change)
    return change(content)


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 1, mtime=0)


def _in_zip(content: bytes, rng: Random, change: Change) -> bytes:
    file = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except Exception:  # of a damaged archive
        return change(content)
    if not members:
        return change(content)
    i, (name, data) = rng.choice(list(enumerate(members)))
    if rng.random() < 0.3:
        name = change(name.encode()).decode("utf-8", "replace")[:1_000]
    else:
        data = change(data)
    members[i : i + 1] = [(name, data)] * rng.choice((1, 1, 1, 2))
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
        warnings.simplefilter("ignore")  # names that occur twice are wanted
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = rng.choice((0, 0, 0, 0o120777 << 16, 0o40755 << 16))
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _in_tar(content: bytes, rng: Random, change: Change) -> bytes:
    """Change the header of a member, and let its sum be right."""
    headers = [
        i for i in range(0, len(content) - 511, 512) if content[i + 257 : i + 262] == b"ustar"
    ]
    start = rng.choice(headers)
    header = change(content[start : start + _TAR_BLOCK])[:_TAR_BLOCK].ljust(_TAR_BLOCK, b"\0")
    total = sum(header[:148]) + 8 * 32 + sum(header[156:])
    header = header[:148] + b"%06o\0 " % total + header[156:]
    return content[:start] + header + content[start + _TAR_BLOCK :]


def in_model(content: bytes, rng: Random, change: Change) -> bytes:
    """Change the header or the weights of a model file, with lengths and a sum that are right."""
    length = int.from_bytes(content[:8], "little")
    header, data = content[8 : 8 + length], content[8 + length :]
    if rng.random() < 0.8:
        header = change(header)
    else:
        data = change(data)
    return _sealed(len(header).to_bytes(8, "little") + header + data, _MARK_OF_MODELS)


def in_onnx(content: bytes, rng: Random, change: Change) -> bytes:
    """Change an ONNX file, its description above all, and let its sum be right."""
    found = re.search(rb"\{\"card\".*\}", content, re.DOTALL)
    if found is None or rng.random() < 0.3:
        return _sealed(change(content), _MARK_OF_ONNX)
    # As long as it was: the lengths in front of it are right then.
    start, end = found.span()
    text = change(content[start:end])[: end - start].ljust(end - start)
    return _sealed(content[:start] + text + content[end:], _MARK_OF_ONNX)


def _sealed(content: bytes, mark: bytes) -> bytes:
    return sealed(content, mark) if mark in content else content
