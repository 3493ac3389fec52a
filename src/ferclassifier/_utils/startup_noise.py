"""What TensorFlow says whenever it starts."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

# A line of TensorFlow's C++ log below the level of fatal, and two lines that stand around those.
_STARTUP_NOISE = re.compile(
    rb"[IWE]\d{4} \d\d:\d\d:|\d{4}-\d\d-\d\d [\d:.]+: [IWE] |"
    rb"WARNING: All log messages before absl|To enable the following instructions:"
)


@contextmanager
def without_startup_noise() -> Iterator[None]:
    """Keep TensorFlow's start-up lines off the screen.

    It writes them from C++ to file descriptor 2 before its log level is set, whether or not
    there is anything to be done: about oneDNN, the processor, and a GPU that is not there. So the
    descriptor leads to a file meanwhile. Then every other line is written to where it belongs,
    and if starting fails, all of them.
    """
    if sys.__stderr__ is None:  # closed by whoever called; another file may have the number 2
        yield
        return
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        started = False
        try:
            yield
            started = True
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            caught.seek(0)
            for line in caught:
                if not (started and _STARTUP_NOISE.match(line)):
                    os.write(2, line)
