"""Labelled images on their way from a file to the Bunch that a loader returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.printable import pandas_dtype
from ferclassifier.datasets._bad_items import BadItems, ItemError
from ferclassifier.datasets._file_tree import FileTree
from ferclassifier.exceptions import DataError


@dataclass(frozen=True)
class Samples:
    """Images, their labels and where they come from.

    Parameters
    ----------
    images : ndarray of shape (n_samples, height, width) or (n_samples, height, width, 3), uint8
    codes : sequence of int
        The class of each image.
    filenames : sequence of str
    usage : sequence of str, default=None
        None for a data set that has no parts.
    """

    images: NDArray[np.uint8]
    codes: Sequence[int]
    filenames: Sequence[str]
    usage: Sequence[str] | None = None


@dataclass(frozen=True)
class Part:
    """A part of a data set that is to be read.

    Parameters
    ----------
    subset : {"all", "train", "validation", "test"}
    bad_items : BadItems
        Receives what of it cannot be read.
    """

    subset: str
    bad_items: BadItems


def read_images(
    tree: FileTree,
    names: Sequence[str],
    read: Callable[[BinaryIO], NDArray[np.uint8]],
    *,
    shape: tuple[int, ...],
    bad_items: BadItems,
) -> tuple[NDArray[np.uint8], list[int]]:
    """Read files into one array.

    Parameters
    ----------
    tree : FileTree
    names : sequence of str
    read : callable
        Takes a binary file object and returns an array of `shape`.
    shape : tuple of int
    bad_items : BadItems
        Receives the files for which `read` fails.

    Returns
    -------
    images : ndarray of shape (n_kept, *shape), uint8
    kept : list of int
        The indices into `names` of the files that were read.
    """
    images = np.empty((len(names), *shape), dtype=np.uint8)
    kept: list[int] = []
    for i in sorted(range(len(names)), key=lambda i: tree.place(names[i])):
        where = tree.location(names[i])
        try:
            with tree.open_image(names[i]) as stream:
                images[i] = read(stream)
        except ItemError as fault:
            bad_items.add(where, fault.reason, DataError(f"{where}: {fault}."))
        except DataError as error:
            bad_items.add(where, "unreadable image", error)
        else:
            kept.append(i)
    kept.sort()
    # Moved up in place, so that nothing is held twice.
    for new, old in enumerate(kept):
        if new != old:
            images[new] = images[old]
    return images[: len(kept)], kept


def to_bunch(
    samples: Samples,
    *,
    target_names: Sequence[str],
    descr: str,
    bad_items: BadItems,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Give samples the form that scikit-learn's loaders have."""
    from ferclassifier.datasets._image_bunch import ImageBunch

    images = samples.images
    data: Any = images.reshape(len(images), -1)
    names = np.array(target_names)
    codes = np.array(samples.codes, dtype=np.int64)
    target: Any = names[codes]
    frame = None
    if as_frame:
        frame = _to_frame(images, target)
        data, target = frame.drop(columns="target"), frame["target"]
    if return_X_y:
        return data, target
    bunch = ImageBunch(
        images=images,
        data=data,
        target=target,
        target_codes=codes,
        target_names=names,
        filenames=np.array(samples.filenames),
        frame=frame,
        DESCR=descr,
        report=bad_items.report(n_read=len(images)),
    )
    if samples.usage is not None:
        bunch.usage = np.array(samples.usage)
    return bunch


def _to_frame(images: NDArray[np.uint8], target: NDArray[np.str_]) -> Any:
    import pandas as pd

    pixels = ["pixel_" + "_".join(map(str, index)) for index in np.ndindex(images.shape[1:])]
    frame = pd.DataFrame(images.reshape(len(images), -1), columns=pixels)
    # The name of a folder may be no UTF-8.
    return frame.assign(target=pd.Series(target, dtype=pandas_dtype(target)))
