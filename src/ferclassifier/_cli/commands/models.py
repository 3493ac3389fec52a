"""The command ``ferclassifier models``: it lists the released models, and shows their cards."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from ferclassifier._cli.options import json_option
from ferclassifier._cli.printing import cell, print_json, say

if TYPE_CHECKING:
    from ferclassifier.pretrained._facts import ModelFacts

_HEADINGS = ("accuracy", "macro-F1", "calibration\nerror", "parameters", "size")
_SCORED = (
    "Scores of all of PublicTest, with the views that each model takes; "
    "'ferclassifier models NAME' has them without images that Training has too."
)


@click.command()
@click.argument("name", required=False)
@json_option
def models(name: str | None, as_json: bool) -> None:
    """List the released models, or show one's card.

    They come with the package. The scores are those on PublicTest, a part of FER-2013, with the
    95 % interval of the accuracy; of plus, the calibration error is against what ten people said.
    A card tells more: how a model came about, what it may be used for, and where it fails.

    \b
    Examples:
      ferclassifier models
      ferclassifier models compact
      ferclassifier predict face.png --model compact
    """  # noqa: D301
    from ferclassifier.pretrained import list_pretrained, model_card
    from ferclassifier.pretrained._models import model_facts

    if name is not None:
        facts = model_facts(name)
        if as_json:
            print_json(json.loads(facts.to_json()))
        else:
            _print_card(model_card(name))
        return
    known = [model_facts(name) for name in list_pretrained()]
    if as_json:
        print_json({facts.name: json.loads(facts.to_json()) for facts in known})
    elif known:
        _print_table(known)
    else:
        say("No trained models came with this installation.")


def _print_card(card: str) -> None:
    """Lay Markdown out on a terminal, and leave it as it is for anything else."""
    if not sys.stdout.isatty():
        say(*card.removesuffix("\n").split("\n"))
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(card))


def _print_table(known: list[ModelFacts]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 2, 0, 0))
    table.add_column("name", no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    for facts in known:
        table.add_row(*map(cell, (facts.name, *_figures(facts))))
    console = Console(highlight=False)
    console.print(table, "", sep="\n")
    console.print(_SCORED, "", sep="\n")
    for facts in known:
        told = [facts.summary.removesuffix("."), *([facts.speed] if facts.speed else [])]
        if facts.labels == "FER+":
            told.append("scored by what most of ten people say, where most agree")
        console.print(cell(f"{facts.name}: {'; '.join(told)}."))


def _figures(facts: ModelFacts) -> tuple[str, ...]:
    scores = facts.scores["all"]
    low, high = scores.accuracy_interval
    return (
        f"{100 * scores.accuracy:.1f} % [{100 * low:.1f}, {100 * high:.1f}]",
        f"{scores.macro_f1:.3f}",
        f"{facts.calibration_error:.3f}",
        f"{facts.n_parameters / 1e6:.2f} M",
        f"{facts.file_size / 1e6:.1f} MB",
    )
