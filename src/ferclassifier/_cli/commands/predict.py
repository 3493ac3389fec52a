"""The command ``ferclassifier predict``: it predicts the expressions of faces in photos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from ferclassifier._cli.missing_extras import missing_extra_said
from ferclassifier._cli.model_files import model_for_photos
from ferclassifier._cli.options import (
    PATH,
    json_option,
    max_pixels_option,
    model_of_photos_option,
)
from ferclassifier._cli.outputs import writable_folder
from ferclassifier._cli.printing import duration, print_warning, say
from ferclassifier._cli.progress import Progress
from ferclassifier._cli.unread import Unread
from ferclassifier._utils.printable import printable
from ferclassifier._utils.wording import count, number

if TYPE_CHECKING:
    from distributed import Client

    from ferclassifier.photos._table_set import TableSet

# That have to be the same here and on a cluster.
_PACKAGES = ("ferclassifier", "numpy", "onnxruntime", "pillow")


@click.command()
@click.argument("photos", nargs=-1, required=True, metavar="PHOTOS...")
@model_of_photos_option
@click.option(
    "--faces",
    type=click.Choice(["auto", "whole"]),
    default="auto",
    help="Look for faces, or take every image as one. An image of at most 64 by 64 pixels is "
    "always one.",
)
@click.option("--all", "with_all", is_flag=True, help="Print the probabilities of all classes.")
@click.option(
    "--annotate",
    type=PATH,
    metavar="FOLDER",
    help="Write copies of the photos with boxes and bars drawn on them.",
)
@click.option("--csv", type=PATH, metavar="FILE", help="Write a table with a row for each face.")
@click.option("--jsonl", type=PATH, metavar="FILE", help="The same as a JSON object on each line.")
@click.option("--parquet", type=PATH, metavar="FILE", help="The same in Parquet; needs pyarrow.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    default=1,
    help="Processes that read photos, each of which takes some 100 MB.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Read on the workers of this Dask scheduler, which have to see the same files. They run "
    "the code that they are sent, for whoever reaches the scheduler: use one in a network that "
    "you trust, or with TLS.",
)
@max_pixels_option
@json_option
def predict(
    photos: tuple[str, ...],
    model: Path,
    faces: str,
    with_all: bool,
    annotate: Path | None,
    csv: Path | None,
    jsonl: Path | None,
    parquet: Path | None,
    workers: int,
    scheduler: str | None,
    max_pixels: int,
    as_json: bool,
) -> int:
    """Predict the expressions of the faces in photos.

    PHOTOS are files, folders whose images are taken, patterns such as "photos/**/*.jpg",
    addresses that begin with http:// or https://, and "-" for a photo on standard input. Boxes
    are in pixels of the photo, turned upright. What cannot be read is named on stderr and
    counted, the others are predicted, and the exit code is 1.

    A table that exists is gone on with: photos that stand in it are not read again, so that the
    same command finishes what was interrupted. What does not show itself in a name is written as
    an escape, such as \\x1b; JSON has the name as it is.

    \b
    Examples:
      ferclassifier predict face.png
      ferclassifier predict photos --csv faces.csv --workers 4
      ferclassifier predict "photos/**/*.jpg" --annotate annotated
      ferclassifier predict face.png --model model.safetensors --json
    """  # noqa: D301
    if scheduler is not None and workers > 1:
        raise click.UsageError("--workers are processes here; with --scheduler, Dask has its own.")
    asked = model_for_photos(model)
    from ferclassifier.photos._listing import count_photos, list_photos
    from ferclassifier.photos._output_folder import check_output_folder
    from ferclassifier.photos._predict import read_photos, reading_options
    from ferclassifier.photos._steady_memory import keep_memory_steady
    from ferclassifier.photos._table_set import open_tables

    keep_memory_steady()
    if annotate is not None:
        check_output_folder(annotate, photos)
    start = perf_counter()
    options = reading_options(
        asked,
        alone=workers == 1 and scheduler is None,
        faces=faces,
        max_pixels=max_pixels,
        annotate=None if annotate is None else writable_folder(annotate),
    )
    classes = options.model.classes
    progress = Progress(lambda: count_photos(photos))
    unread = Unread(progress.clear)
    with ExitStack() as stack:
        with missing_extra_said():
            files = open_tables(classes, csv=csv, jsonl=jsonl, parquet=parquet)
            tables = stack.enter_context(files)
            client = stack.enter_context(_cluster(scheduler))
        printer = _printer(classes, photos, as_json, with_all, bool(tables))
        todo = tables.unfinished(list_photos(photos), progress.skip)
        for outcome in read_photos(options, todo, n_workers=workers, client=client):
            if not outcome.error:
                tables.write(outcome)
            unread.count(outcome.photo.name, outcome.error)
            if printer.prints:
                progress.clear()
            printer.show(outcome)
            progress.step()
        progress.clear()
        tables.finish()
        printer.end()
    if tables and not as_json:
        _say_what_was_written(tables, progress.n_before, perf_counter() - start)
    return unread.tell()


def _printer(
    classes: list[Any], photos: Sequence[str], as_json: bool, with_all: bool, has_table: bool
) -> Any:
    from ferclassifier._cli.photo_printing import JsonRows, Lines, Nothing

    if as_json:
        return JsonRows(classes)
    if has_table:
        return Nothing()
    return Lines(classes, max(map(len, map(printable, photos))), with_all)


@contextmanager
def _cluster(address: str | None) -> Iterator[Client | None]:
    """Connect to a cluster if there is one, and warn if it has other packages."""
    if address is None:
        yield None
        return
    from ferclassifier._cli.cluster import compare_versions, connected

    with connected(address) as client:
        versions = client.get_versions(packages=list(_PACKAGES))
        for fault in compare_versions(versions, _PACKAGES, "predictions"):
            print_warning(fault)
        yield client


def _say_what_was_written(tables: TableSet, n_before: int, seconds: float) -> None:
    text = f"{count(tables.n_faces, 'face')} in {count(tables.n_photos, 'photo')}"
    if tables.n_without_face:
        text += f", {number(tables.n_without_face)} of them without a face"
    if n_before:
        text += f"; {count(n_before, 'photo')} stood there before"
    say(f"{text}; {duration(seconds)}", *(f"Wrote {table.path}" for table in tables.tables))
