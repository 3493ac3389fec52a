"""The command ``ferclassifier``, and the list of its commands."""

from __future__ import annotations

import click

from ferclassifier._cli.group import CommandLine
from ferclassifier._version import __version__

# Each is defined in the file of its name in `commands`, which is imported when it is run.
_COMMANDS = (
    *("app", "audit", "crop", "demo", "evaluate", "export", "models", "predict", "search", "train"),
    *("video", "webcam"),
)


@click.group(
    name="ferclassifier",
    cls=CommandLine,
    names=_COMMANDS,
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
      ferclassifier predict photo.jpg
      ferclassifier video talk.mp4 --csv rows.csv
      ferclassifier app
      ferclassifier webcam
      ferclassifier crop photos --output faces
      ferclassifier models
      ferclassifier export compact compact.onnx
      ferclassifier search fer2013.csv --space space.toml
    """  # noqa: D301 - click's mark for lines that are not to be joined
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
