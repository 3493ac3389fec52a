"""The latest of what comes at its own pace."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

_T = TypeVar("_T")


def latest_of(items: Generator[_T, None, None]) -> Generator[_T, None, None]:
    """Take items in a thread of its own, and yield the latest whenever one is asked for.

    A camera that is not read for a while hands on what it saw a while ago, or nothing any more.

    Parameters
    ----------
    items : iterator
        It is closed by the thread, once this is closed or has ended.

    Yields
    ------
    item
        None twice: it waits for the next.
    """
    slot = _Slot(items)
    slot.start()
    try:
        yield from slot.taken()
    finally:
        slot.stop()


class _Slot(Generic[_T]):
    """Room for one item, which the next one takes over."""

    def __init__(self, items: Generator[_T, None, None]) -> None:
        self._items = items
        self._item: list[_T] = []
        self._error: BaseException | None = None
        self._has_ended = self._is_stopped = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._fill, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._is_stopped = True
            self._item = []
        self._thread.join(timeout=1)  # it may wait for a frame that never comes

    def taken(self) -> Iterator[_T]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._item or self._has_ended)
                if not self._item:
                    if self._error is not None:
                        raise self._error
                    return
                item = self._item.pop()
            yield item

    def _fill(self) -> None:
        try:
            for item in self._items:
                with self._changed:
                    if self._is_stopped:
                        break
                    self._item = [item]
                    self._changed.notify_all()
        except BaseException as error:  # it is raised where the items are taken
            self._error = error
        finally:
            self._items.close()
            with self._changed:
                self._has_ended = True
                self._changed.notify_all()
