"""FER+: the faces of FER-2013 with the votes of ten people for each."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.wording import count, percent
from ferclassifier.datasets._bad_items import BadItems
from ferclassifier.datasets._containers import TREES, Tree, open_path
from ferclassifier.datasets._fer2013 import check_subset, load_fer2013
from ferclassifier.datasets._fer2013_forms import source_name
from ferclassifier.datasets._fer2013_rows import SIDE
from ferclassifier.datasets._fer2013_tree import read_face
from ferclassifier.datasets._file_tree import refuse_members
from ferclassifier.datasets._samples import Samples, read_images, to_bunch
from ferclassifier.datasets._votes import EIGHT_EMOTIONS, VOTE_NAMES, Votes
from ferclassifier.datasets._votes_table import (
    TABLE_NAME,
    check_order,
    is_votes_table,
    read_labels,
    read_votes,
)
from ferclassifier.exceptions import DataError

if TYPE_CHECKING:
    import pandas as pd

_KEPT = ("majority", "emotion")
# Of FER-2013's own labels, people's most frequent answer is two thirds; of images in another order,
# it is a sixth.
_LEAST_AGREEMENT, _FEWEST_COMPARED = 0.4, 100

_DESCR = """\
FER+, the faces of FER-2013 as ten people see them
--------------------------------------------------
About ten people said of each image of FER-2013 which of eight emotions it shows: the seven of
FER-2013 and contempt; or "unknown", or "no face". Single votes are taken away as outliers. An image
has a label if more than half of the votes that are left are for one emotion.

