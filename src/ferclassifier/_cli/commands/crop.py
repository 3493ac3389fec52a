"""The command ``ferclassifier crop``: it makes a data set of the faces in photos."""

from __future__ import annotations

from pathlib import Path

import click

from ferclassifier._cli.options import PATH, max_pixels_option
from ferclassifier._cli.outputs import writable_folder
from ferclassifier._cli.printing import say
from ferclassifier._cli.progress import Progress
from ferclassifier._cli.unread import Unread
from ferclassifier._utils.wording import count, number


@click.command()
@click.argument("photos", nargs=-1, required=True, metavar="PHOTOS...")
@click.option(
    "--output", type=PATH, metavar="FOLDER", required=True, help="The folder for the faces."
)
@click.option(
    "--size",
    type=click.IntRange(min=8, max=1024),
    metavar="N",
    default=48,
    help="Width and height of the faces, in pixels.",
)
@click.option("--color", is_flag=True, help="Keep colours; without it faces are gray.")
@click.option(
    "--margin",
    type=click.FloatRange(0, 2),
    metavar="SHARE",
    default=0.0,
    help="What faces show more on each side than those of FER-2013, as a share of their side.",
)
@click.option("--align/--no-align", default=True, help="Turn faces upright, by their eyes.")
@click.option("--largest", is_flag=True, help="Take the largest face of each photo alone.")
@max_pixels_option
def crop(
    photos: tuple[str, ...],
    output: Path,
    size: int,
    color: bool,
    margin: float,
    align: bool,
    largest: bool,
    max_pixels: int,
) -> int:
    """Cut the faces out of photos, to make a data set of them.

    PHOTOS are as for 'ferclassifier predict'. Subfolders are kept: where each is a class, the
    output is a data set for 'ferclassifier train --layout folder'. The same command goes on with
    what was interrupted: photos whose faces are there are not read again.

    \b
    Examples:
      ferclassifier crop photos --output faces
      ferclassifier train faces --layout folder --output model.safetensors
    """  # noqa: D301
    from ferclassifier.photos import crop_photos
    from ferclassifier.photos._listing import count_photos
    from ferclassifier.photos._output_folder import check_output_folder
    from ferclassifier.photos._steady_memory import keep_memory_steady

    keep_memory_steady()
    check_output_folder(output, photos)
    writable_folder(output)
    progress = Progress(lambda: count_photos(photos))
    unread = Unread(progress.clear)
    n_photos = n_faces = n_without = 0
    for cropped in crop_photos(
        photos,
        output,
        size=(size, size),
        channels=3 if color else 1,
        margin=margin,
        align=align,
        largest=largest,
        max_pixels=max_pixels,
    ):
        unread.count(cropped.path, cropped.error)
        if not cropped.is_new:
            progress.skip()
            continue
        progress.step()
        if not cropped.error:
            n_photos += 1
            n_faces += len(cropped.files)
            n_without += not cropped.files
    progress.clear()
    text = f"{count(n_faces, 'face')} of {count(n_photos, 'photo')}"
    if n_without:
        text += f", {number(n_without)} of them without a face"
    if progress.n_before:
        text += f"; those of {count(progress.n_before, 'photo')} were there before"
    say(text, f"Wrote {output}")
    return unread.tell()
