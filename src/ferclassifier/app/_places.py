"""Few requests at a time: who finds no place is told so at once, instead of waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ferclassifier._utils.wording import count
from ferclassifier.app._refusal import Refusal

_SECONDS_TO_WAIT = 1


class Places:
    """Places for requests. They are counted on the event loop's thread alone.

    Parameters
    ----------
    n : int
    """

    def __init__(self, n: int) -> None:
        self._n = self._n_free = n

    @property
    def n_taken(self) -> int:
        """How many are taken."""
        return self._n - self._n_free

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take a place.

        Raises
        ------
        Refusal
            503, if there is none.
        """
        if self._n_free == 0:
            raise Refusal(
                503,
                "busy",
                f"{count(self._n, 'request')} are being answered, and there is room for no more. "
                f"Send it again after {count(_SECONDS_TO_WAIT, 'second')}.",
                headers={"Retry-After": str(_SECONDS_TO_WAIT)},
            )
        self._n_free -= 1
        try:
            yield
        finally:
            self._n_free += 1
