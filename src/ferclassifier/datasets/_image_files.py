"""Which files of a tree are images, and which are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from ferclassifier._utils.wording import count, in_words, shortened
from ferclassifier.datasets._bad_items import BadItems
from ferclassifier.datasets._file_kinds import is_image_head, is_named_image, lies_beside_images
from ferclassifier.datasets._file_tree import FileTree
from ferclassifier.exceptions import IgnoredFilesWarning

# The reason, where files are counted.
NO_IMAGE = "no image that can be read"

_MAX_NAMED = 5


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
        n = len(self.left_out)
        kinds = Counter(PurePosixPath(name).suffix.lower() for name in self.left_out)
        named = [f"{_kind(suffix)}: {k}" for suffix, k in kinds.most_common(_MAX_NAMED)]
        if len(kinds) > _MAX_NAMED:
            named.append("...")
        text = f"{count(n, 'file')} left out, {'' if n == 1 else 'each '}{NO_IMAGE} "
        text += f"({', '.join(named)})"
        if empty := sorted(_folders(self.left_out) - _folders(self.images)):
            folders = in_words([repr(shortened(folder, 30)) for folder in empty], _MAX_NAMED)
            text += f"; nothing is read from {folders}"
        return text

    def tell_of_left_out(self, tree: FileTree, bad_items: BadItems) -> None:
        """Count what is left out, and have it said."""
        for name in self.left_out:
            bad_items.leave_out(tree.location(name), NO_IMAGE)
        if self.left_out:
            bad_items.notices.append(IgnoredFilesWarning(f"{tree.origin}: {self}."))


def find_images(tree: FileTree) -> ImageFiles:
    """Tell images by their names or, where these do not say it, by their first bytes."""
    images, left_out = [], []
    for name in tree.names:
        if is_named_image(name) or is_image_head(tree.head(name)):
            images.append(name)
        elif not lies_beside_images(name):
            left_out.append(name)
    return ImageFiles(images, left_out)


def _kind(suffix: str) -> str:
    return shortened(suffix, 12) or "no suffix"


def _folders(names: Sequence[str]) -> set[str]:
    return {str(PurePosixPath(name).parent) for name in names} - {"."}
