"""Parameters from the command line, and runs and epochs in CSV files."""

from __future__ import annotations

import ast
import csv
from pathlib import Path
from typing import Any


def parameters(items: list[str]) -> dict[str, Any]:
    """Return what `--set NAME=VALUE` gave; a value that is no Python literal is a string."""
    return {name: _value(text) for name, text in (item.split("=", 1) for item in items)}


def read_runs(path: Path) -> list[dict[str, str]]:
    """Return the runs that have ended; none if there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def append_run(path: Path, run: dict[str, Any]) -> None:
    """Add a run that has ended."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(run))
        if is_new:
            writer.writeheader()
        writer.writerow(run)


def write_history(path: Path, history: dict[str, list[float]]) -> None:
    """Write a line for each epoch, in place of what the file held."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *history])
        for epoch, values in enumerate(zip(*history.values(), strict=True), start=1):
            writer.writerow([epoch, *(f"{value:.5g}" for value in values)])


def _value(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
