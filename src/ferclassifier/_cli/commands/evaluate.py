"""The command ``ferclassifier evaluate``: it scores a model, and writes reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ferclassifier._cli.class_names import find_class_names
from ferclassifier._cli.data import load_data_beside_training, load_voted, names_of_images
from ferclassifier._cli.groups import groups_in
from ferclassifier._cli.model_files import load_any_model
from ferclassifier._cli.options import PATH, data_options, json_option, model_option, report_options
from ferclassifier._cli.printing import print_json, say
from ferclassifier._cli.reports import check_reports, save_reports
from ferclassifier._cli.scores import print_scores


@click.command()
@click.argument("data", type=PATH)
@model_option
@click.option(
    "--votes",
    type=PATH,
    metavar="FILE",
    help="Compare with the votes of FER+, fer2013new.csv: labels are the emotions with the most "
    "votes.",
)
@click.option(
    "--groups",
    type=PATH,
    metavar="FILE",
    help="Score groups of images apart: a CSV file with a column 'image', paths below DATA or rows "
    "of fer2013.csv ('row 17'), and a column with the group of each.",
)
@click.option(
    "--by",
    metavar="COLUMN",
    help="The column of --groups to group by, if there are several.",
)
@report_options
@data_options(subset="validation")
@json_option
def evaluate(
    data: Path,
    model: Path,
    votes: Path | None,
    groups: Path | None,
    by: str | None,
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
    images that also appear in its Training, and a released model with and without those that it
    was trained on. Classes in another spelling than the model's are taken for them, and codes that
    a model answers for those of FER-2013, which is said on stderr. With --votes, DATA is
    fer2013.csv, and faces with the most votes for contempt are left out of the scores of a model
    that does not know it. With --groups, such as ages, the scores of each and the largest gap
    between them are told.

    \b
    Examples:
      ferclassifier evaluate fer2013.csv --model model.safetensors
      ferclassifier evaluate fer2013.csv --model model.safetensors --report report.html
      ferclassifier evaluate fer2013.csv --model model.safetensors --subset test --json
      ferclassifier evaluate fer2013.csv --model best --votes fer2013new.csv --report report.html
      ferclassifier evaluate faces --layout folder --model best --groups people.csv --by age
    """  # noqa: D301
    check_reports(reports, force)
    if votes is not None and layout == "folder":
        raise click.UsageError("--votes are those of FER-2013; --layout folder has none.")
    if by is not None and groups is None:
        raise click.UsageError("--by names a column of the file that --groups names.")
    clf = load_any_model(model)
    from ferclassifier._classifier.training_images import training_images_of

    known = training_images_of(clf)
    if not as_json:
        say(f"Reading {data}", "")
    faces, training = load_data_beside_training(
        data, layout, subset, on_error, max_pixels, clf.image_shape_, warns=known is None
    )
    asked: dict[str, Any] = {}
    if votes is not None:
        faces = load_voted(data, votes, subset, on_error, clf.classes_)
        asked = {"votes": faces.votes, "vote_names": faces.vote_names}
    if groups is not None:
        asked["groups"] = groups_in(groups, by, data, [str(name) for name in faces.filenames])
    found = find_class_names(clf.classes_, faces.target, data)
    report = None
    if reports:
        from ferclassifier.report import evaluation_report

        report = evaluation_report(
            clf,
            faces.images,
            clf.classes_[found.places],
            display_labels=found.names.tolist(),
            train_images=training,
            image_names=names_of_images(faces),
            model_name=model.name,
            data_name=f"{data.name}, {subset}",
            **asked,
        )
        scores = report.scores
    else:
        from ferclassifier.metrics._emotion_report import report_beside

        scores = report_beside(
            found.names[found.places],
            clf.predict_proba(faces.images),
            classes=found.names,
            images=faces.images,
            train_images=training,
            known=known,
            **asked,
        )
    found.check_codes(scores.confusion_matrix)
    if as_json:
        told = {"data": str(data), "model": str(model), "subset": subset}
        print_json({**told, **scores.to_dict()})
    else:
        print_scores(scores)
    if report is not None:
        save_reports(report, reports, quiet=as_json)
