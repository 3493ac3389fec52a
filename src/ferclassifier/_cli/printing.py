"""The ways to the screen.

All that is printed goes through `say`, `print_json`, `JsonList`, `print_error` or `print_warning`,
or through `rich` by way of `cell`: a name from outside may hold escape sequences and line ends.
"""

from __future__ import annotations

import codecs
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ferclassifier._utils.printable import as_json, printable

if TYPE_CHECKING:
    from rich.text import Text


def say(*lines: object) -> None:
    """Print lines on stdout."""
    for line in lines:
        click.echo(printable(line), file=sys.stdout)


def cell(value: object) -> Text:
    """Return what stands in a table of `rich`, not to be read as its markup or an emoji's name."""
    from rich.text import Text

    return Text(printable(value))


def print_json(value: Any) -> None:
    """Print a value on stdout as JSON, escaped as far as the encoding needs it."""
    click.echo(_json_for_stdout(value), file=sys.stdout)


class JsonList:
    """Prints a list on stdout as JSON, item by item, as `print_json` would print it whole."""

    def __init__(self) -> None:
        self._is_empty = True

    def add(self, item: Any) -> None:
        """Print an item."""
        click.echo("[" if self._is_empty else ",", file=sys.stdout, nl=self._is_empty)
        lines = _json_for_stdout(item).split("\n")
        start = "" if self._is_empty else "\n"
        click.echo(start + "\n".join(f"  {line}" for line in lines), file=sys.stdout, nl=False)
        self._is_empty = False

    def end(self) -> None:
        """Print the end of the list."""
        click.echo("[]" if self._is_empty else "\n]", file=sys.stdout)


def _json_for_stdout(value: Any) -> str:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    is_unicode = codecs.lookup(encoding).name.startswith("utf")
    return as_json(value, ascii_only=not is_unicode)


def print_error(message: object) -> None:
    """Print an error on stderr, in one line."""
    _print_line(f"{click.style('Error', fg='red')}: ", message)


def print_warning(message: object) -> None:
    """Print a warning on stderr, in one line."""
    _print_line(f"{click.style('Warning', fg='yellow')}: ", message)


def show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Stand in for `warnings.showwarning`."""
    print_warning(message)


def _print_line(prefix: str, message: object) -> None:
    """Print a message of any length as one line on stderr."""
    if isinstance(message, OSError) and message.filename is not None:
        message = f"{message.filename}: {message.strerror}"
    text = " ".join(line.strip() for line in (str(message) or repr(message)).splitlines())
    click.echo(prefix + printable(text), file=sys.stderr)


def in_shell(path: Path) -> str:
    """Write a path such that a command with it can be copied."""
    return shlex.quote(str(path))


def this_program() -> str:
    """Name the command line so that it can be copied: by its path, where a shell finds another."""
    called = Path(sys.argv[0])
    found = shutil.which("ferclassifier")
    if called.name != "ferclassifier" or not called.exists():  # python -m, or another program
        return "ferclassifier"
    if found is not None and Path(found).samefile(called):
        return "ferclassifier"
    return in_shell(called)


def duration(seconds: float) -> str:
    """Write a time in minutes and seconds."""
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
