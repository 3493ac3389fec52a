"""Predict the expressions of the faces in photos."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from os import PathLike
from typing import TYPE_CHECKING, Any

from ferclassifier._utils.counts import check_count
from ferclassifier._utils.wording import count, quoted
from ferclassifier.exceptions import IgnoredFilesWarning, ImageError
from ferclassifier.images import check_image_options
from ferclassifier.images._decoder import MAX_PIXELS
from ferclassifier.photos._listing import Photo, list_photos
from ferclassifier.photos._model import ModelLike, open_model
from ferclassifier.photos._reader import FACES, Options, Reader
from ferclassifier.photos._rows import Outcome, rows_of

if TYPE_CHECKING:
    from distributed import Client


def predict_photos(
    photos: str | PathLike[str] | Iterable[str | PathLike[str]],
    model: ModelLike = "plus",
    *,
    faces: str = "auto",
    max_pixels: int = MAX_PIXELS,
    on_error: str = "raise",
    n_workers: int = 1,
    client: Client | None = None,
) -> Iterator[dict[str, Any]]:
    """Predict the expressions of the faces in photos, any number of them in little memory.

    Parameters
    ----------
    photos : str, path, or iterable of these
        Files, folders whose images are taken, patterns such as ``photos/**/*.jpg``, and addresses
        that begin with http:// or https://.
    model : str, path, or fitted classifier, default="plus"
        The name of a released model, the path of an ONNX file, or a classifier with `classes_`,
        `image_shape_` and `predict_proba`. The first two need neither TensorFlow nor scikit-learn.
        "plus" has learned from the votes of ten people, contempt among them: its probabilities are
        the shares of people who would say so.
    faces : {"auto", "whole"}, default="auto"
        "auto" looks for faces; an image of at most 64 by 64 pixels is a face itself. "whole"
        takes every image as one face, whatever its size.
    max_pixels : int, default=50000000
        An image of more pixels is refused before it is decoded.
    on_error : {"raise", "skip"}, default="raise"
        Whether to stop at a photo that cannot be read, or to leave it out and warn at the end.
    n_workers : int, default=1
        Processes to read in, each with a model of its own. On Windows and macOS a script that asks
        for more than one must guard its start by ``if __name__ == "__main__"``.
    client : distributed.Client, default=None
        Read on the workers of this Dask cluster instead; they must see the same files.

    Yields
    ------
    row : dict
        One for each face, the largest of a photo first, and one for a photo without a face:

        - "path": str, as it was given or found.
        - "face": int, from 0 in each photo; None if it has no face.
        - "left", "top", "right", "bottom": int, the box in pixels of the photo, turned upright;
          None where the whole image was taken.
        - "detection": float in [0, 1], how sure it is that this is a face; None as before.
        - "emotion": the most probable class; None if there is no face.
        - "probability": float in [0, 1], of that class.
        - one for each class: float in [0, 1], its probability.

    Raises
    ------
    ImageError
        A ValueError: if a photo cannot be read, or a folder has none, with on_error="raise".
    UnknownModelError, ModelFileError
        ValueErrors: if there is no such model, or its file is damaged.
    ValueError
        If a parameter is none of the above.

    Warns
    -----
    IgnoredFilesWarning
        Of files in a folder that are no images, and of photos that were left out.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from ferclassifier import make_faces, predict_photos
    >>> (face,), _ = make_faces(1, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.fromarray(face).save(Path(folder, "face.png"))
    ...     (row,) = predict_photos(folder)  # or pandas.DataFrame(predict_photos(folder))
    >>> row["emotion"] in row, 0 < row["probability"] <= 1
    (True, True)
    """
    asked = [photos] if isinstance(photos, str | PathLike) else photos
    if on_error not in ("raise", "skip"):
        raise ValueError(f"Got on_error={quoted(on_error)}, but expected 'raise' or 'skip'.")
    check_image_options(None, 1, max_pixels)
    check_count(n_workers, "n_workers", least=1)
    options = reading_options(model, faces=faces, max_pixels=max_pixels, alone=n_workers == 1)
    outcomes = read_photos(
        options, list_photos([_name_of(one) for one in asked]), n_workers=n_workers, client=client
    )
    return _rows(outcomes, options.model.classes, on_error)


def _name_of(photo: Any) -> str:
    if not isinstance(photo, str | PathLike):
        raise TypeError(
            f"Got photos that hold {type(photo).__name__}, but expected paths, patterns or "
            "addresses. Arrays are taken by make_pipeline(FaceCropper(), load_pretrained('plus'))."
        )
    return os.fspath(photo)


def _rows(
    outcomes: Iterator[Outcome], classes: list[Any], on_error: str
) -> Iterator[dict[str, Any]]:
    n_failed, first = 0, ""
    for outcome in outcomes:
        if not outcome.error:
            yield from rows_of(outcome, classes)
        elif on_error == "raise":
            raise ImageError(outcome.error)
        else:
            n_failed, first = n_failed + 1, first or outcome.error
    if n_failed:
        warnings.warn(
            IgnoredFilesWarning(f"{count(n_failed, 'photo')} left out, such as {first}"),
            stacklevel=2,
        )


def reading_options(model: ModelLike, *, alone: bool = True, **options: Any) -> Options:
    """Open a model, and return how photos are read with it.

    Parameters
    ----------
    model : ModelLike
    alone : bool, default=True
        Whether one process reads, so that the model may use all processors.
    **options
        Those of `Options`.
    """
    if options.get("faces", "auto") not in FACES:
        raise ValueError(f"Got faces={quoted(options['faces'])}, but expected 'auto' or 'whole'.")
    return Options(open_model(model, n_threads=None if alone else 1), **options)


def read_photos(
    options: Options,
    photos: Iterable[Photo],
    *,
    n_workers: int = 1,
    client: Client | None = None,
) -> Iterator[Outcome]:
    """Yield what is found in photos, in their order, whoever reads them."""
    if client is None and n_workers == 1:
        return Reader(options).read(photos)
    from ferclassifier.photos import _spreading

    if client is not None:
        return _spreading.read_on_cluster(options, photos, client)
    return _spreading.read_in_processes(options, photos, n_workers)
