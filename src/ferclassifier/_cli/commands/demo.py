"""The command ``ferclassifier demo``: it trains on drawn faces, and shows what comes out."""

from __future__ import annotations

from pathlib import Path

import click

from ferclassifier._cli.options import PATH
from ferclassifier._cli.outputs import check_output
from ferclassifier._cli.printing import in_shell, say, this_program
from ferclassifier._files.writing import replacing


@click.command()
@click.option(
    "--output",
    type=PATH,
    metavar="FOLDER",
    default="demo-output",
    help="The folder for the picture, the model and a few faces; those of an earlier demo are "
    "replaced.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", default=0, help="Other seeds, other faces."
)
def demo(output: Path, seed: int) -> None:
    """Train on drawn faces in a minute or two, and see what comes out.

    Nothing is downloaded: the faces are drawn by the program. The scores are for faces that the
    network has not seen in training.
    """
    from ferclassifier._cli import drawn_demo
    from ferclassifier._cli.model_files import write_any_model
    from ferclassifier._cli.scores import print_scores
    from ferclassifier.metrics import emotion_report

    output.mkdir(parents=True, exist_ok=True)
    check_output(output / "model.safetensors", force=True)
    say(f"Drawing {drawn_demo.N_TRAINING:,} faces to learn from")
    training, held_out = drawn_demo.draw_faces(seed)
    clf = drawn_demo.train(training, seed)
    probabilities = clf.predict_proba(held_out.images)
    say("", "On other faces:", "")
    print_scores(emotion_report(held_out.labels, probabilities, classes=clf.classes_))
    model, picture = output / "model.safetensors", output / "predictions.png"
    write_any_model(clf, model)
    with replacing(picture) as file:
        drawn_demo.paint_predictions(held_out, clf.classes_, probabilities).save(file, "PNG")
    example = drawn_demo.write_examples(held_out, output / "faces")[0]
    say(f"Wrote {picture}, {model} and {example.parent}.")
    say(f"Next: {this_program()} predict {in_shell(example)} --model {in_shell(model)}")
