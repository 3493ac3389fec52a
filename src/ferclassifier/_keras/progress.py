"""What a fit prints while it runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ferclassifier._keras.notebook_progress import NotebookProgress, in_notebook
from ferclassifier._utils.keras_door import keras


@contextmanager
def shown_progress(
    verbose: int, epochs: int, steps: int
) -> Iterator[list[keras.callbacks.Callback]]:
    """Give the callbacks that show a progress bar (1), a line per epoch (2) or nothing (0).

    Where the output is neither a terminal nor a notebook, a bar cannot move, so there are lines. A
    fit that fails or is interrupted leaves the terminal as it was.
    """
    console = Console(file=sys.stdout, highlight=False)
    if not verbose:
        yield []
    elif verbose == 1 and _is_terminal(sys.stdout):
        columns = (
            TextColumn("{task.description}"),
            BarColumn(16),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[scores]}"),
        )
        with Progress(*columns, console=console) as progress:
            yield [ProgressBar(progress, epochs, steps)]
    elif verbose == 1 and in_notebook():
        shown = NotebookProgress()
        try:
            yield [ProgressBar(shown, epochs, steps)]
        finally:
            shown.refresh()
    else:
        yield [EpochLines(epochs)]


def _is_terminal(output: Any) -> bool:
    # Not as Rich sees it: Jupyter sets FORCE_COLOR, and workers inherit it, whose output is a pipe.
    return bool(getattr(output, "isatty", bool)())


def _scores(logs: dict[str, float]) -> str:
    shown = [
        f"{name.replace('_', ' ')} {logs[name]:.3f}"
        for name in ("loss", "accuracy", "val_loss", "val_accuracy")
        if name in logs
    ]
    return ", ".join(shown)


class ProgressBar(keras.callbacks.Callback):  # type: ignore[misc]
    """One bar over the whole fit, with the current epoch, loss and scores."""

    def __init__(self, progress: Progress | NotebookProgress, epochs: int, steps: int) -> None:
        super().__init__()
        self._progress, self._epochs = progress, epochs
        self._task = TaskID(progress.add_task("", total=epochs * steps, scores=""))
        self._validated = ""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._progress.update(self._task, description=f"Epoch {epoch + 1}/{self._epochs}")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        scores = ", ".join(filter(None, [_scores(logs or {}), self._validated]))
        self._progress.update(self._task, advance=1, scores=scores)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._validated = _scores({k: v for k, v in logs.items() if k.startswith("val_")})
        self._progress.update(self._task, scores=_scores(logs))


class EpochLines(keras.callbacks.Callback):  # type: ignore[misc]
    """A line per epoch."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        seconds = f"{logs['seconds']:.1f} s, " if "seconds" in logs else ""
        print(f"Epoch {epoch + 1}/{self._epochs}: {seconds}{_scores(logs)}", flush=True)
