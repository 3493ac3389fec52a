"""The command ``ferclassifier``, and the list of its commands."""

from __future__ import annotations

import click

from ferclassifier._cli.commands.audit import audit
from ferclassifier._cli.commands.demo import demo
from ferclassifier._cli.commands.evaluate import evaluate
from ferclassifier._cli.commands.export import export
from ferclassifier._cli.commands.models import models
from ferclassifier._cli.commands.predict import predict
from ferclassifier._cli.commands.search import search
from ferclassifier._cli.commands.train import train
from ferclassifier._cli.group import CommandLine
from ferclassifier._version import __version__


@click.group(
    name="ferclassifier",
    cls=CommandLine,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Recognise facial expressions in images.

    \b
    Examples:
      ferclassifier demo
      ferclassifier train fer2013.csv --output model.safetensors
      ferclassifier audit fer2013.csv --report audit.html
      ferclassifier evaluate fer2013.csv --model model.safetensors --report report.html
      ferclassifier predict face.png --model model.safetensors
      ferclassifier models
      ferclassifier export compact compact.onnx
      ferclassifier search fer2013.csv --space space.toml
    """  # noqa: D301 - click's mark for lines that are not to be joined
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for command in (audit, demo, evaluate, export, models, predict, search, train):
    main.add_command(command)
