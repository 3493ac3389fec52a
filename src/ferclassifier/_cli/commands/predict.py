"""The command ``ferclassifier predict``: it predicts expressions in image files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ferclassifier._cli.data import list_images
from ferclassifier._cli.model_files import load_any_model
from ferclassifier._cli.options import PATH, json_option, max_pixels_option, model_option
from ferclassifier._cli.printing import print_error, print_json, say
from ferclassifier._utils.printable import printable
from ferclassifier.exceptions import ImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ferclassifier._classifier import FERClassifier, FERVotingClassifier

_IMAGES_PER_BATCH = 256


@click.command()
@click.argument("images", type=PATH, nargs=-1, required=True, metavar="IMAGES...")
@model_option
@click.option("--all", "with_all", is_flag=True, help="Print the probabilities of all classes.")
@max_pixels_option
@json_option
def predict(
    images: tuple[Path, ...], model: Path, with_all: bool, max_pixels: int, as_json: bool
) -> int:
    """Predict the expressions of faces in image files.

    IMAGES are files, or folders whose images are taken. An image shows one face, cut out like
    those that the model was trained on; it is resized as the model needs it. What cannot be read
    is named on stderr, the others are predicted, and the exit code is 1. What does not show
    itself in a name is printed as an escape, such as \\x1b; JSON has the name as it is.

    \b
    Examples:
      ferclassifier predict face.png --model compact
      ferclassifier predict face.png more-faces --model model.safetensors --json
    """  # noqa: D301
    paths = list_images(images)
    clf = load_any_model(model)
    width = min(60, max(len(printable(path)) for path in paths))
    found, n_failed = [], 0
    for row in _predict(clf, paths, max_pixels):
        if "error" in row:
            print_error(row["error"])
            n_failed += 1
        elif not as_json:
            say(_prediction_line(row, width, with_all))
        if as_json:
            found.append(row)
    if as_json:
        print_json(found)
    return int(n_failed > 0)


def _predict(
    clf: FERClassifier | FERVotingClassifier, paths: Sequence[Path], max_pixels: int
) -> Iterator[dict[str, Any]]:
    """Yield the prediction for each file, or its error, reading a batch at a time."""
    from ferclassifier.images import read_image

    height, width, channels = clf.image_shape_
    options: dict[str, Any] = {
        "size": (height, width),
        "channels": channels,
        "max_pixels": max_pixels,
    }
    for start in range(0, len(paths), _IMAGES_PER_BATCH):
        rows, images = [], []
        for path in paths[start : start + _IMAGES_PER_BATCH]:
            row: dict[str, Any] = {"path": str(path)}
            try:
                images.append(read_image(path, **options))
            except ImageError as error:
                row["error"] = str(error)
            rows.append(row)
        probabilities = iter(clf.predict_proba(images) if images else ())
        for row in rows:
            if "error" not in row:
                row.update(_prediction(clf.classes_.tolist(), next(probabilities)))
            yield row


def _prediction(classes: list[Any], probabilities: NDArray[Any]) -> dict[str, Any]:
    best = probabilities.argmax()
    rounded = [round(float(p), 4) for p in probabilities]
    return {
        "label": classes[best],
        "probability": rounded[best],
        "probabilities": dict(zip(map(str, classes), rounded, strict=True)),
    }


def _prediction_line(row: dict[str, Any], width: int, with_all: bool) -> str:
    names = [printable(name) for name in row["probabilities"]]
    path, label = printable(row["path"]), printable(row["label"])
    line = f"{path:<{width}}  {label:<{max(map(len, names))}}  {row['probability']:.3f}"
    if with_all:
        shares = zip(names, row["probabilities"].values(), strict=True)
        line += "  " + "  ".join(f"{name} {share:.3f}" for name, share in shares)
    return line
