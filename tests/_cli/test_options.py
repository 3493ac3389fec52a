"""Options: their defaults, their bounds, and what they warn of."""

from __future__ import annotations

import inspect

import click

from ferclassifier import FERClassifier
from ferclassifier._cli import main, options
from ferclassifier.images._decoder import MAX_PIXELS
from helpers import run


def test_loading_a_model_is_said_to_run_code() -> None:
    for command in ("evaluate", "predict"):
        assert "only files that you trust" in " ".join(run(command, "--help").stdout.split())


def test_defaults_are_those_of_the_classifier() -> None:
    command = main.get_command(click.Context(main), "train")
    assert command is not None
    settings = [p for p in command.params if isinstance(p, options.Setting)]
    signature = inspect.signature(FERClassifier).parameters
    context = click.Context(command)
    assert len(settings) == 10
    for setting in settings:
        default = setting.get_default(context)
        assert default is signature[setting.name].default
        assert setting.type_cast_value(context, default) == default


def test_the_bound_on_pixels_is_that_of_the_decoder() -> None:
    assert options._MAX_PIXELS == MAX_PIXELS
