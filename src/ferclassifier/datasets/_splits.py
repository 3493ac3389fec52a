"""The parts of a data set, by the names that people give their folders and files."""

from __future__ import annotations

from ferclassifier._utils.emotions import plain
from ferclassifier.exceptions import SharedTestSetWarning

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

# As in FER2013Valid of FER+, train_set and test-images.
_PREFIXES = ("fer2013", "fer")
_SUFFIXES = ("set", "data", "images", "faces", "split")


def split_of(name: str) -> str | None:
    """Tell the part that a folder or a file (without its suffix) is named like, if any."""
    bare = plain(name)
    for prefix in _PREFIXES:
        bare = bare.removeprefix(prefix)
    for suffix in _SUFFIXES:
        bare = bare.removesuffix(suffix)
    return SPLITS.get(bare)


def shared_test_set(origin: str, subset: str) -> SharedTestSetWarning:
    """Warn of validation and test images that are not to be told apart."""
    return SharedTestSetWarning(
        f"{origin}: nothing tells the validation images from the test images, so "
        f"subset={subset!r} holds both. Choose models on a part of the training images "
        "instead, or the test score will be too good."
    )
