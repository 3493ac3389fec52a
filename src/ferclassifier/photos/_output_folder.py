"""Folders for files that are made of photos: the photos themselves are not to be touched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ferclassifier.photos._listing import Photo


def check_output_folder(folder: Path, asked: Sequence[str]) -> None:
    """Refuse a folder in which what is written would be read as photos.

    Parameters
    ----------
    folder : Path
        The folder for what is written; it may not exist yet.
    asked : sequence of str
        What `list_photos` takes.

    Raises
    ------
    ValueError
        If it is one of the folders whose images are read, or lies in one.
    """
    target = os.path.realpath(folder)
    for name in filter(os.path.isdir, asked):
        if os.path.join(target, "").startswith(os.path.join(os.path.realpath(name), "")):
            raise ValueError(
                f"{folder}: lies in {name}, whose images are read, so that what is written there "
                "would be read as well. Choose a folder outside."
            )


def check_no_photo(path: Path, photo: Photo) -> None:
    """Refuse to write a file in the place of the photo that it is made of.

    Raises
    ------
    ValueError
        If it would stand there.
    """
    if isinstance(photo.place, str) and os.path.realpath(path) == os.path.realpath(photo.place):
        raise ValueError(f"{path}: is the photo itself, which is not replaced. Choose a folder.")