Barsoum, E., et al. (2016). Training Deep Networks for Facial Expression Recognition with
Crowd-Sourced Label Distribution. arXiv:1608.01041.
"""


class _Voted(NamedTuple):
    """Images with their votes, before any is left out."""

    images: NDArray[np.uint8]
    filenames: Sequence[str]
    usage: Sequence[str]
    votes: Votes
    fer2013_target: NDArray[np.str_] | None


def load_ferplus(
    path: str | os.PathLike[str] | IO[Any] | pd.DataFrame,
    votes: str | os.PathLike[str] | IO[Any] | pd.DataFrame | None = None,
    *,
    subset: str = "all",
    keep: Literal["majority", "emotion"] = "majority",
    on_error: str = "raise",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load FER-2013 with the votes of FER+, which ten people gave for each face.

    Parameters
    ----------
    path : str, path, file object or DataFrame
        One of

        - the CSV file of FER-2013, in any of the forms that :func:`load_fer2013` takes;
        - a folder with that file and ``fer2013new.csv``;
        - the folder that Microsoft's script writes, or a zip or tar archive of it:
          ``FER2013Train``, ``FER2013Valid`` and ``FER2013Test``, each with images and a
          ``label.csv``.
    votes : str, path, file object or DataFrame, default=None
        ``fer2013new.csv``, which has a row for each row of FER-2013's CSV file. Not for a folder
        that has the votes.
    subset : {"all", "train", "validation", "test"}, default="all"
        The part to load: the usages Training, PublicTest and PrivateTest.
    keep : {"majority", "emotion"}, default="majority"
        Which images to load: "majority" are those of which more than half of the votes are for one
        emotion, as in the paper. "emotion" are those of which more than half are for any emotions,
        whichever they are, of which there is more to learn: `target` is the one with most votes.
        What is left out is counted in `report`.
    on_error : {"raise", "skip"}, default="raise"
        Whether a bad row or file of the images is an error, or is left out and counted in `report`.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        Whether `data` is a pandas DataFrame and `target` a Series.

    Returns
    -------
    data : Bunch or tuple of (data, target)
        With the attributes

        images : ndarray of shape (n_samples, 48, 48), uint8 in [0, 255]
            The faces, gray.
        data : ndarray of shape (n_samples, 2304), uint8 in [0, 255], or DataFrame
            The rows of `images`; an array shares their memory.
        target : ndarray of shape (n_samples,), str, or Series
            The name of the emotion with the most votes.
        target_codes : ndarray of shape (n_samples,), int64 in [0, 7]
            The same as places in `target_names`.
        target_names : ndarray of shape (8,), str
            The emotions, sorted: those of FER-2013 and contempt.
        soft_targets : ndarray of shape (n_samples, 8), float32 in [0, 1]
            The shares of the emotions in the votes for emotions, without outliers, in the order of
            `target_names`: for ``fit(X, y, soft_targets=...)``.
        votes : ndarray of shape (n_samples, 10), int64
            All votes, in the order of `vote_names`.
        vote_names : ndarray of shape (10,), str
            The emotions, "unknown" and "no face".
        fer2013_target : ndarray of shape (n_samples,), str, or None
            FER-2013's own labels; None for the folder that Microsoft's script writes.
        filenames, usage, frame, DESCR, report
            As in :func:`load_fer2013`; `report` counts images without a label by the reasons "no
            majority", "unknown", "no face" and "nobody was asked".

        The images keep their order.

    Raises
    ------
    DataError
        If votes are missing, or are not of these images: there are more or fewer, they are of other
        parts, in another order, or unlike FER-2013's labels. And as :func:`load_fer2013`.
    ImageError
        If an image cannot be decoded. It is a DataError, too.
    ValueError
        If `subset`, `keep` or `on_error` is not one of the above.
    TypeError
        If `path` or `votes` is none of the above.

    See Also
    --------
    load_fer2013 : The same images with FER-2013's own labels, each of one person.

    References
    ----------
    E. Barsoum et al., "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced
    Label Distribution", 2016, arXiv:1608.01041.

    Examples
    --------
    >>> import pandas as pd
    >>> from ferclassifier import load_ferplus
    >>> pixels = " ".join(["128"] * 48 * 48)
    >>> faces = pd.DataFrame({"emotion": [3], "pixels": [pixels], "Usage": ["Training"]})
    >>> votes = pd.DataFrame({
    ...     "Usage": ["Training"], "Image name": ["fer0000000.png"], "neutral": [2],
    ...     "happiness": [7], "surprise": [1], "sadness": [0], "anger": [0], "disgust": [0],
    ...     "fear": [0], "contempt": [0], "unknown": [0], "NF": [0],
    ... })
    >>> data = load_ferplus(faces, votes)
    >>> data.target, data.soft_targets[0, [4, 5]].round(2).tolist()
    (array(['happy'], dtype='<U8'), [0.7799999713897705, 0.2199999988079071])
    """
    check_subset(subset)
    if keep not in _KEPT:
        raise ValueError(f"Got keep={keep!r}, but expected one of {', '.join(_KEPT)}.")
    bad_items = BadItems(on_error)
    data = _read(path, votes, bad_items)
    for notice in bad_items.notices:
        warnings.warn(notice, stacklevel=2)

    wanted = np.array([subset in ("all", usage) for usage in data.usage], dtype=bool)
    kept = data.votes.has_majority if keep == "majority" else data.votes.is_emotion
    reasons = data.votes.reasons()
    for i in np.flatnonzero(wanted & ~kept).tolist():
        bad_items.leave_out(data.filenames[i], str(reasons[i]))
    rows = np.flatnonzero(wanted & kept).tolist()
    if not len(rows):
        raise DataError(
            f"{source_name(path)}: no image of subset={subset!r} has a label; {bad_items}."
        )
    chosen = Votes(data.votes.counts[rows])
    samples = Samples(
        images=data.images[rows],
        codes=chosen.codes.tolist(),
        filenames=[data.filenames[i] for i in rows],
        usage=[data.usage[i] for i in rows],
    )
    bunch = to_bunch(
        samples,
        target_names=EIGHT_EMOTIONS,
        descr=_DESCR,
        bad_items=bad_items,
        as_frame=as_frame,
    )
    if return_X_y:
        return bunch.data, bunch.target
    bunch.soft_targets = chosen.shares
    bunch.votes = chosen.counts
    bunch.vote_names = np.array(VOTE_NAMES)
    bunch.fer2013_target = None if data.fer2013_target is None else data.fer2013_target[rows]
    return bunch


