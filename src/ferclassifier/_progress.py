"""What a fit prints while it runs."""

from __future__ import annotations

import sys
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


def progress_callback(verbose: int, epochs: int, steps: int) -> keras.callbacks.Callback:
    """Return a progress bar (1), or a line per epoch (2) for a log.

    Where the output is no terminal, a bar cannot move, so there are lines.
    """
    console = Console(file=sys.stdout, highlight=False)
    if verbose == 1 and console.is_terminal:
        return ProgressBar(console, epochs, steps)
    return EpochLines(epochs)


def _scores(logs: dict[str, float]) -> str:
    shown = [
        f"{name.replace('_', ' ')} {logs[name]:.3f}"
        for name in ("loss", "accuracy", "val_loss", "val_accuracy")
        if name in logs
    ]
    return ", ".join(shown)


class ProgressBar(keras.callbacks.Callback):  # type: ignore[misc]
    """One bar over the whole fit, with the current epoch, loss and scores."""

    def __init__(self, console: Console, epochs: int, steps: int) -> None:
        super().__init__()
        self._console, self._epochs, self._steps = console, epochs, steps

    def on_train_begin(self, logs: Any = None) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[scores]}"),
            console=self._console,
        )
        self._progress.start()
        self._task = self._progress.add_task("", total=self._epochs * self._steps, scores="")
        self._validated = ""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._progress.update(self._task, description=f"Epoch {epoch + 1}/{self._epochs}")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        scores = ", ".join(filter(None, [_scores(logs or {}), self._validated]))
        self._progress.update(self._task, advance=1, scores=scores)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._validated = _scores({k: v for k, v in logs.items() if k.startswith("val_")})
        self._progress.update(self._task, scores=_scores(logs))

    def on_train_end(self, logs: Any = None) -> None:
        self._progress.stop()


class EpochLines(keras.callbacks.Callback):  # type: ignore[misc]
    """A line per epoch."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        seconds = f"{logs['seconds']:.1f} s, " if "seconds" in logs else ""
        print(f"Epoch {epoch + 1}/{self._epochs}: {seconds}{_scores(logs)}", flush=True)
