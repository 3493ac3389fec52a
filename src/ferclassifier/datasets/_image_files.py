"""Which files of a tree are images, and which are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from ferclassifier.datasets._bad_items import BadItems
from ferclassifier.datasets._file_tree import FileTree
from ferclassifier.exceptions import IgnoredFilesWarning
from ferclassifier.images._image_files import (
    NO_IMAGE,
    is_image_head,
    is_named_image,
    kind_of,
    lies_beside_images,
    say_left_out,
)


class ImageFiles(NamedTuple):
    """The files of a tree by what they are, sorted.

    Parameters
    ----------
    images : list of str
        Called like an image, or one by their first bytes.
    left_out : list of str
        The others, less texts and tables, which nobody takes for images.
    """

    images: list[str]
    left_out: list[str]

    def __str__(self) -> str:
        """Say what is left out, and which folders are empty without it."""
        empty = sorted(_folders(self.left_out) - _folders(self.images))
        return say_left_out(Counter(map(kind_of, self.left_out)), empty)

    def tell_of_left_out(self, tree: FileTree, bad_items: BadItems) -> None:
        """Count what is left out, and have it said."""
        for name in self.left_out:
            bad_items.leave_out(tree.location(name), NO_IMAGE)
        if self.left_out:
            bad_items.notices.append(IgnoredFilesWarning(f"{tree.origin}: {self}."))


def find_images(tree: FileTree) -> ImageFiles:
    """Tell images by their names or, where these do not say it, by their first bytes."""
    images, others = [], []
    for name in tree.names:
        if is_named_image(name) or is_image_head(tree.head(name)):
            images.append(name)
        elif not lies_beside_images(name):
            others.append(name)
    return ImageFiles(images, others)


def _folders(names: Sequence[str]) -> set[str]:
    return {str(PurePosixPath(name).parent) for name in names} - {"."}
