"""What becomes of a bad row or file: an error, or a line in a report."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ferclassifier.exceptions import DataError


class ItemError(Exception):
    """What is wrong with a row or file: in a few words to count by, and in full."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class BadItems:
    """Raise the error of a bad item, or count it and go on.

    Parameters
    ----------
    on_error : {"raise", "skip"}

    Attributes
    ----------
    notices : list of Warning
        What is to be said of the data set as a whole, by the function that a user has called.
    """

    def __init__(self, on_error: str) -> None:
        if on_error not in ("raise", "skip"):
            raise ValueError(f"Got on_error={on_error!r}, but expected 'raise' or 'skip'.")
        self.on_error = on_error
        self.reasons: Counter[str] = Counter()
        self.skipped: list[tuple[str, str]] = []
        self.notices: list[Warning] = []

    def add(self, where: str, reason: str, error: DataError) -> None:
        """Raise `error`, or note where the item was and the reason in a few words."""
        if self.on_error == "raise":
            raise error
        self.leave_out(where, reason)

    def leave_out(self, where: str, reason: str) -> None:
        """Note an item that is no error, and that is not read."""
        self.reasons[reason] += 1
        self.skipped.append((where, reason))

    def report(self, n_read: int) -> dict[str, Any]:
        """Summarise what was read and what was skipped."""
        return {
            "n_read": n_read,
            "n_skipped": len(self.skipped),
            "reasons": dict(self.reasons),
            "skipped": self.skipped,
        }

    def __str__(self) -> str:
        reasons = ", ".join(f"{reason}: {n}" for reason, n in self.reasons.most_common())
        return f"{len(self.skipped)} skipped" + (f" ({reasons})" if reasons else "")
