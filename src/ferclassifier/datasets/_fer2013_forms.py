"""FER-2013 in whichever form it stands at a path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ferclassifier.datasets._fer2013_csv import read_csv
from ferclassifier.datasets._fer2013_tree import read_tree
from ferclassifier.datasets._file_tree import (
    FileTree,
    is_image,
    is_zip,
    open_file,
    open_tree,
    refuse_unsafe_names,
)
from ferclassifier.datasets._samples import Part, Samples
from ferclassifier.exceptions import DataError

FER2013_DESCR = """\
FER-2013, facial expressions in the wild
----------------------------------------
Gray images of 48 x 48 pixels, found by an image search for words of emotion, with the face in
the middle, and labelled by hand with one of 7 emotions.

==============  ======  =====  =======  =====  =====  =====  ========  =======
Usage                n  angry  disgust   fear  happy    sad  surprise  neutral
==============  ======  =====  =======  =====  =====  =====  ========  =======
Training        28,709  3,995      436  4,097  7,215  4,830     3,171    4,965
PublicTest       3,589    467       56    496    895    653       415      607
PrivateTest      3,589    491       55    528    879    594       416      626
==============  ======  =====  =======  =====  =====  =====  ========  =======

The labels are noisy: people agree with them for about 65 % of the images. Some 1,850 images are
exact duplicates of another one, and several hundred test images stand in Training, too.

Goodfellow, I. J., et al. (2013). Challenges in Representation Learning: A report on three machine
learning contests. arXiv:1307.0414.
"""


def read_fer2013(path: Path, parts: Sequence[Part], *, codes: Mapping[str, int]) -> list[Samples]:
    """Tell the form of the data set and read some parts of it, each file once.

    Parameters
    ----------
    path : Path
    parts : sequence of Part
        The first is what it is all about: what is wrong with the whole is its error.
    codes : mapping of str to int
        The class of each name that an emotion's folder may have, in lower case.

    Returns
    -------
    samples : list of Samples
        One for each part.

    Raises
    ------
    DataError
        If there is nothing at `path`, or it is in no form that is known.
    """
    n_classes = len(set(codes.values()))
    if path.is_file() and not is_zip(path):
        with open_file(path) as stream:
            return read_csv(stream, str(path), parts, n_classes=n_classes)
    with open_tree(path) as tree:
        refuse_unsafe_names(tree, parts[0].bad_items)
        if any(map(is_image, tree.names)):
            return read_tree(tree, parts, codes=codes)
        name = _find_csv(tree)
        with tree.open(name) as stream:
            return read_csv(stream, f"{path}: {name}", parts, n_classes=n_classes)


def _find_csv(tree: FileTree) -> str:
    names = [name for name in tree.names if name.lower().endswith(".csv")]
    # Kaggle's archive holds the data set under the second name, and other tables beside it.
    for known in ("fer2013.csv", "icml_face_data.csv"):
        for name in names:
            if name.lower().rpartition("/")[2] == known:
                return name
    if len(names) == 1:
        return names[0]
    found = f"several CSV files: {', '.join(names[:10])}" if names else "neither"
    raise DataError(
        f"{tree.path}: expected images in folders or one CSV file, but found {found}; "
        "give the path of the CSV file or of the folder around train and test."
    )
