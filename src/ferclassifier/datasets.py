"""Fetching and reading FER-2013, reading one's own folders of faces, and drawing faces."""

from __future__ import annotations

import numbers
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._bad_items import BadItems
from ferclassifier._drawing import draw_faces
from ferclassifier._fer2013 import FER2013_DESCR, read_fer2013
from ferclassifier._fer2013_counts import check_counts
from ferclassifier._fetch import fetch
from ferclassifier._file_tree import FileTree, folders_of, is_image, open_tree, refuse_unsafe_names
from ferclassifier._samples import Samples, read_images, to_bunch
from ferclassifier._utils.printable import printable
from ferclassifier.exceptions import DataError
from ferclassifier.images import check_image_options, read_image
from ferclassifier.images._decoder import MAX_PIXELS

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

_SYNONYMS = {
    "angry": ("anger",),
    "disgust": ("disgusted",),
    "fear": ("fearful", "scared", "afraid"),
    "happy": ("happiness",),
    "sad": ("sadness",),
    "surprise": ("surprised",),
    "neutral": (),
}

_SUBSETS = ("all", "train", "validation", "test")


def load_fer2013(
    path: str | os.PathLike[str],
    *,
    subset: str = "all",
    on_error: str = "raise",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    r"""Load FER-2013 from a file or folder, in any of the forms in which people have it.

    Parameters
    ----------
    path : str or path
        One of

        - the CSV file, with the columns emotion, pixels and Usage in any order;
        - a folder with the images as ``train/<emotion>/*`` and ``test/<emotion>/*``, or as
          ``<emotion>/*``. Names of folders are taken in any case and in their usual variants
          (``anger``, ``Happiness``, ``val``, ``PublicTest``, ...), and a single folder may be
          around it all;
        - a folder that holds the CSV file;
        - a zip archive of any of these, which is read without being unpacked.
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
        data : ndarray of shape (n_samples, 2304), uint8 in [0, 255], or DataFrame
            The rows of `images`; an array shares their memory.
        target : ndarray of shape (n_samples,), int64 in [0, 6], or Series
            The emotions as codes into `target_names`.
        target_names : ndarray of shape (7,), str
            `EMOTIONS`.
        filenames : ndarray of shape (n_samples,), str
            The path of each image, the name of the archive's member, or "row 17" of a CSV file,
            whose rows below the header are counted from 1.
        usage : ndarray of shape (n_samples,), str
            "train", "validation" or "test", or "unknown" where nothing tells. Images that are in
            both the validation and the test part are of "test".
        frame : DataFrame of shape (n_samples, 2305)
            The data and the target; None without ``as_frame=True``.
        DESCR : str
            A description of the data set.
        report : dict
            ``n_read``, ``n_skipped``, ``reasons`` (a count for each) and ``skipped`` (a list of
            the place and the reason).

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

    Warns
    -----
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
    >>> faces.target_names[faces.target]
    array(['happy'], dtype='<U8')
    """
    _check_subset(subset)
    bad_items = BadItems(on_error)
    samples = read_fer2013(Path(path), subset, codes=_folder_codes(), bad_items=bad_items)
    if not len(samples.images):
        raise DataError(f"{path}: no image of subset={subset!r} could be read; {bad_items}.")
    return to_bunch(
        samples,
        target_names=EMOTIONS,
        descr=FER2013_DESCR,
        bad_items=bad_items,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


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
    _check_subset(subset)
    folder = fetch(
        source, data_home, download_if_missing=download_if_missing, check=_load_published
    )
    try:
        faces = _load_published(folder, subset, as_frame)
    except DataError as error:
        raise DataError(f"{error} Remove {folder} to have FER-2013 fetched anew.") from error
    return (faces.data, faces.target) if return_X_y else faces


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
        A folder with the images as ``<class>/*``, or a zip archive of one, which is read without
        being unpacked. A single folder may be around it all. Files that are no images by their
        names are left alone.
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
        target : ndarray of shape (n_samples,), int64 in [0, n_classes), or Series
            The classes as codes into `target_names`.
        target_names : ndarray of shape (n_classes,), str
            The names of the subfolders, sorted.
        filenames : ndarray of shape (n_samples,), str
            The path of each image, or the name of the archive's member.
        frame : DataFrame of shape (n_samples, n_pixels + 1)
            The data and the target; None without ``as_frame=True``.
        DESCR : str
            A description of the data set.
        report : dict
            ``n_read``, ``n_skipped``, ``reasons`` (a count for each) and ``skipped`` (a list of
            the place and the reason).

    Raises
    ------
    DataError
        If there is nothing at `path`, no image is left, or an image does not lie in the folder
        of a class (with ``on_error="raise"``).
    ImageError
        If an image cannot be decoded. It is a DataError, too.
    ValueError
        If `size`, `channels`, `on_error` or `max_pixels` is not one of the above.

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
    >>> faces.target_names
    array(['serious', 'smiling'], dtype='<U7')
    """
    if size is None:
        raise ValueError(
            "Got size=None, but expected (height, width): the images become one array."
        )
    check_image_options(size, channels, max_pixels)
    bad_items = BadItems(on_error)
    path = Path(path)
    with open_tree(path) as tree:
        refuse_unsafe_names(tree, bad_items)
        class_of = _classes(tree, bad_items)
        names = sorted(class_of, key=lambda name: (class_of[name], name))
        images, kept = read_images(
            tree,
            names,
            lambda stream: read_image(stream, size=size, channels=channels, max_pixels=max_pixels),
            shape=tuple(size) if channels == 1 else (*size, channels),
            bad_items=bad_items,
        )
        filenames = [tree.location(names[i]) for i in kept]
    if not kept:
        raise DataError(f"{path}: no image in a folder of its class could be read; {bad_items}.")
    classes = sorted(set(class_of.values()))
    return to_bunch(
        Samples(images, [classes.index(class_of[names[i]]) for i in kept], filenames),
        target_names=classes,
        descr=f"{len(kept)} images of {len(classes)} classes from {printable(path.name)}.",
        bad_items=bad_items,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def make_faces(
    n_samples: int = 100,
    *,
    n_classes: int = 7,
    noise: float = 0.5,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw faces that show an emotion, to try things on without any data.

    Mouth, brows and eyes carry the emotion; pose, build, hair, glasses, tones and light vary
    without regard to it, and one face in ten is a negative. Some faces show their emotion so
    faintly that nobody could tell. With 4,000 faces to learn from, a linear model on the pixels
    recognises about 60 % of the emotions, and a small convolutional network more than 90 %.

    Parameters
    ----------
    n_samples : int, default=100
    n_classes : int, default=7
        From 2 to 7: the first emotions of `EMOTIONS`, each as often as the others, or once more.
    noise : float, default=0.5
        Scales how faint the expressions may be, how far they stray from the typical one, and the
        noise of the pixels. With 0, only the looks vary.
    random_state : int, RandomState instance or None, default=None
        The same int gives the same faces. None draws on NumPy's global random state.

    Returns
    -------
    images : ndarray of shape (n_samples, 48, 48), uint8 in [0, 255]
    y : ndarray of shape (n_samples,), int64 in [0, n_classes)
        Codes into `EMOTIONS`, in random order.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> from ferclassifier import make_faces
    >>> images, y = make_faces(70, random_state=0)
    >>> images.shape, images.dtype
    ((70, 48, 48), dtype('uint8'))
    """
    from sklearn.utils import check_random_state, check_scalar

    check_scalar(n_samples, "n_samples", numbers.Integral, min_val=1)
    check_scalar(n_classes, "n_classes", numbers.Integral, min_val=2, max_val=len(EMOTIONS))
    check_scalar(noise, "noise", numbers.Real, min_val=0)
    if not np.isfinite(noise):
        raise ValueError(f"Got noise={noise!r}, but expected a finite number.")
    seed = check_random_state(random_state).randint(2**32, size=4, dtype=np.uint32)
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n_samples, dtype=np.int64) % n_classes)
    return draw_faces(EMOTIONS, y, noise=noise, rng=rng), y


def _check_subset(subset: str) -> None:
    if subset not in _SUBSETS:
        raise ValueError(f"Got subset={subset!r}, but expected one of {', '.join(_SUBSETS)}.")


def _load_published(path: Path, subset: str = "all", as_frame: bool = False) -> Any:
    faces = load_fer2013(path, subset=subset, as_frame=as_frame)
    check_counts(faces, subset)
    return faces


def _folder_codes() -> dict[str, int]:
    """Give the class of each name that an emotion's folder may have."""
    return {
        name: code
        for code, emotion in enumerate(EMOTIONS)
        for name in (emotion, *_SYNONYMS[emotion])
    }


def _classes(tree: FileTree, bad_items: BadItems) -> dict[str, str]:
    """Give the class of each image that lies in the folder of one."""
    class_of = {}
    for name, parts in folders_of(list(filter(is_image, tree.names))).items():
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
