"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import Any, BinaryIO

# So much of a name stands in that of the unfinished file, which a system may not let be longer.
_SHOWN = 50
# Of the owner, the group and others, to read, write and run.
_PERMISSIONS = 0o777
_OF_GROUP = 0o070
# Linux makes files without a name, and gives them one by way of what a process has open.
_WITHOUT_NAME = getattr(os, "O_TMPFILE", 0)
_DESCRIPTORS = Path("/proc/self/fd")


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` once everything has been written and synced.

    Until then it has no name, so that nothing is left of it whatever ends the process. Where the
    system has no such files, it stands beside `path` under a hidden name, which nobody can foresee
    and at which nothing may stand; a process that is killed leaves that one.

    Parameters
    ----------
    path : Path
        What stands there is kept until then, and for good if writing fails. The new file gets its
        mode and, where the system allows it, its owner. Of a link, the file that it leads to is
        replaced, and the link stays.

    Yields
    ------
    file : binary file object
        Its `name` opens it until then, for those who take nothing else.

    Raises
    ------
    OSError
        If nothing can be written there, or there stands something else than a file.
    """
    target = replaceable(path)
    before = target.stat() if target.exists() else None
    unfinished = target.with_name(f".{target.name[:_SHOWN]}.{secrets.token_hex(8)}")
    names = [str(unfinished)]
    try:
        mode = 0o666 if before is None else 0o600
        with BufferedWriter(_opened_anew(unfinished, mode, path)) as file:
            names.append(file.name)
            if before is not None:
                _take_over(file, before)
            yield file
            file.flush()
            file.raw.sync()
            if not _has_name(file):
                _give_name(file, unfinished, path)
        unfinished.replace(target)
    except BaseException as error:
        named = error if isinstance(error, OSError) and error.filename in names else None
        # It is unfinished from the moment on at which it is created, unless another was there.
        if not isinstance(named, FileExistsError):
            unfinished.unlink(missing_ok=True)
        if named is not None:  # the user has asked for another name
            raise OSError(named.errno, named.strerror, str(path)) from error
        raise
    _sync_folder(target.parent)


def replaceable(path: Path) -> Path:
    """Return the file that `path` names, through links, which may not exist yet.

    Raises
    ------
    OSError
        If it is no file, or there is no folder for it.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path}: this is a folder, but expected the name of a file.")
    target = Path(os.path.realpath(path))
    # /dev/stdout may be a file that has no name any more.
    if path.exists() and not (path.is_file() and target.exists()):
        raise OSError(
            f"{path}: this is a device or a pipe, whose content cannot be replaced as a whole, but "
            "expected the name of a file. Write to a file, and copy that."
        )
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {target.parent}.")
    return target


class NamedFile(FileIO):
    """A file, open to be written, whose errors name it, which the system's do not.

    Parameters
    ----------
    path : Path
    mode : str
    shown : Path
        What the errors call it.
    opener : callable or None, default=None
    """

    def __init__(
        self, path: Path, mode: str, shown: Path, opener: Callable[[str, int], int] | None = None
    ) -> None:
        super().__init__(path, mode, opener=opener)
        self._shown = str(shown)

    def write(self, data: Any, /) -> int:
        """Write what there is room for."""
        with self._named():
            return super().write(data)

    def sync(self) -> None:
        """Have the system write what it holds."""
        with self._named():
            os.fsync(self.fileno())

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            error.filename = self._shown
            raise


def _opened_anew(path: Path, mode: int, shown: Path) -> NamedFile:
    """Create a file without a name in the folder of `path`, of this mode less the user's mask.

    Where there is no such thing, create `path`.
    """

    def opened(name: str, flags: int) -> int:
        if _WITHOUT_NAME and _DESCRIPTORS.is_dir():
            with suppress(OSError):  # or else the next line raises it, and says where
                return os.open(path.parent, _WITHOUT_NAME | os.O_RDWR, mode)
        return os.open(name, flags, mode)

    file = NamedFile(path, "xb", shown, opened)
    if not _has_name(file):
        file.name = str(_DESCRIPTORS / str(file.fileno()))
    return file


def _has_name(file: BinaryIO | FileIO) -> bool:
    return os.fstat(file.fileno()).st_nlink > 0


def _give_name(file: BinaryIO, path: Path, shown: Path) -> None:
    """Give a file that has no name one, at which nothing stands."""
    descriptor = file.fileno()
    try:
        # The folder of the source means nothing here, but without one Python follows no link.
        os.link(file.name, path, src_dir_fd=descriptor, follow_symlinks=True)
    except OSError:  # a disk, of another machine perhaps, that makes such files and names none
        copy = NamedFile(path, "xb", shown, lambda name, flags: os.open(name, flags, 0o600))
        with BufferedWriter(copy) as named, os.fdopen(os.dup(descriptor), "rb") as content:
            _take_over(named, os.fstat(descriptor))
            content.seek(0)
            shutil.copyfileobj(content, named)
            named.flush()
            copy.sync()


def _take_over(file: BinaryIO, before: os.stat_result) -> None:
    """Give a new file, while it is empty, the owner and the mode of the one it will replace."""
    if os.name != "posix":
        return
    # Only root may give a file away, and a group has it from its members; a disk of another
    # system knows neither owners nor modes.
    permissions = before.st_mode & _PERMISSIONS
    for owner in (before.st_uid, -1):
        with suppress(OSError):
            os.fchown(file.fileno(), owner, before.st_gid)
            break
    else:
        permissions &= ~_OF_GROUP  # what one group might do is not for another
    with suppress(PermissionError):
        os.fchmod(file.fileno(), permissions)


def _sync_folder(folder: Path) -> None:
    """Let the new name of a file outlive a loss of power, where folders can be synced."""
    if os.name == "posix":
        with suppress(OSError):  # the file is in its place: a folder that cannot be read, say
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
