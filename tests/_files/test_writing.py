"""A file is written whole or not at all, under a name of its own until then."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from ferclassifier._files import writing
from ferclassifier._files.writing import replacing

posix = pytest.mark.skipif(os.name != "posix", reason="there are no modes, links and devices")


def has_files_without_names(folder: Path) -> bool:
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY))
    except (AttributeError, OSError):
        return False
    return Path("/proc/self/fd").is_dir()


@pytest.fixture(params=["without a name", "with a name", "that cannot get a name"], autouse=True)
def unfinished(request: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What systems make of a file that is being written."""

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(18, "Invalid cross-device link")

    if request.param != "with a name" and not has_files_without_names(tmp_path):
        pytest.skip("files here always have a name")
    if request.param == "with a name":
        monkeypatch.setattr(writing, "_WITHOUT_NAME", 0)
    if request.param == "that cannot get a name":
        monkeypatch.setattr(os, "link", refuse)
    return str(request.param)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.txt"


def write(path: Path, content: bytes = b"new") -> None:
    with replacing(path) as file:
        file.write(content)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nothing_is_there_before_all_is_written(path: Path) -> None:
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_its_name_opens_it_until_then(path: Path) -> None:
    """FFmpeg takes names only."""
    with replacing(path) as file, Path(file.name).open("wb") as same:
        same.write(b"new")
    assert path.read_bytes() == b"new"


def test_a_killed_process_leaves_nothing(path: Path, unfinished: str) -> None:
    """A hidden file stood there for ever."""
    if unfinished != "without a name":
        pytest.skip("of such a file a killed process leaves the name")
    path.write_text("old")
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from ferclassifier._files.writing import replacing\n"
        "with replacing(Path(sys.argv[1])) as file:\n"
        "    file.write(bytes(100_000))\n"
        "    os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == 9
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


@posix
def test_a_link_that_somebody_put_at_the_unfinished_name_is_not_followed(path: Path) -> None:
    """The name was that of the file with the number of the process, which anybody can guess."""
    victim = path.with_name("victim")
    victim.write_text("precious")
    path.with_name(f".file.txt.{os.getpid()}").symlink_to(victim)
    write(path)
    assert path.read_bytes() == b"new"
    assert not path.is_symlink()
    assert victim.read_text() == "precious"


@posix
@pytest.mark.parametrize("is_link", [False, True])
def test_what_stands_at_the_unfinished_name_is_left_alone(
    path: Path, is_link: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing.secrets, "token_hex", lambda n: "0" * n)
    other = path.with_name(f".file.txt.{'0' * 8}")
    if is_link:
        other.symlink_to("nowhere")
    else:
        other.write_text("precious")
    with pytest.raises(FileExistsError):
        write(path)
    assert list(path.parent.iterdir()) == [other]
    assert is_link or other.read_text() == "precious"


def test_threads_that_write_one_file_do_not_share_another(path: Path) -> None:
    """Two threads wrote into one unfinished file, and one of them found it gone."""
    together, failures = threading.Barrier(4, timeout=60), []

    def write_slowly(content: bytes) -> None:
        try:
            with replacing(path) as file:
                together.wait()
                for _ in range(100):
                    file.write(content)
                    file.flush()
                together.wait()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write_slowly, args=(bytes([i]) * 99,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    content = path.read_bytes()
    assert len(content) == 9900
    assert len(set(content)) == 1
    assert list(path.parent.iterdir()) == [path]


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o755])
def test_the_mode_of_what_is_replaced_is_kept(path: Path, mode: int) -> None:
    """A file that only its owner could read could be read by everybody once it was replaced."""
    path.write_text("old")
    path.chmod(mode)
    with replacing(path) as file:
        for other in path.parent.iterdir():  # the unfinished one, too
            assert mode_of(other) == mode
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert mode_of(path) == mode


@posix
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_new_file_has_the_mode_of_any_new_file(path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write(path)
    finally:
        os.umask(before)
    assert mode_of(path) == 0o666 & ~mask


@posix
@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root gives files away")
def test_the_owner_of_what_is_replaced_is_kept(path: Path) -> None:
    path.write_text("old")
    os.chown(path, 1234, 4321)
    write(path)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)


@posix
def test_an_owner_that_cannot_be_kept_is_no_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    path.write_text("old")
    path.chmod(0o664)
    monkeypatch.setattr(os, "fchown", refuse)
    write(path)
    assert path.read_bytes() == b"new"
    assert mode_of(path) == 0o604  # the group is another, which had no say


@posix
@pytest.mark.parametrize("exists", [True, False])
def test_the_file_that_a_link_leads_to_is_replaced(tmp_path: Path, exists: bool) -> None:
    """The link was replaced, and the file behind it kept its old content."""
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "target", tmp_path / "link"
    if exists:
        target.write_text("old")
        target.chmod(0o600)
    link.symlink_to(target)
    write(link)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert not exists or mode_of(target) == 0o600
    assert list(target.parent.iterdir()) == [target]
    assert sorted(tmp_path.iterdir()) == [target.parent, link]


@posix
@pytest.mark.parametrize("target", [".", "nowhere/file", "link"])
def test_links_that_lead_to_no_file(tmp_path: Path, target: str) -> None:
    link = tmp_path / "link"
    link.symlink_to(target)
    with pytest.raises(OSError, match=r"this is a folder|there is no folder|link"):
        write(link)
    assert list(tmp_path.iterdir()) == [link]


@posix
def test_devices_and_pipes_are_refused(tmp_path: Path) -> None:
    """Root replaced /dev/null by a file, and a pipe's reader waited for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path(os.devnull)):
        with pytest.raises(OSError, match=r"a device or a pipe.*Write to a file"):
            write(path)
    assert pipe.is_fifo()
    assert Path(os.devnull).is_char_device()
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="files here always have a name")
def test_a_file_without_a_name_is_refused(path: Path) -> None:
    with path.open("w") as file:
        path.unlink()
        with pytest.raises(OSError, match="a device or a pipe"):
            write(Path(f"/proc/self/fd/{file.fileno()}"))
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("failing", ["write", "fsync", "replace", "interrupt"])
def test_a_failure_leaves_what_was_there_and_nothing_else(
    path: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = KeyboardInterrupt() if failing == "interrupt" else OSError(28, "No space left")

    def fail(*_: Any) -> None:
        raise error

    def write_half() -> None:
        with replacing(path) as file:
            file.write(b"half")
            if failing in ("write", "interrupt"):
                fail()

    path.write_text("old")
    if failing == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    if failing == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(type(error)):
        write_half()
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


@posix
def test_a_folder_that_cannot_be_synced_is_no_failure(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file was in its place, and the error said that it was not written."""
    sync = os.fsync

    def sync_files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(22, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", sync_files_only)
    write(path)
    assert path.read_bytes() == b"new"


@posix
@pytest.mark.parametrize("name", ["x" * 255, "ü" * 127, os.fsdecode(b"\xff" * 200)])
def test_any_name_that_a_file_can_have(tmp_path: Path, name: str) -> None:
    """The unfinished name was longer than the file's, and so too long for the system."""
    write(tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"new"
