"""Which files are images: told by the ends of their names, or else by their first bytes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from ferclassifier._utils.wording import count, in_words, shortened

# The reason, where files are counted.
NO_IMAGE = "no image that can be read"

_MAX_NAMED = 5

# The formats that `read_image` knows, by the names that people and programs give them.
_IMAGE_SUFFIXES = frozenset(
    f".{suffix}"
    for suffix in (
        *("jpg", "jpeg", "jpe", "jfif", "jfi", "jif", "mpo", "png", "apng", "bmp", "gif"),
        *("pbm", "pgm", "ppm", "pnm", "pfm", "webp", "tif", "tiff", "avif", "avifs"),
        *("heic", "heif", "hif", "jp2", "j2k", "j2c", "jpc", "jpf", "jpx"),
    )
)

# And by how they begin, with so much of a header where two letters would do for a text as well.
_IMAGE_HEADS = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF.{4}WEBP"
    rb"|BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0"
    rb"|P[1-6f](?:\s|#[^\r\n]*[\r\n])+[0-9]+\s+[0-9]+\s"
    rb"|II[*+]\0|MM\0[*+]"
    rb"|.{4}ftyp(?:avi[fs]|mif1|msf1|he[iv][cxms])"
    rb"|\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51",
    re.DOTALL,
)

# Texts, tables and side files that lie beside images and that nobody takes for one.
_BESIDE_IMAGES = frozenset(
    f".{suffix}"
    for suffix in (
        *("txt", "md", "rst", "csv", "tsv", "json", "jsonl", "xml", "yaml", "yml", "toml", "ini"),
        *("cfg", "log", "bib", "tex", "pdf", "doc", "docx", "css", "js", "py", "ipynb", "sh"),
        *("bat", "url", "lnk", "md5", "sha256", "xmp", "aae", "db"),
    )
)
_NAMES_BESIDE_IMAGES = frozenset(
    ("readme", "license", "licence", "copying", "notice", "authors", "changelog", "makefile")
)


def is_named_image(name: str) -> bool:
    """Tell an image by the end of its name."""
    return PurePosixPath(name).suffix.lower() in _IMAGE_SUFFIXES


def is_image_head(head: bytes) -> bool:
    """Tell an image by its first bytes."""
    return _IMAGE_HEADS.match(head) is not None


def lies_beside_images(name: str) -> bool:
    """Tell a text or a table, which is no image but is not missed among them, by its name."""
    path = PurePosixPath(name.lower())
    return path.suffix in _BESIDE_IMAGES or path.name in _NAMES_BESIDE_IMAGES


def is_junk(name: str) -> bool:
    """Tell what file managers leave behind, by the name of a file or a folder."""
    return name.startswith(".") or name.lower() in (
        *("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"),
    )


def kind_of(name: str) -> str:
    """Return the suffix by which files are counted that are left out."""
    return PurePosixPath(name).suffix.lower()


def say_left_out(kinds: Counter[str], empty: Sequence[str]) -> str:
    """Say what is left out among images, and which folders are empty without it.

    Parameters
    ----------
    kinds : Counter
        How many files there are of each `kind_of`.
    empty : sequence of str
        The folders in which there is nothing else.
    """
    n = sum(kinds.values())
    named = [
        f"{shortened(kind, 12) or 'no suffix'}: {k}" for kind, k in kinds.most_common(_MAX_NAMED)
    ]
    if len(kinds) > _MAX_NAMED:
        named.append("...")
    text = f"{count(n, 'file')} left out, {'' if n == 1 else 'each '}{NO_IMAGE} "
    text += f"({', '.join(named)})"
    if empty:
        folders = in_words([repr(shortened(folder, 30)) for folder in empty], _MAX_NAMED)
        text += f"; nothing is read from {folders}"
    return text
