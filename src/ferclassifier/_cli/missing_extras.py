"""Extras of the package that a command needs and that are not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def missing_extra_said() -> Iterator[None]:
    """Say in one line, as an error of the command, how to install what cannot be imported.

    Raises
    ------
    ClickException
        Instead of an ImportError.
    """
    try:
        yield
    except ImportError as error:
        raise click.ClickException(str(error)) from error
