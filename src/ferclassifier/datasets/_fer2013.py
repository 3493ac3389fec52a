"""FER-2013: loaded from where it lies, or fetched first."""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.emotions import EMOTIONS, folder_codes
from ferclassifier._utils.wording import in_words
from ferclassifier.datasets._bad_items import BadItems
from ferclassifier.datasets._fer2013_forms import FER2013_DESCR, read_fer2013, source_name
from ferclassifier.datasets._kaggle import fetch
from ferclassifier.datasets._published_counts import check_counts
from ferclassifier.datasets._samples import Part, Samples, to_bunch
from ferclassifier.exceptions import DataError

if TYPE_CHECKING:
    import pandas as pd

SUBSETS = ("all", "train", "validation", "test")


def load_fer2013(
    path: str | os.PathLike[str] | IO[Any] | pd.DataFrame,
    *,
    subset: str = "all",
    on_error: str = "raise",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    r"""Load FER-2013 from a file or folder, in any of the forms in which people have it.

    Parameters
    ----------
    path : str, path, file object or DataFrame
        One of

        - the CSV file, with the columns emotion, pixels and Usage in any order, or a file object
          of it, opened in binary or text mode, which is left open;
        - a DataFrame with these columns, whose pixels are texts or arrays;
        - CSV files for each part, such as ``train.csv`` beside ``test.csv``, in a folder. One
          without labels, such as the ``test.csv`` of Kaggle's competition, is left out;
        - a folder with the images as ``train/<emotion>/*`` and ``test/<emotion>/*``, or as
          ``<emotion>/*``. Names of folders are taken in any case and in their usual variants
          (``anger``, ``Happiness``, ``val``, ``PublicTest``, ...), and a single folder may be
          around it all;
        - a folder that holds the CSV file;
        - a zip or tar archive of any of these, the CSV file packed by gzip, bzip2 or xz, or an
          archive that holds one of them. All are known by their content, whatever their names,
          and read without being unpacked to the disk.

        Images are known by their names or, where these do not say it, by their first bytes. Other
        files among them are left out and counted in `report`, except for texts and tables.
    subset : {"all", "train", "validation", "test"}, default="all"
        The part to load: the usages Training, PublicTest and PrivateTest of the CSV file. In a
        folder ``test`` without a folder for validation beside it, images named ``PublicTest_*``
        are the validation part and images named ``PrivateTest_*`` the test part. Where the names
        do not tell, the images are in both parts, with a warning.
    on_error : {"raise", "skip"}, default="raise"
        Whether a bad row or file is an error, or is left out and counted in `report`.
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
            The names of the emotions, as the released models answer them.
        target_codes : ndarray of shape (n_samples,), int64 in [0, 6]
            The same as FER-2013's own codes, which are the places in `target_names`.
        target_names : ndarray of shape (7,), str
            `EMOTIONS`.
        filenames : ndarray of shape (n_samples,), str
            The path of each image, the name of the archive's member, or "row 17" of a table,
            whose rows below the header are counted from 1; of several files
            "train.csv: row 17".
        usage : ndarray of shape (n_samples,), str
            "train", "validation" or "test", or "unknown" where nothing tells. Images that are in
            both the validation and the test part are of "test".
        frame : DataFrame of shape (n_samples, 2305)
            The data and the target; None without ``as_frame=True``.
        DESCR : str
            A description of the data set.
        report : dict
            ``n_read``, ``n_skipped``, ``reasons`` (a count for each) and ``skipped`` (a list of
            the place and the reason), of bad rows and files and of what is left out.

        Rows of a CSV file keep their order; images in folders are sorted by usage, emotion and
        name.

    Raises
    ------
    DataError
        If there is nothing at `path`, it is in none of these forms, a row or file is bad (with
        ``on_error="raise"``), or no image is left.
    ImageError
        If an image cannot be decoded. It is a DataError, too.
    ValueError
        If `subset` or `on_error` is not one of the above.
    TypeError
        If `path` is none of the above.

    Warns
    -----
    IgnoredFilesWarning
        If a file among the images is no image that can be read, or a CSV file has no labels.
    SharedTestSetWarning
        If the validation or the test part is asked for and nothing tells one from the other.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from ferclassifier import load_fer2013
    >>> pixels = " ".join(["128"] * 48 * 48)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "fer2013.csv"
    ...     _ = path.write_text(f"emotion,pixels,Usage\n3,{pixels},Training\n")
    ...     faces = load_fer2013(path, subset="train")
    >>> faces.images.shape
    (1, 48, 48)
    >>> faces.target, faces.target_codes
    (array(['happy'], dtype='<U8'), array([3]))
    """
    check_subset(subset)
    bad_items = BadItems(on_error)
    (samples,) = read_fer2013(path, [Part(subset, bad_items)], codes=folder_codes())
    for notice in bad_items.notices:
        warnings.warn(notice, stacklevel=2)
    _check_any(samples, path, subset, bad_items)
    return to_bunch(
        samples,
        target_names=EMOTIONS,
        descr=FER2013_DESCR,
        bad_items=bad_items,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def load_beside_training(
    path: Path, *, subset: str, on_error: str
) -> tuple[Any, NDArray[np.uint8]]:
    """Load a part of FER-2013, and the images of training with it, reading each file once.

    Parameters
    ----------
    path : Path
    subset, on_error : str
        As for `load_fer2013`. Of the images of training, bad ones are left out.

    Returns
    -------
    data : Bunch
        What `load_fer2013` returns.
    training : ndarray of shape (n_training, 48, 48), uint8
        There may be none.
    """
    if subset in ("all", "train"):
        faces = load_fer2013(path, subset=subset, on_error=on_error)
        return faces, faces.images[faces.usage == "train"]
    bad_items = BadItems(on_error)
    samples, training = read_fer2013(
        path, [Part(subset, bad_items), Part("train", BadItems("skip"))], codes=folder_codes()
    )
    for notice in bad_items.notices:
        warnings.warn(notice, stacklevel=2)
    _check_any(samples, path, subset, bad_items)
    faces = to_bunch(samples, target_names=EMOTIONS, descr=FER2013_DESCR, bad_items=bad_items)
    return faces, training.images


def _check_any(samples: Samples, path: Any, subset: str, bad_items: BadItems) -> None:
    if not len(samples.images):
        others = "" if bad_items.skipped else _other_parts(path, subset)
        raise DataError(
            f"{source_name(path)}: no image of subset={subset!r} could be read; "
            f"{others or bad_items}."
        )


def _other_parts(path: Any, subset: str) -> str:
    """Say which parts there are instead; nothing of what can be read only once, or holds none."""
    if subset == "all" or not isinstance(path, str | os.PathLike):
        return ""
    with warnings.catch_warnings(), suppress(DataError):
        warnings.simplefilter("ignore")
        usage = load_fer2013(path, subset="all", on_error="skip").usage
        parts = zip(*np.unique(usage, return_counts=True), strict=True)
        return "it has " + in_words([f"{n:,} of '{part}'" for part, n in parts])
    return ""


def fetch_fer2013(
    *,
    data_home: str | os.PathLike[str] | None = None,
    source: str = "deadskull7/fer2013",
    subset: str = "all",
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load FER-2013, and download it from Kaggle if it has not been yet.

    The first call needs kagglehub, from ``pip install "ferclassifier[kaggle]"``, a network, and
    some 300 MB on the disk. What it brings has to have as many images of each emotion, in each
    part, as were published, or it is removed again. From then on the copy is read: without a
    network, and without kagglehub.

    To have the space back, or to fetch anew, remove the folder `fer2013` in `data_home`.

    Parameters
    ----------
    data_home : str or path, default=None
        The folder for the copy. None is the one that the environment variable
        ``FERCLASSIFIER_DATA`` names, or else ``~/.cache/ferclassifier``.
    source : str, default="deadskull7/fer2013"
        What to download, by the name in the address of its page on Kaggle:

        - "deadskull7/fer2013", the CSV file with the pixels and the parts as published. Data
          sets that are public can be had without an account.
        - "challenges-in-representation-learning-facial-expression-recognition-challenge", the
          competition itself, with the same in ``icml_face_data.csv``. It takes an account whose
          owner has accepted the competition's rules, and a login: see
          :func:`kagglehub.login`.
        - "msambare/fer2013", JPEG images in folders, so that the pixels are not quite those of
          the CSV file. The names of the files tell validation from test.
        - "owner/name" of another data set in a form that :func:`load_fer2013` reads, also with
          a version: "owner/name/versions/1".
    subset : {"all", "train", "validation", "test"}, default="all"
        The part to load: the usages Training, PublicTest and PrivateTest.
    download_if_missing : bool, default=True
        If False, it is an error if there is no copy in `data_home`.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        Whether `data` is a pandas DataFrame and `target` a Series.

    Returns
    -------
    data : Bunch or tuple of (data, target)
        What :func:`load_fer2013` returns.

    Raises
    ------
    FetchError
        If there is no copy, and none was wanted or could be downloaded: no network, no such data
        set, no permission. It is an OSError.
    DataError
        If what was downloaded, or the copy that is there, is not all of FER-2013.
    ImportError
        If there is no copy, and kagglehub is not installed.
    ValueError
        If `source` or `subset` is not one of the above.

    Notes
    -----
    The images were collected by a web search, for research. Kaggle's terms apply, and those on
    the page of the source: for the competition, its rules.

    References
    ----------
    Goodfellow, I. J., et al. (2013). Challenges in Representation Learning: A report on three
    machine learning contests. arXiv:1307.0414.

    Examples
    --------
    >>> from ferclassifier import fetch_fer2013
    >>> faces = fetch_fer2013(subset="train")  # doctest: +SKIP
    >>> faces.images.shape  # doctest: +SKIP
    (28709, 48, 48)
    """
    check_subset(subset)
    folder = fetch(
        source, data_home, download_if_missing=download_if_missing, check=_load_published
    )
    try:
        faces = _load_published(folder, subset, as_frame)
    except DataError as error:
        raise DataError(f"{error} Remove {folder} to have FER-2013 fetched anew.") from error
    return (faces.data, faces.target) if return_X_y else faces


def check_subset(subset: str) -> None:
    if subset not in SUBSETS:
        raise ValueError(f"Got subset={subset!r}, but expected one of {', '.join(SUBSETS)}.")


def _load_published(path: Path, subset: str = "all", as_frame: bool = False) -> Any:
    faces = load_fer2013(path, subset=subset, as_frame=as_frame)
    check_counts(faces, subset)
    return faces
