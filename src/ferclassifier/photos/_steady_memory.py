"""Memory that does not depend on the order in which it was asked for."""

from __future__ import annotations

import sys
from contextlib import suppress

# Numbers of glibc's mallopt.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_TRIM_BYTES, _MMAP_BYTES = 2**23, 2**22


def keep_memory_steady(*, n_arenas: int | None = None) -> None:
    """Let glibc give large blocks back to the system at once, in this whole process.

    By itself it keeps them for later, once some have been freed: then the same work takes 130 or
    240 MB. This is for processes of our own, the command's and its workers'.

    Parameters
    ----------
    n_arenas : int or None, default=None
        Among how many arenas threads are dealt out; None leaves it to glibc, which makes eight for
        each processor and keeps in each what was freed there.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):  # another C library
        from ctypes import CDLL

        libc = CDLL(None)
        libc.mallopt(_TRIM_THRESHOLD, _TRIM_BYTES)
        libc.mallopt(_MMAP_THRESHOLD, _MMAP_BYTES)
        if n_arenas is not None:
            libc.mallopt(_ARENA_MAX, n_arenas)
