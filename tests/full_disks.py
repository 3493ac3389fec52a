"""A disk that is full: as far as the system lets no file grow, or a real one that is filled."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]

needs_full_disks = pytest.mark.skipif(resource is None, reason="the system has no limits of files")

_LARGEST = 2**24
_LONGEST = 20  # bytes: longer than nothing, shorter than all that is written


@contextmanager
def folder_on_the_disk(otherwise: Path) -> Iterator[Path]:
    """Return a folder on the disk that will be full."""
    if disk := os.environ.get("FULL_DISK"):
        with tempfile.TemporaryDirectory(dir=disk) as path:
            yield Path(path)
    else:
        yield otherwise


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Let no file grow any more."""
    if os.environ.get("FULL_DISK"):
        assert shutil.disk_usage(folder).total <= _LARGEST, "this disk is none to be filled"
        filling = folder / "filling"
        with filling.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1024))
        try:
            yield
        finally:
            filling.unlink()
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LONGEST, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
