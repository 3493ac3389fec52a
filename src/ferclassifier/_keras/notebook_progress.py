"""A progress bar in the output of a notebook's cell."""

from __future__ import annotations

import importlib
import sys
import time
from html import escape
from typing import Any

# Each update is a message to the browser, and the notebook's file keeps the last one.
_SECONDS_BETWEEN_UPDATES = 0.25


def in_notebook() -> bool:
    """Tell whether a kernel of Jupyter runs this, whose outputs can be replaced."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


class NotebookProgress:
    """One output that is updated in place, for whatever counts as `rich.progress.Progress` does."""

    def __init__(self) -> None:
        self._total, self._done = 1, 0
        self._said = {"description": "", "scores": ""}
        self._started = self._updated = time.monotonic()
        display = importlib.import_module("IPython.display").display
        self._handle: Any = display(self, display_id=True)

    def add_task(self, description: str, *, total: int, **said: str) -> int:
        """Say how many steps there will be."""
        self._total = total
        self._said |= {"description": description, **said}
        return 0

    def update(self, task: int, *, advance: int = 0, **said: str) -> None:
        """Count some steps, and say something else."""
        self._done += advance
        self._said |= said
        if time.monotonic() - self._updated >= _SECONDS_BETWEEN_UPDATES:
            self.refresh()

    def refresh(self) -> None:
        """Replace the output."""
        self._updated = time.monotonic()
        self._handle.update(self)

    def __repr__(self) -> str:
        return f"{self._said['description']} {self._done / self._total:4.0%} {self._told()}"

    def _repr_html_(self) -> str:
        described, told = escape(self._said["description"]), escape(self._told())
        bar = f'<progress value="{self._done}" max="{self._total}"></progress>'
        return f"<div>{described} {bar} {told}</div>"

    def _told(self) -> str:
        return ", ".join(filter(None, [self._remaining(), self._said["scores"]]))

    def _remaining(self) -> str:
        if not 0 < self._done < self._total:
            return ""
        passed = self._updated - self._started
        minutes, seconds = divmod(round(passed / self._done * (self._total - self._done)), 60)
        return f"{minutes}:{seconds:02} left"
