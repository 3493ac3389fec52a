"""Bringing FER-2013 from Kaggle to a folder of the user's: whole, or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ferclassifier._utils.extras import import_extra
from ferclassifier.exceptions import DataError, FetchError

# The name of a competition, or of a data set, of which a version may be chosen. It becomes the
# name of a folder, too.
_SOURCE = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+(/versions/[0-9]+)?)?", re.ASCII | re.IGNORECASE)

# The competition holds the images three times over; in this file stand all, with their Usage.
_COMPETITION_FILE = "icml_face_data.csv"

# A disk, a quota and a length that are used up.
_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}

# What the name of a folder begins with while it is filled.
_INCOMING = ".incoming-"


def find_data_home(data_home: str | os.PathLike[str] | None) -> Path:
    """Give the folder for what is downloaded, which need not exist yet."""
    home = data_home or os.environ.get("FERCLASSIFIER_DATA") or "~/.cache/ferclassifier"
    return Path(home).expanduser()


def fetch(
    source: str,
    data_home: str | os.PathLike[str] | None,
    *,
    download_if_missing: bool,
    check: Callable[[Path], object],
) -> Path:
    """Give the folder with the data set, and download it first if there is none.

    The download goes to a folder of its own and is renamed when it is whole and checked. Whatever
    ends it before that, and however many processes do this at once, the folder that a later call
    takes for a good copy is one. What a killed process has left is removed by the next call that
    finds no download under way.

    Parameters
    ----------
    source : str
        "owner/name" of a data set on Kaggle, or the name of a competition.
    data_home : str, path or None
    download_if_missing : bool
    check : callable
        Takes the folder of the download, and raises DataError if it is not what was expected.

    Raises
    ------
    ValueError
        If `source` is no such name.
    FetchError
        If there is no copy and none was wanted or could be had.
    DataError
        If the download fails the check. It is removed.
    ImportError
        If there is no copy, and kagglehub cannot be imported.
    """
    if not isinstance(source, str) or not _SOURCE.fullmatch(source):
        raise ValueError(
            f"Got source={source!r}, but expected 'owner/name' as in the address of a data set "
            "on Kaggle, or the name of a competition."
        )
    home = find_data_home(data_home) / "fer2013"
    folder = home / source.replace("/", ".")
    if folder.is_dir():
        with _among_downloads(home):
            return folder
    if not download_if_missing:
        raise FetchError(
            f"{folder}: FER-2013 is not there; fetch it with download_if_missing=True, or read a "
            "copy from elsewhere with load_fer2013."
        )
    home.mkdir(parents=True, exist_ok=True)
    with (
        _among_downloads(home),
        tempfile.TemporaryDirectory(dir=home, prefix=_INCOMING) as incoming,
    ):
        download = Path(incoming) / "files"
        _download(source, download)
        try:
            check(download)
        except DataError as error:
            raise DataError(
                f"What Kaggle has as {source!r} is not FER-2013 as it was published, and was "
                f"removed again. {error}"
            ) from error
        _move(download, folder)
    return folder


@contextmanager
def _among_downloads(home: Path) -> Iterator[None]:
    """Share a lock with all downloads to a folder; who has it alone removes what is left of others.

    The system drops the lock of a process that is killed. Where it has no such locks, what is left
    stays there.
    """
    with ExitStack() as stack:
        with suppress(ImportError, OSError):
            import fcntl

            descriptor = os.open(home, os.O_RDONLY)
            stack.callback(os.close, descriptor)
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for left in home.glob(f"{_INCOMING}*"):
                    shutil.rmtree(left, ignore_errors=True)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield


def _download(source: str, folder: Path) -> None:
    kagglehub = import_extra("kagglehub", extra="kaggle")
    # kagglehub raises errors of its own, of requests, zipfile, tarfile, json and the system, which
    # have no base in common.
    try:
        if "/" in source:
            found = kagglehub.dataset_download(source, output_dir=str(folder))
        else:
            found = kagglehub.competition_download(
                source, _COMPETITION_FILE, output_dir=str(folder)
            )
        # In a notebook of Kaggle or Colab, the files are mounted elsewhere, whatever was asked.
        if not Path(found).is_relative_to(folder):
            _copy(Path(found), folder)
    except Exception as error:
        reason = " ".join(str(error).split()) or repr(error)
        raise FetchError(
            f"{source!r} could not be downloaded from Kaggle: {reason.rstrip('.')}. "
            f"{_remedy(error, folder)} Or download it by hand, and give its path to load_fer2013."
        ) from error


def _copy(found: Path, folder: Path) -> None:
    folder.mkdir()
    if found.is_dir():
        # The mode of a mounted file is left behind: read-only, it could not be removed again.
        shutil.copytree(found, folder / found.name, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(found, folder / found.name)


def _remedy(error: Exception, folder: Path) -> str:
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        home = folder.parents[1]  # what has come is removed with the folder between
        return f"Make room in {home}, or name another folder by data_home, and call again."
    refused = import_extra("kagglehub.exceptions", extra="kaggle").UnauthenticatedError
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, refused) or status in (401, 403):
        return (
            "Check the name, log in with kagglehub.login() or the variable KAGGLE_API_TOKEN and, "
            "for a competition, accept its rules on its page."
        )
    if status == 404:
        return "Check the name, or choose another source."
    return "Call again once that is mended."


def _move(download: Path, folder: Path) -> None:
    try:
        download.rename(folder)
    except OSError:
        # Another process was faster, and has checked what it put there.
        if not folder.is_dir():
            raise
