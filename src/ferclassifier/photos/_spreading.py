"""Photos read by several processes, here or on a Dask cluster; outcomes in the order of photos."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ferclassifier._utils.extras import import_extra
from ferclassifier._utils.orphans import end_with_parent
from ferclassifier.photos._listing import Photo
from ferclassifier.photos._reader import Options, Reader
from ferclassifier.photos._rows import Outcome
from ferclassifier.photos._steady_memory import keep_memory_steady

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from distributed import Client

# So many photos are one task at most; the first tasks are of fewer, so that each worker has some.
_PHOTOS_PER_TASK = 64
# Tasks of a worker that are running or waiting. More would only hold more outcomes.
_TASKS_PER_WORKER = 3

_reader: Reader | None = None
_parent: Connection | None = None
_reading = threading.Lock()


def read_in_processes(
    options: Options, photos: Iterable[Photo], n_workers: int
) -> Iterator[Outcome]:
    """Read photos in processes of their own.

    Parameters
    ----------
    options : Options
    photos : iterable of Photo
        Not many more are taken from it than have been read.
    n_workers : int

    Yields
    ------
    outcome : Outcome

    Raises
    ------
    ChildProcessError
        An OSError: if a process was killed.
    """
    from multiprocessing import get_context

    # Forked processes would share the threads of the runtime, which do not go on in them.
    spawning = get_context("spawn")
    # Nothing is ever sent; that this end of it is closed says that nobody waits any more. A lock,
    # as an event has, would stay taken if a process was killed that had it.
    theirs, ours = spawning.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        n_workers, mp_context=spawning, initializer=_start, initargs=(options, theirs)
    )
    try:
        futures = (pool.submit(_read_here, task) for task in _tasks(photos, n_workers))
        for future in _kept_busy(futures, _TASKS_PER_WORKER * n_workers):
            yield from future.result()
    except BrokenProcessPool as error:
        raise ChildProcessError(
            "A worker process ended by itself, or was killed because memory ran out: use fewer "
            "workers. A table that was being written is gone on with by the same command."
        ) from error
    finally:
        ours.close()
        pool.shutdown(wait=True, cancel_futures=True)
        theirs.close()


def read_on_cluster(options: Options, photos: Iterable[Photo], client: Client) -> Iterator[Outcome]:
    """Read photos on the workers of a Dask cluster, which see the same files as this machine.

    Parameters
    ----------
    options : Options
    photos : iterable of Photo
    client : distributed.Client

    Yields
    ------
    outcome : Outcome
    """
    import_extra("distributed", extra="dask")
    n_workers = max(1, sum(client.nthreads().values()))
    # The result of a task, unlike what is scattered, is made again if its worker is lost.
    reader = client.submit(Reader, options, key=f"reader-{uuid4().hex}")
    futures = (client.submit(_read, reader, task, pure=False) for task in _tasks(photos, n_workers))
    for future in _kept_busy(futures, _TASKS_PER_WORKER * n_workers):
        yield from future.result()


def _tasks(photos: Iterable[Photo], n_workers: int) -> Iterator[list[Photo]]:
    """Group photos: one by one at first, so that few are shared fairly, then in larger groups."""
    photos = iter(photos)
    size, n_tasks = 1, 0
    while task := list(islice(photos, size)):
        yield task
        n_tasks += 1
        if n_tasks % (2 * n_workers) == 0:
            size = min(2 * size, _PHOTOS_PER_TASK)


def _kept_busy(futures: Iterator[Any], n_ahead: int) -> Iterator[Any]:
    """Yield futures in their order, while so many more have been handed out."""
    ahead = deque(islice(futures, n_ahead))
    while ahead:
        yield ahead.popleft()
        ahead.extend(islice(futures, 1))


def _start(options: Options, parent: Connection) -> None:
    """Prepare a process: it is the parent that an interruption is for."""
    global _reader, _parent
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(os.getppid(), _reading)  # a picture that is being written is finished
    os.environ["OMP_NUM_THREADS"] = "1"  # the processes share the processors
    keep_memory_steady()
    warnings.simplefilter("ignore")  # of what Pillow mends in damaged files
    _reader, _parent = Reader(options), parent


def _read_here(photos: list[Photo]) -> list[Outcome]:
    """Read the photos of a task, as long as somebody waits for them."""
    assert _reader is not None
    with _reading:
        return _read(_reader, takewhile(lambda _: _parent is None or not _parent.poll(), photos))


def _read(reader: Reader, photos: Iterable[Photo]) -> list[Outcome]:
    return list(reader.read(photos))
