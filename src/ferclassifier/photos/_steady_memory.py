"""Memory that does not depend on the order in which it was asked for."""

from __future__ import annotations

import sys
from contextlib import suppress

# Numbers of glibc's mallopt.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_TRIM_BYTES, _MMAP_BYTES = 2**23, 2**22


def keep_memory_steady() -> None:
    """Let glibc give large blocks back to the system at once, in this whole process.

    By itself it keeps them for later, once some have been freed: then the same work takes 130 or
    240 MB. This is for processes of our own, the command's and its workers'.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):  # another C library
        from ctypes import CDLL

        libc = CDLL(None)
        libc.mallopt(_TRIM_THRESHOLD, _TRIM_BYTES)
        libc.mallopt(_MMAP_THRESHOLD, _MMAP_BYTES)
