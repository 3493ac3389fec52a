"""One's own images, in a folder with a subfolder for each class."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ferclassifier._utils.printable import printable
from ferclassifier._utils.wording import in_words, shortened
from ferclassifier.datasets._bad_items import BadItems
from ferclassifier.datasets._containers import inner_archive, open_inner_tree, open_tree
from ferclassifier.datasets._file_tree import FileTree, Folder, folders_of, refuse_members
from ferclassifier.datasets._image_files import find_images
from ferclassifier.datasets._samples import Samples, read_images, to_bunch
from ferclassifier.datasets._splits import split_of
from ferclassifier.exceptions import DataError
from ferclassifier.images import check_image_options, read_image
from ferclassifier.images._decoder import MAX_PIXELS


def load_image_folder(
    path: str | os.PathLike[str],
    *,
    size: tuple[int, int] = (48, 48),
    channels: int = 1,
    on_error: str = "raise",
    max_pixels: int = MAX_PIXELS,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load one's own images from a folder with a subfolder for each class.

    Parameters
    ----------
    path : str or path
        A folder with the images as ``<class>/*``, or a zip or tar archive of one, which is read
        without being unpacked to the disk. A single folder may be around it all. Images are known
        by their names or, where these do not say it, by their first bytes. Other files are left
        out and counted in `report`, except for texts and tables.
    size : tuple of (height, width), default=(48, 48)
        The images are resized to this, as by :func:`~ferclassifier.images.read_image`.
    channels : {1, 3}, default=1
        1 for gray, 3 for red, green and blue.
    on_error : {"raise", "skip"}, default="raise"
        Whether a bad file is an error, or is left out and counted in `report`.
    max_pixels : int, default=50000000
        A file of more pixels is a bad one: it is refused by its header, since decoding it may take
        25 bytes for each of them.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        Whether `data` is a pandas DataFrame and `target` a Series.

    Returns
    -------
    data : Bunch or tuple of (data, target)
        With the attributes

        images : ndarray of shape (n_samples, height, width) or (n_samples, height, width, 3), \
uint8 in [0, 255]
            Sorted by class and name.
        data : ndarray of shape (n_samples, n_pixels), uint8 in [0, 255], or DataFrame
            The images as rows; an array shares their memory.
        target : ndarray of shape (n_samples,), str, or Series
            The names of the classes.
        target_codes : ndarray of shape (n_samples,), int64 in [0, n_classes)
            The same as places in `target_names`.
        target_names : ndarray of shape (n_classes,), str
            The names of the subfolders, sorted, with numbers in them by their size: "2" before
            "10".
        filenames : ndarray of shape (n_samples,), str
            The path of each image, or the name of the archive's member.
        frame : DataFrame of shape (n_samples, n_pixels + 1)
            The data and the target; None without ``as_frame=True``.
        DESCR : str
            A description of the data set.
        report : dict
            ``n_read``, ``n_skipped``, ``reasons`` (a count for each) and ``skipped`` (a list of
            the place and the reason), of bad files and of what is left out.

    Raises
    ------
    DataError
        If there is nothing at `path`, no image is left, the folders are named like the parts of
        a data set (train, test) instead of classes, or an image does not lie in the folder of a
        class (with ``on_error="raise"``).
    ImageError
        If an image cannot be decoded. It is a DataError, too.
    ValueError
        If `size`, `channels`, `on_error` or `max_pixels` is not one of the above.

    Warns
    -----
    IgnoredFilesWarning
        If a file is no image that can be read.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from PIL import Image
    >>> from ferclassifier import load_image_folder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("smiling", "serious"):
    ...         (pathlib.Path(folder) / name).mkdir()
    ...         Image.new("L", (120, 100)).save(pathlib.Path(folder) / name / "1.png")
    ...     faces = load_image_folder(folder)
    >>> faces.images.shape
    (2, 48, 48)
    >>> faces.target
    array(['serious', 'smiling'], dtype='<U7')
    """
    if size is None:
        raise ValueError(
            "Got size=None, but expected (height, width): the images become one array."
        )
    check_image_options(size, channels, max_pixels)
    bad_items = BadItems(on_error)
    path = Path(path)
    with ExitStack() as stack:
        tree = open_tree(path)
        stack.enter_context(tree)
        files = find_images(tree)
        if not files.images and (inner := inner_archive(tree)):
            tree = open_inner_tree(tree, inner)
            stack.enter_context(tree)
            files = find_images(tree)
        refuse_members(tree, bad_items)
        files.tell_of_left_out(tree, bad_items)
        class_of = _classes(tree, files.images, bad_items)
        names = sorted(class_of, key=lambda name: (_in_order(class_of[name]), name))
        images, kept = read_images(
            tree,
            names,
            lambda stream: read_image(stream, size=size, channels=channels, max_pixels=max_pixels),
            shape=tuple(size) if channels == 1 else (*size, channels),
            bad_items=bad_items,
        )
        filenames = [tree.location(names[i]) for i in kept]
    for notice in bad_items.notices:
        warnings.warn(notice, stacklevel=2)
    if not kept:
        raise DataError(f"{path}: no image in a folder of its class could be read; {bad_items}.")
    classes = sorted(set(class_of.values()), key=_in_order)
    return to_bunch(
        Samples(images, [classes.index(class_of[names[i]]) for i in kept], filenames),
        target_names=classes,
        descr=f"{len(kept)} images of {len(classes)} classes from {printable(path.name)}.",
        bad_items=bad_items,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def _classes(tree: FileTree, names: Sequence[str], bad_items: BadItems) -> dict[str, str]:
    """Give the class of each image that lies in the folder of one."""
    class_of = {}
    folders = folders_of(names)
    _refuse_splits(tree, folders)
    for name, parts in folders.items():
        if len(parts) == 1:
            class_of[name] = parts[0]
        else:
            where = tree.location(name)
            error = DataError(
                f"{where}: expected the image to lie in <class>/; where train and test folders "
                "are around the classes, give the path of one of these."
            )
            bad_items.add(where, "not in the folder of a class", error)
    return class_of


def _refuse_splits(tree: FileTree, folders: Mapping[str, Sequence[str]]) -> None:
    """Refuse train, val and test in the place of classes.

    One folder of such a name is a class if it has images and no folders in it ("train" beside
    "bus"). Several are parts in any case.
    """
    inside = {name: parts for name, parts in folders.items() if parts and split_of(parts[0])}
    splits = {split_of(parts[0]) for parts in inside.values()}
    around_folders = [name for name, parts in inside.items() if len(parts) > 1]
    if not around_folders and len(splits) < 2:
        return
    tops = sorted({parts[0] for parts in inside.values()})
    named = in_words([repr(shortened(top, 30)) for top in tops], 4)
    are = "is" if len(tops) == 1 else "are"
    unpacked = "" if isinstance(tree, Folder) else "unpack it, and "
    if around_folders:
        # The training images, if they are there, since classes are loaded to be learned.
        name = max(around_folders, key=lambda name: split_of(inside[name][0]) == "train")
        path = "/".join([*name.split("/")[: -len(inside[name]) - 1], inside[name][0]])
        advice = (
            f"{unpacked}give the path of one, such as {tree.location(path)}; FER-2013 is read in "
            "parts by load_fer2013"
        )
    else:
        advice = (
            f"{unpacked}put the images of each into a folder for each class, and give the path of "
            "one"
        )
    raise DataError(
        f"{tree.origin}: expected a folder for each class, but {named} {are} named like the parts "
        f"of a data set; {advice}."
    )


def _in_order(name: str) -> list[tuple[int, str]]:
    """Compare names with the numbers in them by their size: "class_2" before "class_10"."""
    # Texts and digits take turns, beginning with a text. Digits are compared as such, because
    # Python makes no numbers of some thousand of them. What only differs by zeros ends the key.
    pieces = re.split("([0-9]+)", name)
    bare = [piece.lstrip("0") if i % 2 else piece for i, piece in enumerate(pieces)]
    return [(len(b) if i % 2 else 0, b) for i, b in enumerate(bare)] + [(0, name)]
