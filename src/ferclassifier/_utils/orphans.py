"""Worker processes that do not outlive the process for which they work."""

from __future__ import annotations

import os
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from multiprocessing import parent_process
from typing import Any

_SECONDS_BETWEEN = 0.5


def end_with_parent(parent: int, busy: AbstractContextManager[Any] | None = None) -> None:
    """Let this process end soon after its parent, which may be killed without a word.

    A worker that waits for tasks would wait for ever, or for joblib's five minutes.

    Parameters
    ----------
    parent : int
        Its number. Where it is that of this process itself, as without workers, nothing is done.
    busy : context manager or None, default=None
        A lock that is held during what has to be finished first.
    """
    if parent != os.getpid():
        threading.Thread(target=_wait_and_end, args=(parent, busy), daemon=True).start()


def _wait_and_end(parent: int, busy: AbstractContextManager[Any] | None) -> None:
    if os.name == "posix":  # joblib's workers are told nothing else of it
        while os.getppid() == parent:
            time.sleep(_SECONDS_BETWEEN)
    elif (known := parent_process()) is not None:
        known.join()
    else:
        return
    with busy or nullcontext():
        os._exit(1)
