"""FER-2013 as folders of images, one for each split and emotion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.emotions import plain
from ferclassifier.datasets._bad_items import BadItems, ItemError
from ferclassifier.datasets._fer2013_rows import SIDE
from ferclassifier.datasets._file_tree import FileTree, folders_of
from ferclassifier.datasets._samples import Part, Samples, read_images
from ferclassifier.datasets._splits import SPLITS, shared_test_set, split_of
from ferclassifier.exceptions import DataError
from ferclassifier.images import read_image

_ORDER = ("train", "validation", "test", "unknown")


@dataclass(frozen=True)
class _LabelledFile:
    """An image in a tree, before it is read."""

    name: str
    code: int
    usage: str
    # In a test folder whose file names do not tell PublicTest from PrivateTest.
    in_both_tests: bool = False

    def is_in(self, subset: str) -> bool:
        """Tell whether a subset holds this image."""
        if self.in_both_tests and subset in ("validation", "test"):
            return True
        return subset in ("all", self.usage)


def read_tree(
    tree: FileTree, names: Sequence[str], parts: Sequence[Part], *, codes: Mapping[str, int]
) -> list[Samples]:
    """Read the images of some parts.

    Parameters
    ----------
    tree : FileTree
    names : sequence of str
        Its images.
    parts : sequence of Part
        The first also receives the images whose folders say nothing.
    codes : mapping of str to int
        The class of each name that an emotion's folder may have, in lower case.

    Returns
    -------
    samples : list of Samples
        One for each part.

    Raises
    ------
    DataError
        If the first is another subset than "all" and there are no folders to tell it by.
    """
    files = _list_files(tree, names, codes, parts[0].bad_items)
    subset = parts[0].subset
    if subset != "all" and {file.usage for file in files} == {"unknown"}:
        raise DataError(
            f"{tree.origin}: without the folders train and test the images of subset={subset!r} "
            "cannot be told; read subset='all'."
        )
    if subset in ("validation", "test") and any(file.in_both_tests for file in files):
        parts[0].bad_items.notices.append(shared_test_set(tree.origin, subset))
    return [_read_part(tree, files, part) for part in parts]


def _read_part(tree: FileTree, files: Sequence[_LabelledFile], part: Part) -> Samples:
    files = [file for file in files if file.is_in(part.subset)]
    images, kept = read_images(
        tree,
        [file.name for file in files],
        read_face,
        shape=(SIDE, SIDE),
        bad_items=part.bad_items,
    )
    return Samples(
        images=images,
        codes=[files[i].code for i in kept],
        filenames=[tree.location(files[i].name) for i in kept],
        usage=[files[i].usage for i in kept],
    )


def _list_files(
    tree: FileTree, names: Sequence[str], codes: Mapping[str, int], bad_items: BadItems
) -> list[_LabelledFile]:
    """Find the usage and the emotion of every image, sorted by usage, emotion and name."""
    folders = folders_of(
        names,
        means_something=lambda folder: split_of(folder) is not None or plain(folder) in codes,
    )
    splits = {split_of(parts[0]) for parts in folders.values() if parts}
    has_splits = bool(splits - {None})
    has_validation = "validation" in splits
    files = []
    for name, parts in folders.items():
        try:
            usage, emotion = _split_and_emotion(parts, has_splits)
            code = _code(emotion, codes)
        except ItemError as fault:
            where = tree.location(name)
            bad_items.add(where, fault.reason, DataError(f"{where}: {fault}."))
            continue
        if usage == "test" and not has_validation:
            named = _test_usage(name, folder=parts[0])
            files.append(_LabelledFile(name, code, named or usage, in_both_tests=named is None))
        else:
            files.append(_LabelledFile(name, code, usage))
    return sorted(files, key=lambda file: (_ORDER.index(file.usage), file.code, file.name))


def read_face(stream: BinaryIO) -> NDArray[np.uint8]:
    """Read an image of FER-2013's size, and raise ItemError if it is of another."""
    image = read_image(stream)
    if image.shape != (SIDE, SIDE):
        height, width = image.shape
        raise ItemError(
            "wrong image size",
            f"the image has {height} x {width} pixels, but expected {SIDE} x {SIDE}; "
            "load_image_folder resizes",
        )
    return image


def _split_and_emotion(parts: list[str], has_splits: bool) -> tuple[str, str]:
    expected = ["split", "emotion"] if has_splits else ["emotion"]
    if len(parts) != len(expected):
        layout = "".join(f"<{part}>/" for part in expected)
        raise ItemError("not in an emotion's folder", f"expected it to lie in {layout}")
    if not has_splits:
        return "unknown", parts[0]
    usage = split_of(parts[0])
    if usage is None:
        raise ItemError(
            "unknown split folder",
            f"got the split folder {parts[0]!r}, but expected one of {', '.join(SPLITS)}",
        )
    return usage, parts[1]


def _code(emotion: str, codes: Mapping[str, int]) -> int:
    code = codes.get(plain(emotion))
    if code is None:
        raise ItemError(
            "unknown emotion folder",
            f"got the emotion folder {emotion!r}, but expected one of {', '.join(codes)}",
        )
    return code


def _test_usage(name: str, folder: str) -> str | None:
    """Tell validation from test by a name such as PublicTest_123.jpg or a folder PrivateTest."""
    stem = PurePosixPath(name).name.partition("_")[0]
    for part in (folder, stem):
        if plain(part) in ("publictest", "privatetest"):
            return SPLITS[plain(part)]
    return None
