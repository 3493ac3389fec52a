"""The source distribution holds what it takes to build and to test, and no more."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from helpers import REPOSITORY, tool

distributions = tool("distributions")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (REPOSITORY / ".git").exists():
        pytest.skip("git says which files are the package's")
    folder = tmp_path_factory.mktemp("sdist")
    copy = distributions.copy_of(folder / "copy", time=1_000_000_000, mode=0o644)
    return Path(distributions.build("sdist", copy, folder / "dist"))


def test_it_holds_what_is_needed(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in ("Makefile", "constraints.txt", "constraints-lowest.txt", "CONTRIBUTING.md"):
        assert name in names
    for folder in ("src/ferclassifier", "tests", "tools", "benchmarks", "examples", "docs"):
        kept = {
            path.relative_to(REPOSITORY).as_posix() for path in REPOSITORY.glob(f"{folder}/*.py")
        }
        assert kept <= names
    large = [name for name in names if name.startswith("benchmarks/")]
    assert not [name for name in large if name.endswith((".npy", ".safetensors"))]


def test_a_build_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nversion = '1'\n")
    with pytest.raises(SystemExit, match=r"(?s)wheel could not be built.*name"):
        distributions.build("wheel", tmp_path, tmp_path / "dist")


def test_builds_that_differ_are_told(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(name)
    distributions._compare("Two builds", tmp_path / "a", tmp_path / "a")
    with pytest.raises(SystemExit, match="Two builds differ"):
        distributions._compare("Two builds", tmp_path / "a", tmp_path / "b")
