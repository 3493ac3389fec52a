"""Build wheel and source distribution twice, from copies of other times and modes, and compare.

    python tools/distributions.py dist

Needs hatchling, and no network. Files that git does not know are left out of the copies. The sums
of the two builds have to be equal, and so have those of the wheel and of one that is built from the
source distribution. The first builds are kept, and their sums printed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

_REPOSITORY = Path(__file__).parents[1]
_BUILD = "from hatchling.build import build_{kind}; print(build_{kind}({folder!r}))"
_KINDS = ("wheel", "sdist")
# Times and modes of two copies.
_COPIES = ((1_000_000_000, 0o644), (1_700_000_000, 0o600))


def copy_of(target: Path, *, time: int, mode: int) -> Path:
    """Copy what git knows, with another time and mode of each file."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=_REPOSITORY, capture_output=True, check=True
    )
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_REPOSITORY / name, file)
        file.chmod(mode)
        os.utime(file, (time, time))
    return target


def copies(folder: Path) -> list[Path]:
    """Copy it twice into a folder."""
    return [
        copy_of(folder / f"copy{i}", time=time, mode=mode) for i, (time, mode) in enumerate(_COPIES)
    ]


def build(kind: str, source: Path, target: Path) -> Path:
    """Build a "wheel" or an "sdist" as pip does, but with the hatchling that is installed."""
    target.mkdir(parents=True, exist_ok=True)
    run = subprocess.run(
        [sys.executable, "-c", _BUILD.format(kind=kind, folder=str(target))],
        cwd=source,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1577836800"},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SystemExit(f"The {kind} could not be built:\n{run.stderr}")
    return target / run.stdout.split()[-1]


def unpacked(sdist: Path, target: Path) -> Path:
    """Unpack a source distribution, and return its one folder."""
    with tarfile.open(sdist) as archive:
        archive.extractall(target, filter="data")
    (folder,) = target.iterdir()
    return folder


def built_twice(folder: Path) -> list[Path]:
    """Build everything from two copies within a folder, compare, and return wheel and sdist."""
    made = copies(folder)
    kept = []
    for kind in _KINDS:
        first, second = (build(kind, copy, folder / f"{kind}{i}") for i, copy in enumerate(made))
        _compare(f"Two builds of the {kind}", first, second)
        kept.append(first)
    wheel, sdist = kept
    again = build("wheel", unpacked(sdist, folder / "unpacked"), folder / "wheel of sdist")
    _compare("The wheel and that of the source distribution", wheel, again)
    return kept


def sum_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _compare(what: str, first: Path, second: Path) -> None:
    if sum_of(first) != sum_of(second):
        raise SystemExit(f"{what} differ: {sum_of(first)} and {sum_of(second)}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where wheel and source distribution are put")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for file in built_twice(Path(folder)):
            kept = given.folder / file.name
            shutil.move(file, kept)
            print(f"{sum_of(kept)}  {kept}")


if __name__ == "__main__":
    main()
