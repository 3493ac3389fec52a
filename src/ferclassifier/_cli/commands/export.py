"""The command ``ferclassifier export``: it writes a model to an ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ferclassifier._cli.data import list_images
from ferclassifier._cli.model_files import load_any_model
from ferclassifier._cli.options import PATH, json_option
from ferclassifier._cli.outputs import check_output
from ferclassifier._cli.printing import print_json, say
from ferclassifier._files.released import released_models
from ferclassifier.exceptions import DataError

if TYPE_CHECKING:
    from ferclassifier.export import OnnxExport

# More say no more of the range of a layer's values, and are read in a moment.
_MOST_IMAGES = 1000


@click.command()
@click.argument("model", type=PATH, metavar="MODEL")
@click.argument("output", type=PATH, metavar="OUT.onnx")
@click.option("--int8", is_flag=True, help="Multiply whole numbers: smaller and faster.")
@click.option(
    "--faces",
    type=PATH,
    multiple=True,
    metavar="IMAGES",
    help="Some hundred faces, files or folders or a CSV file of FER-2013, on which predictions "
    "before and after are compared. --int8 needs them, to see which values occur. Can be given "
    f"again; {_MOST_IMAGES:,} at most are taken, evenly spread.",
)
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
@json_option
def export(
    model: Path, output: Path, int8: bool, faces: tuple[Path, ...], force: bool, as_json: bool
) -> None:
    """Write a model to an ONNX file.

    Such a file answers without Keras and TensorFlow. MODEL is a released model, see 'ferclassifier
    models', or the file that 'train', save or joblib.dump wrote. All that predicts is in the file:
    faces of any number go in as bytes, probabilities come out. Writing one needs what pip install
    "ferclassifier[onnx]" brings.

    \b
    Examples:
      ferclassifier export compact compact.onnx
      ferclassifier export model.safetensors small.onnx --int8 --faces my-faces
    """  # noqa: D301
    if int8 and not faces:
        raise click.UsageError("--int8 needs --faces, some hundred faces to be predicted.")
    check_output(output, force)
    images = _some_of(faces) if faces else None
    clf = load_any_model(model)
    from ferclassifier.export import export_onnx

    made = export_onnx(
        clf,
        output,
        quantize="int8" if int8 else None,
        calibration_images=images,
        card=_card_of(model),
    )
    _tell(made, as_json)


def _some_of(faces: Sequence[Path]) -> Any:
    """Return images, or the paths of some, of which a classifier reads what it needs."""
    import numpy as np

    if len(faces) == 1 and faces[0].suffix == ".csv":
        from ferclassifier import load_fer2013

        images: Any = load_fer2013(faces[0], subset="all").images
    else:
        images = [str(path) for path in list_images(faces)]
    if not len(images):
        raise DataError(f"{faces[0]}: there are no images.")
    places = np.linspace(0, len(images) - 1, min(len(images), _MOST_IMAGES)).astype(int)
    return images[places] if isinstance(images, np.ndarray) else [images[i] for i in places]


def _card_of(model: Path) -> str | None:
    if str(model) not in released_models():
        return None
    from ferclassifier.pretrained import model_card

    return model_card(str(model))


def _tell(made: OnnxExport, as_json: bool) -> None:
    if not as_json:
        say(f"Wrote {made}")
        return
    print_json(
        {
            "model": str(made.path),
            "n_bytes": made.n_bytes,
            "precision": made.precision,
            "n_images": made.n_images,
            "same_labels": made.same_labels,
            "max_difference": made.max_difference,
        }
    )
