"""Files and folders that a command is going to write to."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from ferclassifier._files.writing import replaceable


def check_output(path: Path, force: bool) -> None:
    """Find out before an hour of training whether a file can be written after it."""
    folder = replaceable(path).parent
    if path.exists() and not force:
        raise click.ClickException(f"{path}: the file exists; add --force to replace it.")
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written: {error.strerror}") from error


def writable_folder(path: Path) -> Path:
    """Make a folder, unless it is there, and find out whether files can be written into it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        what = "this is a file" if path.is_file() else error.strerror
        raise click.ClickException(f"{path}: no folder that can be written to: {what}") from error
    return path
