"""The command ``ferclassifier audit``: it reads images, and prints what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ferclassifier._cli.class_names import find_class_names
from ferclassifier._cli.data import load_data, names_of_images
from ferclassifier._cli.model_files import load_any_model
from ferclassifier._cli.options import PATH, data_options, json_option, report_options
from ferclassifier._cli.printing import print_json, say
from ferclassifier._cli.reports import check_reports, save_reports

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TRAINING = "train"


@click.command()
@click.argument("data", type=PATH)
@report_options
@click.option(
    "--model",
    type=PATH,
    metavar="NAME|FILE",
    help="A model that was trained on none of the images, unless on FER-2013's Training: look for "
    "wrong labels among its mistakes on the others. Loading a file whose name ends with .joblib, "
    ".pkl or .pickle runs code that it holds: load only files that you trust.",
)
@data_options(subset="all")
@json_option
def audit(
    data: Path,
    reports: tuple[Path, ...],
    force: bool,
    model: Path | None,
    layout: str,
    subset: str,
    on_error: str,
    max_pixels: int,
    as_json: bool,
) -> None:
    """Look for faults in labelled images.

    DATA is as for 'ferclassifier train'. Found are copies and near duplicates, above all of
    images that test a model and train it too, labels that contradict each other, images that
    show nothing, no face or too little light, and classes that are rare or missing.

    \b
    Examples:
      ferclassifier audit fer2013.csv --report audit.html
      ferclassifier audit my-faces --layout folder --report audit.html --report audit.json
    """  # noqa: D301
    from ferclassifier.audit import audit_images

    check_reports(reports, force)
    clf = None if model is None else load_any_model(model)
    if not as_json:
        say(f"Reading {data}", "")
    shape = None if clf is None else clf.image_shape_
    faces = load_data(data, layout, subset, on_error, max_pixels, shape)
    groups = faces.get("usage")
    labels = faces.target
    options: dict[str, Any] = {}
    if clf is not None:
        known = find_class_names(clf.classes_, labels, data)
        labels = known.names[known.places]
        probabilities = _unseen_probabilities(clf, faces.images, groups)
        known.check_codes(_confusions(known.places, probabilities))
        options = {"classes": known.names, "y_proba": probabilities}
    found = audit_images(faces.images, labels, groups=groups, **options)
    if as_json:
        print_json({"data": str(data), "subset": subset, **found.to_dict()})
    else:
        say(*str(found).split("\n"))
    if reports:
        from ferclassifier.report import audit_report

        report = audit_report(found, image_names=names_of_images(faces), data_name=data.name)
        save_reports(report, reports, quiet=as_json)


def _unseen_probabilities(
    clf: Any, images: NDArray[np.uint8], groups: NDArray[Any] | None
) -> NDArray[np.float64]:
    """Predict the images that the model was not trained on, and leave the others NaN."""
    import numpy as np

    from ferclassifier._classifier.training_images import training_images_of

    known = training_images_of(clf)
    in_training = None if known is None else known.find(images)
    unseen = np.ones(len(images), dtype=bool) if in_training is None else ~in_training
    rows = np.flatnonzero(unseen if groups is None else unseen & (groups != _TRAINING))
    probabilities = np.full((len(images), len(clf.classes_)), np.nan)
    if len(rows):
        probabilities[rows] = clf.predict_proba(images[rows])
    return probabilities


def _confusions(places: NDArray[np.intp], probabilities: NDArray[np.float64]) -> NDArray[Any]:
    """Count what the images that were predicted are, and what they are taken for."""
    import numpy as np

    rows = ~np.isnan(probabilities[:, 0])
    matrix = np.zeros((probabilities.shape[1],) * 2, dtype=np.int64)
    np.add.at(matrix, (places[rows], probabilities[rows].argmax(axis=1)), 1)
    return matrix
