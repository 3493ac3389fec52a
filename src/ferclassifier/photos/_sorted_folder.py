"""What is in a folder, sorted, in memory that does not grow with it."""

from __future__ import annotations

import heapq
import json
import os
import tempfile
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import BinaryIO

# So many names are sorted at a time, some 3 MB of them.
_RUN = 20_000
_BLOCK = 2**16


def sorted_entries(folder: str) -> Iterator[tuple[str, bool]]:
    """Yield the folders and files that are in a folder, sorted by name; no pipes and devices.

    Parameters
    ----------
    folder : str

    Yields
    ------
    name : str
    is_folder : bool
        Links are followed.

    Raises
    ------
    OSError
        If the folder cannot be read.

    Notes
    -----
    Of a folder with more than 20,000 entries, sorted runs are kept in a temporary file and merged.
    """
    with os.scandir(folder) as entries:
        found = ((entry.name, entry.is_dir()) for entry in entries if _is_plain(entry))
        run = sorted(islice(found, _RUN))
        if len(run) == _RUN:
            with tempfile.TemporaryFile() as file:
                starts = [0]
                while run:
                    file.writelines(_line(*entry) for entry in run)
                    starts.append(file.tell())
                    run = sorted(islice(found, _RUN))
                runs = pairwise(starts)
                yield from heapq.merge(*(_run_in(file, start, end) for start, end in runs))
            return
    yield from run


def _is_plain(entry: os.DirEntry[str]) -> bool:
    """Tell folders and files, links to them, and links that lead nowhere."""
    return entry.is_dir() or entry.is_file() or not os.path.exists(entry.path)


def _line(name: str, is_folder: bool) -> bytes:
    # ASCII, in which names that are no UTF-8 and those with line ends come back as they were.
    return json.dumps([name, is_folder]).encode() + b"\n"


def _run_in(file: BinaryIO, start: int, end: int) -> Iterator[tuple[str, bool]]:
    rest = b""
    while start < end:
        file.seek(start)
        block = file.read(min(_BLOCK, end - start))
        start += len(block)
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            name, is_folder = json.loads(line)
            yield name, is_folder
