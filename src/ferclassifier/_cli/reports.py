"""Reports that a command writes: whether it can, and doing so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ferclassifier._cli.outputs import check_output
from ferclassifier._cli.printing import say

if TYPE_CHECKING:
    from ferclassifier.report import Report


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
        check_output(path, force)


def save_reports(report: Report, paths: Sequence[Path], *, quiet: bool) -> None:
    """Write a report in every form that was asked for."""
    for path in paths:
        report.save(path)
    if not quiet:
        say("", f"Wrote {' and '.join(map(str, paths))}.")
