"""Build the wheel twice, from copies of other times and modes, and compare the sums.

    python tools/wheel.py dist

Needs hatchling, and no network. Files that git does not know are left out of the copies. The first
wheel is kept, and its sum printed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_REPOSITORY = Path(__file__).parents[1]
_BUILD = "from hatchling.build import build_wheel; print(build_wheel({folder!r}))"


def copy_of(target: Path, *, time: int, mode: int) -> Path:
    """Copy what the wheel is made of, with another time and mode of each file."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "src", "pyproject.toml", "README.md", "LICENSE", ".gitignore"],
        cwd=_REPOSITORY,
        capture_output=True,
        check=True,
    )
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_REPOSITORY / name, file)
        file.chmod(mode)
        os.utime(file, (time, time))
    return target


def build(source: Path, target: Path) -> Path:
    """Build a wheel as pip does, but with the hatchling that is installed."""
    target.mkdir(parents=True, exist_ok=True)
    run = subprocess.run(
        [sys.executable, "-c", _BUILD.format(folder=str(target))],
        cwd=source,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1577836800"},
        capture_output=True,
        text=True,
        check=True,
    )
    return target / run.stdout.split()[-1]


def sum_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the wheel is put")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        first, second = (
            build(
                copy_of(Path(folder) / f"copy{i}", time=time, mode=mode), Path(folder) / f"wheel{i}"
            )
            for i, (time, mode) in enumerate([(1_000_000_000, 0o644), (1_700_000_000, 0o600)])
        )
        if sum_of(first) != sum_of(second):
            raise SystemExit(f"Two builds differ: {sum_of(first)} and {sum_of(second)}.")
        given.folder.mkdir(parents=True, exist_ok=True)
        kept = given.folder / first.name
        shutil.move(first, kept)
    print(f"{sum_of(kept)}  {kept}")


if __name__ == "__main__":
    main()
