"""What could not be read: named when it happens, and counted at the end."""

from __future__ import annotations

from collections.abc import Callable

from ferclassifier._cli.printing import print_error
from ferclassifier._utils.wording import count, in_words, number

_MAX_NAMED = 3


class Unread:
    """Counts photos, and those that could not be read.

    Parameters
    ----------
    before_line : callable
        Called before a line is written.
    """

    def __init__(self, before_line: Callable[[], None]) -> None:
        self._before_line = before_line
        self._n = self._n_failed = 0
        self._named: list[str] = []

    def count(self, name: str, error: str) -> None:
        """Count a photo, and say its error if it has one."""
        self._n += 1
        if error:
            self._n_failed += 1
            if len(self._named) < _MAX_NAMED:
                self._named.append(name)
            self._before_line()
            print_error(error)

    def tell(self) -> int:
        """Say how many could not be read, if one of several could not; return the exit code."""
        if self._n_failed and self._n > 1:
            more = self._n_failed - len(self._named)
            named = in_words([*self._named, f"{more:,} more"] if more else self._named)
            print_error(
                f"{number(self._n_failed)} of {count(self._n, 'photo')} could not be read: {named}."
            )
        return int(self._n_failed > 0)
