"""Make a data set of one's own photos: files of the faces in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files.writing import replacing
from ferclassifier.exceptions import ImageError
from ferclassifier.faces._crops import crops_of
from ferclassifier.images import check_image_options
from ferclassifier.images._decoder import MAX_PIXELS
from ferclassifier.images._photos import read_photo
from ferclassifier.photos._listing import Photo, list_photos
from ferclassifier.photos._output_folder import check_output_folder
from ferclassifier.photos._reader import message_of, source_of


class CroppedPhoto(NamedTuple):
    """What became of a photo.

    Attributes
    ----------
    path : str
        The photo, as it was given or found.
    files : tuple of Path
        The files of its faces, the largest first; empty if it has none.
    is_new : bool
        False if the files stood there already, so that the photo was not read.
    error : str
        Why it could not be read; empty if it could.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ferclassifier.photos import CroppedPhoto
    >>> len(CroppedPhoto("a.jpg", (Path("a.jpg-0.png"), Path("a.jpg-1.png"))).files)
    2
    """

    path: str
    files: tuple[Path, ...] = ()
    is_new: bool = True
    error: str = ""


def crop_photos(
    photos: str | PathLike[str] | Iterable[str | PathLike[str]],
    output: str | PathLike[str],
    *,
    size: tuple[int, int] = (48, 48),
    channels: int = 1,
    margin: float = 0.0,
    align: bool = True,
    largest: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> Iterator[CroppedPhoto]:
    """Cut the faces out of photos, and write each to a file, as `load_image_folder` reads them.

    Subfolders are kept: of a folder with one for each class, a data set of faces results. What was
    interrupted is gone on with by the same call, as photos whose faces are there are not read
    again.

    Parameters
    ----------
    photos : str, path, or iterable of these
        As for `predict_photos`.
    output : str or path
        The folder for the files. The faces of ``class/photo.jpg`` are ``class/photo.jpg-0.png``,
        ``class/photo.jpg-1.png``, ..., the largest first.
    size : tuple of (height, width), default=(48, 48)
        Of the crops, in pixels.
    channels : {1, 3}, default=1
        1 gives gray, 3 gives red, green and blue.
    margin : float, default=0.0
        What crops show more on each side than those of FER-2013, as a share of their side.
    align : bool, default=True
        Turn faces upright.
    largest : bool, default=False
        Take the largest face of each photo alone.
    max_pixels : int, default=50000000
        A photo of more pixels is refused before it is decoded.

    Yields
    ------
    CroppedPhoto

    Raises
    ------
    OSError
        If nothing can be written there. A file is written whole or not at all.
    ValueError
        If a parameter is none of the above, or `output` lies in one of the folders of photos.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from ferclassifier import crop_photos, make_faces
    >>> (face,), _ = make_faces(1, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     photos = Path(folder, "photos", "happy")
    ...     photos.mkdir(parents=True)
    ...     Image.fromarray(face).resize((200, 200)).save(photos / "one.png")
    ...     (cropped,) = crop_photos(photos.parent, Path(folder, "faces"))
    >>> [file.name for file in cropped.files]
    ['one.png-0.png']
    """
    check_image_options(size, channels, max_pixels)
    asked = [photos] if isinstance(photos, str | PathLike) else photos
    names = [os.fspath(one) for one in asked]
    folder = Path(output)
    check_output_folder(folder, names)

    def cropped() -> Iterator[CroppedPhoto]:
        for photo in list_photos(names):
            if photo.fault:
                yield CroppedPhoto(photo.name, error=photo.fault)
                continue
            if files := _files_there(folder, photo):
                yield CroppedPhoto(photo.name, files, is_new=False)
                continue
            try:
                picture = read_photo(source_of(photo), max_pixels=max_pixels)
            except ImageError as error:
                yield CroppedPhoto(photo.name, error=message_of(photo, error))
                continue
            found = crops_of(
                picture, size=size, channels=channels, margin=margin, align=align, largest=largest
            )
            yield CroppedPhoto(photo.name, _write(folder, photo, [crop for _, crop in found]))

    return cropped()


def _files_there(folder: Path, photo: Photo) -> tuple[Path, ...]:
    """Return the files of a photo's faces, if they are all there: the first is written last."""
    files: list[Path] = []
    while (path := _file_of(folder, photo, len(files))).is_file():
        files.append(path)
    return tuple(files)


def _write(folder: Path, photo: Photo, crops: list[NDArray[np.uint8]]) -> tuple[Path, ...]:
    from PIL import Image

    files = tuple(_file_of(folder, photo, i) for i in range(len(crops)))
    for path, crop in reversed(list(zip(files, crops, strict=True))):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            Image.fromarray(crop[..., 0] if crop.shape[2] == 1 else crop).save(file, "PNG")
    return files


def _file_of(folder: Path, photo: Photo, i: int) -> Path:
    return folder / f"{photo.inside}-{i}.png"
