"""The group of commands: errors in one line, exit codes."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from ferclassifier._cli.printing import print_error, show_warning
from ferclassifier._cli.signals import INTERRUPTED, ended_by_signals
from ferclassifier.exceptions import FERClassifierError


class CommandLine(click.Group):
    """A group of commands that says in one line what went wrong.

    Parameters
    ----------
    names : sequence of str
        Of the commands. None is imported before it is run, or explained.
    """

    def __init__(self, *args: Any, names: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = names

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return sorted(self._names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of this name."""
        if cmd_name not in self._names:
            return None
        module = import_module(f"ferclassifier._cli.commands.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is asked for, or say which was probably meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if not (close := get_close_matches(args[0], self._names, n=1)):
                raise
            told = f"{error.format_message()} (Did you mean {close[0]!r}?)"
            raise click.UsageError(told, error.ctx) from error

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command and exit.

        0 is success, 1 an error, 2 a misuse, 130 an interruption, 143 a request of the system.
        """
        with warnings.catch_warnings(), any_text_written():
            warnings.simplefilter("default", UserWarning)
            warnings.showwarning = show_warning
            sys.exit(self._exit_code(*args, **{**kwargs, "standalone_mode": False}))

    def _exit_code(self, *args: Any, **kwargs: Any) -> int:
        with ended_by_signals() as asked:
            try:
                code = super().main(*args, **kwargs) or 0
            except BaseException as error:
                # Whoever is interrupted in the middle may say so by an error of their own.
                is_interrupted = asked or isinstance(error, click.Abort)
                code = INTERRUPTED if is_interrupted else _code_of(error)
        if not asked and code != INTERRUPTED:
            return code
        click.echo(asked.line, err=True)
        return asked.exit_code


def _code_of(error: BaseException) -> int:
    """Say in a line what went wrong, or raise what should not have happened."""
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "ferclassifier"
        print_error(f"{error.format_message()} See '{command} --help'.")
        return error.exit_code
    if isinstance(error, click.ClickException):
        print_error(error.format_message())
        return error.exit_code
    if isinstance(error, BrokenPipeError):
        # Python flushes once more at its end, and would report that as an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if isinstance(error, FERClassifierError | MemoryError | OSError | ValueError):
        print_error(error)
        return 1
    raise error


@contextmanager
def any_text_written() -> Iterator[None]:
    """Let stdout and stderr escape what their encoding lacks, instead of failing or guessing."""
    streams = [stream for stream in (sys.stdout, sys.stderr) if hasattr(stream, "reconfigure")]
    before = [stream.errors for stream in streams]
    for stream in streams:
        stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        for stream, errors in zip(streams, before, strict=True):
            with suppress(OSError, ValueError):  # full, or closed meanwhile
                stream.reconfigure(errors=errors)
