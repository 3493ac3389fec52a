"""FER-2013 as folders of images, one for each split and emotion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ferclassifier._bad_items import BadItems
from ferclassifier._fer2013_csv import USAGES
from ferclassifier._file_tree import FileTree, folders_of, is_image
from ferclassifier.exceptions import DataError

SPLITS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
    "dev": "validation",
    "publictest": "validation",
    "test": "test",
    "testing": "test",
    "privatetest": "test",
}

_ORDER = ("train", "validation", "test", "unknown")


@dataclass(frozen=True)
class LabelledFile:
    """An image in a tree, before it is read."""

    name: str
    target: int
    usage: str
    # In a test folder whose file names do not tell PublicTest from PrivateTest.
    in_both_tests: bool = False

    def is_in(self, subset: str) -> bool:
        """Tell whether a subset holds this image."""
        if self.in_both_tests and subset in ("validation", "test"):
            return True
        return subset in ("all", self.usage)


def list_files(tree: FileTree, codes: Mapping[str, int], bad_items: BadItems) -> list[LabelledFile]:
    """Find the split and the emotion of every image, sorted by split, emotion and name.

    Parameters
    ----------
    tree : FileTree
    codes : mapping of str to int
        The class of each name that an emotion's folder may have, in lower case.
    bad_items : BadItems
        Receives the images whose folders say neither.
    """
    folders = folders_of(
        list(filter(is_image, tree.names)),
        means_something=lambda folder: _plain(folder) in SPLITS or _plain(folder) in codes,
    )
    tops = {_plain(parts[0]) for parts in folders.values() if parts}
    has_splits = not tops.isdisjoint(SPLITS)
    has_validation = "validation" in {SPLITS.get(top) for top in tops}
    files = []
    for name, parts in folders.items():
        try:
            usage, emotion = _split_and_emotion(parts, has_splits)
            target = _code(emotion, codes)
        except _PlaceError as fault:
            where = tree.location(name)
            bad_items.add(where, fault.reason, DataError(f"{where}: {fault}"))
            continue
        named = _usage_in_name(name)
        if usage == "test" and _plain(parts[0]) == "test" and not has_validation:
            files.append(LabelledFile(name, target, named or usage, in_both_tests=named is None))
        else:
            files.append(LabelledFile(name, target, usage))
    return sorted(files, key=lambda file: (_ORDER.index(file.usage), file.target, file.name))


def select(files: Iterable[LabelledFile], subset: str, name: str) -> list[LabelledFile]:
    """Keep the images of a subset.

    Raises
    ------
    DataError
        If there are no split folders, and so no subsets.
    """
    files = list(files)
    n_seen = Counter(file.usage for file in files)
    if subset != "all" and set(n_seen) == {"unknown"}:
        raise DataError(
            f"{name}: without the folders train and test the images of subset={subset!r} cannot "
            "be told; read subset='all'."
        )
    return [file for file in files if file.is_in(subset)]


class _PlaceError(Exception):
    """Why the place of a file says nothing: in a few words to count by, and in full."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def _split_and_emotion(parts: list[str], has_splits: bool) -> tuple[str, str]:
    expected = ["split", "emotion"] if has_splits else ["emotion"]
    if len(parts) != len(expected):
        layout = "".join(f"<{part}>/" for part in expected)
        raise _PlaceError("not in an emotion's folder", f"expected it to lie in {layout}")
    if not has_splits:
        return "unknown", parts[0]
    usage = SPLITS.get(_plain(parts[0]))
    if usage is None:
        raise _PlaceError(
            "unknown split folder",
            f"got the split folder {parts[0]!r}, but expected one of {', '.join(SPLITS)}",
        )
    return usage, parts[1]


def _code(emotion: str, codes: Mapping[str, int]) -> int:
    code = codes.get(_plain(emotion))
    if code is None:
        raise _PlaceError(
            "unknown emotion folder",
            f"got the emotion folder {emotion!r}, but expected one of {', '.join(codes)}",
        )
    return code


def _usage_in_name(name: str) -> str | None:
    """Read the usage from a name such as PublicTest_123.jpg."""
    stem, separator, _ = PurePosixPath(name).name.partition("_")
    return USAGES.get(stem.lower()) if separator else None


def _plain(folder: str) -> str:
    return folder.strip().lower().replace("_", "").replace("-", "").replace(" ", "")