def _read(path: Any, votes: Any, bad_items: BadItems) -> _Voted:
    """Read images and votes, in whichever form they are."""
    if isinstance(path, str | os.PathLike):
        data = open_path(Path(path))
        with data:
            if isinstance(data, TREES):
                tables = [name for name in data.names if _file_name(name) == "label.csv"]
                if tables and votes is not None:
                    raise DataError(
                        f"{path}: the votes stand there beside the images. Leave votes=None."
                    )
                if tables:
                    return _read_folders(data, tables, bad_items)
                if votes is None and any(map(is_votes_table, data.names)):
                    votes = path
    if votes is None:
        raise DataError(
            f"{source_name(path)}: there are no votes in it. Give those of FER+ by "
            f"votes={TABLE_NAME!r}."
        )
    return _joined(path, votes, bad_items)


def _file_name(name: str) -> str:
    return PurePosixPath(name).name.lower()


def _read_folders(tree: Tree, tables: Sequence[str], bad_items: BadItems) -> _Voted:
    """Read what each label.csv names, in the folder in which it lies."""
    refuse_members(tree, bad_items)
    known = set(tree.names)
    names, usage, counts = [], [], []
    for table_name in tables:
        folder, origin = PurePosixPath(table_name).parent, tree.location(table_name)
        table = read_labels(tree.open(table_name), origin, folder.name)
        rows = zip(table.names, table.usages, table.counts, strict=True)
        for number, (image, part, votes) in enumerate(rows, start=1):
            name = str(folder / image)
            if name not in known:
                where = f"{origin}: row {number}"
                error = DataError(f"{where}: there is no image {name}.")
                bad_items.add(where, "missing image", error)
                continue
            names.append(name)
            usage.append(part)
            counts.append(votes)
    images, read = read_images(tree, names, read_face, shape=(SIDE, SIDE), bad_items=bad_items)
    return _Voted(
        images,
        [tree.location(names[i]) for i in read],
        [usage[i] for i in read],
        Votes(np.array([counts[i] for i in read], dtype=np.int64).reshape(-1, len(VOTE_NAMES))),
        None,
    )


def _joined(path: Any, votes: Any, bad_items: BadItems) -> _Voted:
    """Join FER-2013 with the table of all votes, row by row."""
    table = read_votes(votes)
    faces = load_fer2013(path, on_error=bad_items.on_error)
    for where, reason in faces.report["skipped"]:
        bad_items.leave_out(where, reason)
    places = [_row_of(name, path) for name in faces.filenames]
    skipped = [where for where, _ in faces.report["skipped"] if where.startswith("row ")]
    n_rows = len(places) + len(skipped)
    if n_rows != len(table.names):
        raise DataError(
            f"{table.origin}: there are votes for {count(len(table.names), 'row')}, but "
            f"{source_name(path)} has {n_rows:,}. They are joined row by row: give both whole."
        )
    check_order(table)
    usage = [table.usages[place] for place in places]
    for name, said, voted in zip(faces.filenames, faces.usage, usage, strict=True):
        if said not in ("unknown", voted):
            raise DataError(
                f"{source_name(path)}: {name} is of the part {str(said)!r}, but the votes in this "
                f"row are of {voted!r}: they are not those of these images, or in another order."
            )
    joined = Votes(table.counts[places])
    _check_agreement(joined, faces.target, table.origin)
    return _Voted(faces.images, faces.filenames.tolist(), usage, joined, faces.target)


def _row_of(name: str, path: Any) -> int:
    """Return the place of a row in its table, from 0."""
    words = name.split()
    if len(words) != 2 or words[0] != "row":
        raise DataError(
            f"{source_name(path)}: votes are joined row by row, but this is not one table. Give "
            "fer2013.csv, or the folder that Microsoft's script writes, without votes."
        )
    return int(words[1]) - 1


def _check_agreement(votes: Votes, target: NDArray[np.str_], origin: str) -> None:
    clear = votes.has_majority
    if clear.sum() < _FEWEST_COMPARED:
        return
    said = np.array(EIGHT_EMOTIONS)[votes.codes[clear]]
    agreement = float((said == target[clear]).mean())
    if agreement < _LEAST_AGREEMENT:
        raise DataError(
            f"{origin}: the majority is FER-2013's own label for {percent(agreement)} of the "
            "images, where two thirds are usual: they are of other images, or in another order."
        )
