"""The command ``ferclassifier train``: it trains a model on labelled images."""

from __future__ import annotations

import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Any

import click

from ferclassifier._cli.data import describe_labels, load_data
from ferclassifier._cli.options import PATH, LearningRate, Setting, data_options, json_option
from ferclassifier._cli.outputs import check_output
from ferclassifier._cli.printing import duration, in_shell, print_json, say, this_program
from ferclassifier._files.checkpoint import kept_until_done
from ferclassifier.architectures import list_architectures
from ferclassifier.augmentation import PRESETS


@click.command()
@click.argument("data", type=PATH)
@click.option(
    "--output",
    type=PATH,
    metavar="FILE",
    default="model.safetensors",
    help="The file to write the model to. One whose name ends with .joblib, .pkl or .pickle is "
    "written by joblib; any other holds no code, by custom with .safetensors at its end.",
)
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
@data_options(subset="train")
@click.option(
    "--architecture",
    cls=Setting,
    type=click.Choice(list_architectures()),
    help="The network.",
)
@click.option(
    "--initial-weights",
    cls=Setting,
    metavar="NAME|FILE",
    help="Start from a released model, such as compact, or from a file that 'train' wrote: few "
    "images and epochs do then. The architecture is that of the model.",
)
@click.option(
    "--epochs",
    cls=Setting,
    type=click.IntRange(min=1),
    metavar="N",
    help="Passes over the images.",
)
@click.option(
    "--batch-size", cls=Setting, type=click.IntRange(min=1), metavar="N", help="Images per step."
)
@click.option(
    "--learning-rate",
    cls=Setting,
    type=LearningRate(min=0, min_open=True),
    metavar="RATE",
    help="The highest learning rate.",
)
@click.option(
    "--augmentation",
    cls=Setting,
    type=click.Choice([*PRESETS, "none"]),
    callback=lambda ctx, param, value: None if value == "none" else value,
    help="Random changes of the images in training.",
)
@click.option(
    "--class-weight",
    cls=Setting,
    type=click.Choice(["balanced", "sqrt"]),
    help="Give rare classes more weight: fully, or by the square root of that.",
)
@click.option(
    "--early-stopping/--no-early-stopping",
    cls=Setting,
    help="Stop when images held out of the training are not recognised better any more.",
)
@click.option(
    "--seed",
    "random_state",
    cls=Setting,
    type=click.IntRange(min=0),
    metavar="N",
    help="Makes two runs equal.",
)
@click.option(
    "--checkpoint",
    cls=Setting,
    type=PATH,
    metavar="FILE",
    help="Write the state after each epoch: after an interruption the same command goes on from "
    "there. Removed once the model is written.",
)
@json_option
def train(
    data: Path,
    output: Path,
    force: bool,
    layout: str,
    subset: str,
    on_error: str,
    max_pixels: int,
    as_json: bool,
    **settings: Any,
) -> None:
    """Train a model on labelled images and save it.

    DATA is FER-2013 (its CSV file, its folders or an archive), or, with --layout folder, a
    folder of your own images as DATA/<class>/*.

    \b
    Examples:
      ferclassifier train fer2013.csv --output model.safetensors
      ferclassifier train my-faces --layout folder --epochs 30 --output mine.safetensors
      ferclassifier train my-faces --layout folder --initial-weights compact --epochs 10
    """  # noqa: D301
    from ferclassifier import FERClassifier
    from ferclassifier._cli.model_files import check_model_output, write_any_model

    check_model_output(output)
    check_output(output, force)
    clf = FERClassifier(**settings, verbose=1)
    with redirect_stdout(sys.stderr) if as_json else nullcontext(), kept_until_done():
        say(f"Reading {data}")
        faces = load_data(data, layout, subset, on_error, max_pixels)
        labels = faces.target
        say(describe_labels(labels))
        clf.fit(faces.images, labels)
        write_any_model(clf, output)
    seconds = sum(clf.history_["seconds"])
    if as_json:
        print_json(
            {
                "model": str(output),
                "n_images": len(labels),
                "n_skipped": faces.report["n_skipped"],
                "classes": clf.classes_.tolist(),
                "epochs": clf.n_iter_,
                "best_epoch": clf.best_epoch_,
                "seconds": round(seconds, 1),
                "history": clf.history_,
            }
        )
    else:
        say(f"Trained for {duration(seconds)} and wrote {output}.")
        other = in_shell(data) if layout == "fer2013" else "OTHER-IMAGES --layout folder"
        say(f"Next: {this_program()} evaluate {other} --model {in_shell(output)}")
