"""A sum over every byte of a file, which stands in the file itself.

It is the SHA-256 of the file with 64 zeros in its place. It tells of damage; it is no signature.
"""

from __future__ import annotations

import hashlib

NO_SUM = "0" * 64


def sealed(content: bytes, mark: bytes) -> bytes:
    """Return a file with its sum instead of the zeros.

    Parameters
    ----------
    content : bytes
        With `NO_SUM` right behind the mark.
    mark : bytes
        What stands in front of the sum.
    """
    start = content.index(mark) + len(mark)
    return content[:start] + _sum(content, start) + content[start + len(NO_SUM) :]


def is_whole(content: bytes, start: int) -> bool:
    """Tell whether the sum that begins at a place is that of the file."""
    return content[start : start + len(NO_SUM)] == _sum(content, start)


def _sum(content: bytes, start: int) -> bytes:
    # Without a copy: a file may take a GiB.
    whole = memoryview(content)
    digest = hashlib.sha256(whole[:start])
    digest.update(NO_SUM.encode())
    digest.update(whole[start + len(NO_SUM) :])
    return digest.hexdigest().encode()
