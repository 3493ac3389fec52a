"""Fetching batches in the background while the network works on one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

_Batch = TypeVar("_Batch")


class ReadAhead(Generic[_Batch]):
    """Fetch batches by number, in order, a few of them in advance.

    Parameters
    ----------
    fetch : callable
        Returns the batch of a number, in any thread.
    n_threads : int
    depth : int, default=8
        Batches held at most.
    """

    def __init__(self, fetch: Callable[[int], _Batch], n_threads: int, depth: int = 8) -> None:
        self._fetch = fetch
        self._depth = depth
        self._threads = ThreadPoolExecutor(n_threads, thread_name_prefix="ferclassifier-read")
        self._ahead: deque[tuple[int, Future[_Batch]]] = deque()

    def get(self, i: int, n_batches: int) -> _Batch:
        """Return batch `i`, and begin to fetch those behind it, up to `n_batches` in all."""
        if not self._ahead or self._ahead[0][0] != i:
            self.forget()
            self._request(i)
        last = self._ahead[-1][0]
        for following in range(last + 1, min(i + self._depth, n_batches)):
            self._request(following)
        return self._ahead.popleft()[1].result()

    def forget(self) -> None:
        """Drop what has been fetched: the numbers are about to mean other batches."""
        for _, future in self._ahead:
            future.cancel()
        self._ahead.clear()

    def close(self) -> None:
        """Stop, waiting for the batches that are being fetched."""
        self.forget()
        self._threads.shutdown(cancel_futures=True)

    def _request(self, i: int) -> None:
        self._ahead.append((i, self._threads.submit(self._fetch, i)))
