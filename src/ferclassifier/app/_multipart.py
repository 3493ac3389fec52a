"""The files in a form, multipart/form-data as of RFC 7578, that has been read into memory.

The usual parsers write large files to the disk while they read; nothing is to be stored here.
"""

from __future__ import annotations

import re
from email.message import Message
from typing import NamedTuple

from ferclassifier._utils.wording import count
from ferclassifier.app._refusal import Refusal

# A form has few other fields than files, and short headers.
_OTHER_FIELDS = 20
_LONGEST_HEADERS = 8_192
_BOUNDARY = re.compile(r"[ -~]{0,69}[!-~]")


class Upload(NamedTuple):
    """A file that was sent.

    Attributes
    ----------
    name : str or None
        As its sender calls it.
    content : bytes
    """

    name: str | None
    content: bytes


def files_in(body: bytes, content_type: str, max_files: int) -> list[Upload]:
    """Take a form apart.

    Parameters
    ----------
    body : bytes
        All of it.
    content_type : str
        The header, which has the boundary.
    max_files : int

    Returns
    -------
    files : list of Upload
        Fields that are no files are left out.

    Raises
    ------
    Refusal
        400 if it is no form, or has been cut off; 422 if it has no files, or too many.
    """
    boundary = _parameter(content_type, "boundary")
    if boundary is None or not _BOUNDARY.fullmatch(boundary):
        raise _malformed("its Content-Type names no boundary")
    # The first delimiter may lack the line end that belongs to the others.
    delimiter = b"\r\n--" + boundary.encode("ascii")
    _preamble, *parts = (b"\r\n" + body).split(delimiter, max_files + _OTHER_FIELDS + 2)
    if not parts:
        raise _malformed("its boundary is nowhere in it")
    if len(parts) > max_files + _OTHER_FIELDS + 1:
        raise _too_many(max_files)
    *parts, end = parts
    if not end.startswith(b"--"):
        raise _malformed("its end is missing")
    files = [file for file in map(_file_in, parts) if file is not None]
    if not files:
        raise Refusal(
            422,
            "no_file",
            "Got a form without a file. Add one, as in: curl -F file=@photo.jpg ADDRESS/predict",
        )
    if len(files) > max_files:
        raise _too_many(max_files)
    return files


def _file_in(part: bytes) -> Upload | None:
    """Return the file in a part; None if it is another field."""
    # What follows the boundary on its line is padding.
    padding, line_end, rest = part.partition(b"\r\n")
    head, blank, content = (b"\r\n" + rest).partition(b"\r\n\r\n")
    if padding.strip(b" \t") or not line_end or not blank or len(head) > _LONGEST_HEADERS:
        raise _malformed("a part of it has no headers, or no end of them")
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            file_name = _parameter(value, "filename")
            return None if file_name is None else Upload(file_name or None, content)
    raise _malformed("a part of it has no Content-Disposition")


def _parameter(header: str, name: str) -> str | None:
    """Return what a header such as 'form-data; filename="a.jpg"' says of something."""
    message = Message()
    message["Content-Type"] = header
    try:
        value = message.get_param(name)
    except (LookupError, ValueError):  # RFC 2231 in a character set that does not exist
        return None
    if isinstance(value, tuple):
        character_set, _, value = value
        try:
            return value.encode("latin-1").decode(character_set or "us-ascii", "replace")
        except (LookupError, ValueError):
            return None
    return value


def _malformed(why: str) -> Refusal:
    return Refusal(
        400,
        "malformed_form",
        f"Got a form that cannot be read: {why}. Send multipart/form-data as of RFC 7578, or the "
        "bytes of one image.",
    )


def _too_many(max_files: int) -> Refusal:
    return Refusal(
        422,
        "too_many_files",
        f"Got a form of too many files or fields, but at most {count(max_files, 'file')} are read "
        "in one request. Send the others in another one.",
    )
