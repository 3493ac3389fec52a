"""The command ``ferclassifier evaluate``: it scores a model, and writes reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ferclassifier._cli import (
    _PATH,
    _data_options,
    _json_option,
    _load,
    _load_model,
    _model_option,
    _names_of_classes,
    _names_of_images,
    _places_of,
    _print_json,
    _print_warning,
    _say,
    main,
)
from ferclassifier._cli_reports import check_reports, report_options, save_reports
from ferclassifier._cli_scores import print_scores
from ferclassifier.exceptions import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@main.command()
@click.argument("data", type=_PATH)
@_model_option
@report_options
@_data_options(subset="validation")
@_json_option
def evaluate(
    data: Path,
    model: Path,
    reports: tuple[Path, ...],
    force: bool,
    layout: str,
    subset: str,
    on_error: str,
    max_pixels: int,
    as_json: bool,
) -> None:
    """Score a model on labelled images.

    DATA is as for 'ferclassifier train'. Choose between models by their scores on the subset
    "validation", and look at "test" once, at the end. FER-2013 is scored with and without the
    images that also appear in its Training.

    \b
    Examples:
      ferclassifier evaluate fer2013.csv --model model.joblib
      ferclassifier evaluate fer2013.csv --model model.joblib --report report.html
      ferclassifier evaluate fer2013.csv --model model.joblib --subset test --json
    """  # noqa: D301
    check_reports(reports, force)
    clf = _load_model(model)
    if not as_json:
        _say(f"Reading {data}", "")
    faces = _load(data, layout, subset, on_error, max_pixels, clf.image_shape_)
    names = _names_of_classes(clf, layout)
    places = _places_of(faces.target_names[faces.target], names, data)
    known = _training_images(data, layout)
    report = None
    if reports:
        from ferclassifier.report import evaluation_report

        report = evaluation_report(
            clf,
            faces.images,
            clf.classes_[places],
            display_labels=names.tolist(),
            train_images=known,
            image_names=_names_of_images(faces),
            data_name=f"{data.name}, {subset}",
        )
        scores = report.scores
    else:
        from ferclassifier.metrics import emotion_report

        scores = emotion_report(
            names[places],
            clf.predict_proba(faces.images),
            classes=names,
            images=None if known is None else faces.images,
            train_images=known,
        )
    if as_json:
        told = {"data": str(data), "model": str(model), "subset": subset}
        _print_json({**told, **scores.to_dict()})
    else:
        print_scores(scores)
    if report is not None:
        save_reports(report, reports, quiet=as_json)


def _training_images(data: Path, layout: str) -> NDArray[np.uint8] | None:
    """Return the images that models of FER-2013 are trained on, if they are there."""
    if layout != "fer2013":
        return None
    from ferclassifier import load_fer2013

    try:
        images: NDArray[np.uint8] = load_fer2013(data, subset="train", on_error="skip").images
    except DataError:
        _print_warning(
            f"{data}: has no training images, so images that training has too are not left out."
        )
        return None
    return images
