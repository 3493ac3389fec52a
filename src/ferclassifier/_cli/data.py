"""Labelled images, and what to call them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ferclassifier._cli.printing import print_warning
from ferclassifier._utils.wording import count
from ferclassifier.exceptions import DataError, ImageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def load_data(
    data: Path,
    layout: str,
    subset: str,
    on_error: str,
    max_pixels: int,
    image_shape: tuple[int, int, int] | None = None,
) -> Any:
    """Read labelled images, and warn of those that were skipped."""
    from ferclassifier import load_fer2013, load_image_folder

    if layout == "folder":
        options: dict[str, Any] = {}
        if image_shape is not None:
            options = {"size": image_shape[:2], "channels": image_shape[2]}
        faces = load_image_folder(data, on_error=on_error, max_pixels=max_pixels, **options)
    else:
        with _hint_at_layout(data):
            faces = load_fer2013(data, subset=subset, on_error=on_error)
    _warn_of_skipped(data, faces)
    return faces


def load_data_beside_training(
    data: Path,
    layout: str,
    subset: str,
    on_error: str,
    max_pixels: int,
    image_shape: tuple[int, int, int],
    *,
    warns: bool,
) -> tuple[Any, NDArray[np.uint8] | None]:
    """Read labelled images, and those that models of FER-2013 are trained on, if they are there."""
    from ferclassifier.datasets._fer2013 import load_beside_training

    if layout == "folder":
        return load_data(data, layout, subset, on_error, max_pixels, image_shape), None
    with _hint_at_layout(data):
        faces, training = load_beside_training(data, subset=subset, on_error=on_error)
    _warn_of_skipped(data, faces)
    if not len(training) and warns:
        print_warning(
            f"{data}: has no training images, so images that training has too are not left out."
        )
    return faces, training if len(training) else None


def load_voted(data: Path, votes: Path, subset: str, on_error: str, classes: NDArray[Any]) -> Any:
    """Read FER-2013 with the votes of FER+, but for faces whose label a model does not know."""
    import numpy as np
    from sklearn.utils import Bunch

    from ferclassifier import load_ferplus
    from ferclassifier._utils.emotions import meaning_of

    faces = load_ferplus(data, votes, subset=subset, keep="emotion", on_error=on_error)
    named = [label for label in classes.tolist() if isinstance(label, str)]
    if "contempt" in map(meaning_of, named):
        return faces
    kept = faces.target != "contempt"
    if not kept.all():
        print_warning(
            f"{data}: {count(int((~kept).sum()), 'face')} with the most votes for contempt, which "
            "the model does not know, left out."
        )
    each = ("images", "target", "filenames", "usage", "votes")
    return Bunch(
        **{name: np.asarray(faces[name])[kept] for name in each},
        vote_names=faces.vote_names,
        report=faces.report,
    )


@contextmanager
def _hint_at_layout(data: Path) -> Iterator[None]:
    """Say in the error of a folder that it may be one of another kind."""
    try:
        yield
    except ImageError:
        raise
    except DataError as error:
        if not data.is_dir():
            raise
        hint = "If the folder has a subfolder for each of your own classes, add --layout folder"
        raise DataError(f"{str(error).removesuffix('.')}. {hint}.") from error


def _warn_of_skipped(data: Path, faces: Any) -> None:
    from ferclassifier.images._image_files import NO_IMAGE

    # Of what is no image, the loader has warned itself.
    reasons = {why: n for why, n in faces.report["reasons"].items() if why != NO_IMAGE}
    if reasons:
        listed = ", ".join(f"{why}: {n}" for why, n in reasons.items())
        print_warning(f"{data}: {count(sum(reasons.values()), 'image')} skipped ({listed}).")


def list_images(paths: Sequence[Path]) -> list[Path]:
    """Put the images in a folder in the folder's place, and warn of what else is there."""
    from ferclassifier.datasets._file_tree import Folder
    from ferclassifier.datasets._image_files import find_images

    listed: list[Path] = []
    for path in paths:
        if not path.is_dir():
            listed.append(path)
            continue
        files = find_images(Folder(path))
        if not files.images:
            rest = f"; {files}" if files.left_out else ""
            raise click.ClickException(f"{path}: there are no images in this folder{rest}.")
        if files.left_out:
            print_warning(f"{path}: {files}.")
        listed += [path / name for name in files.images]
    return listed


def names_of_images(faces: Any) -> list[str]:
    """Say where each image stands: in which file, or in which part and row of FER-2013."""
    names = [str(name) for name in faces.filenames]
    if "usage" not in faces:
        return names
    return [f"{usage}, {name}" for usage, name in zip(faces.usage, names, strict=True)]


def describe_labels(labels: NDArray[Any]) -> str:
    import numpy as np

    names, counts = np.unique(labels, return_counts=True)
    shares = ", ".join(f"{name} {n:,}" for name, n in zip(names, counts, strict=True))
    return f"{count(len(labels), 'image')}: {shares}"
