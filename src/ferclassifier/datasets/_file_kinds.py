"""What a file is: told by its first bytes, or else by the end of its name."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ferclassifier.images._image_files import is_image_head

# How many bytes tell: those of the first header of a tar archive.
HEAD_BYTES = 512

_CONTAINER_HEADS = {
    "zip": (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"),
    "gzip": (b"\x1f\x8b",),
    "bzip2": (b"BZh",),
    "xz": (b"\xfd7zXZ\0",),
}

# What holds one file, under no name.
PACKED = ("gzip", "bzip2", "xz")

_UNPACK = "unpack it and give the path of the folder, or pack it as a zip"
_AS_FRAME = "and give the DataFrame to load_fer2013"
_OTHER_HEADS = (
    (rb"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (rb"MSCF", "a cabinet archive", _UNPACK),
    (rb"\x28\xb5\x2f\xfd", "a file compressed by zstd", "unpack it first, by zstd -d"),
    (rb"\x04\x22\x4d\x18", "a file compressed by lz4", "unpack it first, by lz4 -d"),
    (rb"\x1f[\x9d\xa0]", "a file compressed by compress", "unpack it first, by gzip -d"),
    (rb"PAR1", "a Parquet file", f"read it by pandas.read_parquet {_AS_FRAME}"),
    (rb"ARROW1|FEA1", "a Feather file", f"read it by pandas.read_feather {_AS_FRAME}"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document", "save the table as CSV"),
    (rb"\x93NUMPY", "an array of NumPy", "read it by numpy.load: arrays need no loader"),
    (rb"\x89HDF\r\n", "an HDF5 file", "read it by h5py: arrays need no loader"),
    (rb"\x80[\x02-\x05].", "a pickle", "which may run code: if you trust it, unpickle it yourself"),
    (rb"SQLite format 3\0", "a SQLite database", f"read it by pandas.read_sql {_AS_FRAME}"),
    (rb"%PDF-", "a PDF document", "expected a data set"),
    (
        rb"\s*<(?:!doctype\s+html|html|head|body)\b",
        "a web page, of a login or an error perhaps",
        "download the data set again, logged in where the site asks for it",
    ),
    (rb"\s*<\?xml", "an XML document", "download the data set again"),
    (rb"version https://git-lfs", "a pointer of Git LFS", "fetch the file itself by git lfs pull"),
    (rb"\s*[{\[]", "a JSON document", f"if it is a table, read it by pandas.read_json {_AS_FRAME}"),
    (rb"\xff\xfe|\xfe\xff", "a text in UTF-16", "save it in UTF-8"),
)
_OTHERS = [
    (re.compile(head, re.DOTALL | re.IGNORECASE), what, advice)
    for head, what, advice in _OTHER_HEADS
]

_COMPRESSED_TABLE = re.compile(r"(.*)\.csv(?:\.gz|\.bz2|\.xz)?", re.IGNORECASE | re.DOTALL)


def container_kind(head: bytes) -> str | None:
    """Tell "zip", "tar", "gzip", "bzip2" or "xz" by the first bytes of a file."""
    for kind, heads in _CONTAINER_HEADS.items():
        if head.startswith(heads):
            return kind
    return "tar" if head[257:262] == b"ustar" else None


def claimed_archive(name: str) -> str | None:
    """Tell "zip" or "tar" by the end of a name."""
    name = name.lower()
    if name.endswith(".zip"):
        return "zip"
    return "tar" if name.endswith((".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")) else None


def describe_other(head: bytes) -> str | None:
    """Say what a file is that is not read, and what to do about it."""
    for pattern, what, advice in _OTHERS:
        if pattern.match(head):
            return f"this is {what}; {advice}"
    if is_image_head(head):
        return "this is a single image; read it by ferclassifier.images.read_image"
    return None


def table_stem(name: str) -> str | None:
    """Give the name of a CSV file, packed or not, without its folders and suffixes."""
    matched = _COMPRESSED_TABLE.fullmatch(PurePosixPath(name).name)
    return matched[1] if matched else None


def is_table_head(head: bytes) -> bool:
    """Tell the CSV file of FER-2013 by its header."""
    header = head.lower().partition(b"\n")[0]
    return b"emotion" in header and b"pixels" in header
