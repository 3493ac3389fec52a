"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import click

_SUBSETS = ("train", "validation", "test", "all")
_MAX_PIXELS = 50_000_000  # that of `images`, which would import NumPy
PATH = click.Path(path_type=Path)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on stdout and nothing else."
)
_MODEL_HELP = (
    "A released model, see 'ferclassifier models', or the file that 'train', save or joblib.dump "
    "wrote. Loading one whose name ends with .joblib, .pkl or .pickle runs code that it holds: "
    "load only files that you trust. Under any other name, only a file without code is read."
)
model_option = click.option(
    "--model", type=PATH, metavar="NAME|FILE", required=True, help=_MODEL_HELP
)
model_of_photos_option = click.option(
    "--model",
    type=PATH,
    metavar="NAME|FILE",
    default="plus",
    help=f"{_MODEL_HELP} With an ONNX file, as those of released models are, there is no waiting "
    "for TensorFlow.",
)
max_pixels_option = click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    metavar="N",
    default=_MAX_PIXELS,
    help="Image files of more pixels cannot be read: decoding one may take 25 bytes for each.",
)


class Setting(click.Option):
    """An option for a parameter of FERClassifier, with the default of its signature."""

    def get_default(self, ctx: click.Context, call: bool = True) -> Any:
        """Look the default up when it is needed, because that imports scikit-learn."""
        from ferclassifier import FERClassifier

        return signature(FERClassifier).parameters[str(self.name)].default


class LearningRate(click.FloatRange):
    """A positive number, or "auto"."""

    name = "number or 'auto'"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if value == "auto" else super().convert(value, param, ctx)


def _check_subset(ctx: click.Context, param: click.Parameter, subset: str) -> str:
    """Take the whole of a folder, and refuse to pretend that a part of it was asked for."""
    if ctx.params["layout"] == "fer2013":
        return subset
    by_user = ctx.get_parameter_source("subset") is not click.core.ParameterSource.DEFAULT
    if by_user and subset != "all":
        raise click.BadParameter("--layout folder has no subsets.")
    return "all"


def data_options(subset: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the options that say how to read DATA, `subset` being read by default."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            max_pixels_option,
            click.option(
                "--on-error",
                type=click.Choice(["raise", "skip"]),
                default="raise",
                help="Stop at an image that cannot be read, or leave it out.",
            ),
            click.option(
                "--subset",
                type=click.Choice(_SUBSETS),
                default=subset,
                callback=_check_subset,
                help="The part of FER-2013 to read. A folder of your own is read whole.",
            ),
            click.option(
                "--layout",
                type=click.Choice(["fer2013", "folder"]),
                default="fer2013",
                is_eager=True,  # --subset depends on it
                help="FER-2013 as CSV file, folders or an archive, or a folder with a subfolder "
                "for each of your own classes.",
            ),
        ):
            command = option(command)
        return command

    return decorate


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name the files of a report."""
    for option in (
        click.option("--force", is_flag=True, help="Replace reports that exist."),
        click.option(
            "--report",
            "reports",
            type=PATH,
            metavar="FILE",
            multiple=True,
            help="Write a report: a page (.html), or the same as .md or .json. May be given "
            "several times.",
        ),
    ):
        command = option(command)
    return command
