"""Options for reports, and writing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ferclassifier._cli import _PATH, _check_output, _say

if TYPE_CHECKING:
    from ferclassifier.report import Report


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name the files of a report."""
    for option in (
        click.option("--force", is_flag=True, help="Replace reports that exist."),
        click.option(
            "--report",
            "reports",
            type=_PATH,
            metavar="FILE",
            multiple=True,
            help="Write a report: a page (.html), or the same as .md or .json. May be given "
            "several times.",
        ),
    ):
        command = option(command)
    return command


def check_reports(paths: Sequence[Path], force: bool) -> None:
    """Find out before the work whether reports can be written after it."""
    if not paths:
        return
    from ferclassifier.report._report import check_report_name, check_requirements

    try:
        check_requirements()
    except ImportError as error:
        raise click.ClickException(str(error)) from error
    for path in paths:
        check_report_name(path)
        _check_output(path, force)


def save_reports(report: Report, paths: Sequence[Path], *, quiet: bool) -> None:
    """Write a report in every form that was asked for."""
    for path in paths:
        report.save(path)
    if not quiet:
        _say("", f"Wrote {' and '.join(map(str, paths))}.")
