"""Scores as tables on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ferclassifier._cli.printing import cell

if TYPE_CHECKING:
    from ferclassifier.metrics import EmotionReport, GroupScores


def print_scores(report: EmotionReport) -> None:
    """Print the scores of each class, the confusion matrix if there is room, and a summary."""
    from rich.console import Console

    console = Console(highlight=False)
    matrix = _table_of_confusions(report, nothing="." if console.options.ascii_only else "·")
    unlimited = console.options.update(width=100_000)
    if console.measure(matrix, options=unlimited).minimum > console.width:
        matrix = "The confusion matrix is wider than the screen; see it with --json."
    console.print(_table_of_scores(report), "", matrix, "", sep="\n")
    if report.groups is not None:
        console.print(_table_of_groups(report.groups), "", sep="\n")
    for line in report.summary(n_confusions=2).split("\n"):
        console.print(cell(line))


def _table_of_scores(report: EmotionReport) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 2, 0, 0))
    table.add_column("class")
    for heading in ("precision", "recall", "F1", "images"):
        table.add_column(heading, justify="right")
    for name, *rates, support in report.per_class.itertuples():
        table.add_row(cell(name), *(f"{rate:.3f}" for rate in rates), f"{support:,}")
    return table


def _table_of_groups(groups: GroupScores) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 2, 0, 0))
    table.add_column("group")
    for heading in ("accuracy", "95 % interval", "macro-F1", "images"):
        table.add_column(heading, justify="right")
    for name, accuracy, low, high, macro_f1, support in groups.by_group.itertuples():
        interval = f"{low:.3f} to {high:.3f}"
        table.add_row(cell(name), f"{accuracy:.3f}", interval, f"{macro_f1:.3f}", f"{support:,}")
    return table


def _table_of_confusions(report: EmotionReport, nothing: str) -> Any:
    """Return a table with a row for each true class and a column for each predicted one."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("true \\ predicted", no_wrap=True)
    for name in report.classes:
        table.add_column(cell(name), justify="right", no_wrap=True)
    for i, (name, counts) in enumerate(zip(report.classes, report.confusion_matrix, strict=True)):
        cells = [f"{n:,}" if n else f"[dim]{nothing}[/]" for n in counts]
        cells[i] = f"[bold green]{cells[i]}[/]"
        table.add_row(cell(name), *cells)
    return table
