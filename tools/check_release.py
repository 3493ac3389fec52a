"""Check what a release would be: build it, install it where nothing is, and run the README there.

    python tools/check_release.py dist --python 3.11 --python 3.12 --python 3.13

Wheel and source distribution are built twice and compared; their metadata, their README and their
sizes are looked at, and a few tests run in the unpacked source distribution. Then each is installed
into an empty environment of each Python, one at a time, which takes 3 GB of disk and a few minutes,
and the README's lines run there without a network. With --publish the address of the repository has
to stand in pyproject.toml, and the version with its date in the changelog.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

from packaging.metadata import Metadata
from packaging.specifiers import SpecifierSet
from readme_renderer import markdown

from distributions import built_twice, sum_of, unpacked

_REPOSITORY = Path(__file__).parents[1]
_LARGEST_WHEEL = 42_000_000
# What the README speaks of.
_EXTRAS = "app,audit,report,video"
_TESTS_OF_THE_SDIST = (
    *("tests/images", "tests/tools", "tests/test_names.py", "tests/test_release_files.py"),
    *("tests/test_rooms.py", "tests/test_supply_chain.py"),
)


def check_metadata(wheel: Path, sdist: Path) -> Metadata:
    """Compare the metadata with the package, with what else is packed, and with each other."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (place,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        text = archive.read(place)
    with tarfile.open(sdist) as archive:
        top = sdist.name.removesuffix(".tar.gz")
        packed = {name.partition("/")[2] for name in archive.getnames()}
        of_sdist = archive.extractfile(f"{top}/PKG-INFO")
        _require(of_sdist is not None and of_sdist.read() == text, "Two metadata differ.")
    metadata = Metadata.from_email(text, validate=True)
    _require(metadata.name == "ferclassifier", f"The name is {metadata.name}.")
    source = (_REPOSITORY / "src" / "ferclassifier" / "_version.py").read_text()
    _require(f'__version__ = "{metadata.version}"' in source, f"The version: {metadata.version}.")
    licenses = metadata.license_files or []
    _require(len(licenses) == 2, f"The files of licences are {licenses}.")
    for name in licenses:
        inside = place.replace("METADATA", f"licenses/{name}")
        _require(inside in names and name in packed, f"{name} is missing.")
    for needed in ("Makefile", "constraints.txt", "constraints-lowest.txt", "CONTRIBUTING.md"):
        _require(needed in packed, f"{needed} is missing in {sdist.name}.")
    return metadata


def pythons_of(metadata: Metadata) -> list[str]:
    """Return the Pythons that the classifiers name, if those that are required are the same."""
    found = re.findall(r"^Programming Language :: Python :: (3\.\d+)$", _lines(metadata), re.M)
    required = metadata.requires_python or SpecifierSet()
    allowed = [f"3.{minor}" for minor in range(30) if f"3.{minor}" in required]
    _require(found == allowed, f"Classifiers name {found}, and {allowed} are allowed.")
    return found


def _lines(metadata: Metadata) -> str:
    return "\n".join(metadata.classifiers or [])


def check_readme(metadata: Metadata) -> None:
    """Render the README as an index does, and look for what leads nowhere from there."""
    page = markdown.render(metadata.description or "")
    _require(page is not None, "The README cannot be rendered.")
    places = re.findall(r'(?:href|src)="([^"]*)"', page or "")
    dead = [place for place in places if not place.startswith(("https://", "http://", "#"))]
    _require(not dead, f"On an index these lead nowhere: {dead}")
    print(f"README: {len(page or ''):,} characters of HTML, {len(places)} links and pictures")


def check_publishing(metadata: Metadata) -> None:
    """Refuse to publish what has no address, or no date."""
    project = tomllib.loads((_REPOSITORY / "pyproject.toml").read_text())
    hook = project["tool"]["hatch"]["metadata"]["hooks"]["custom"]
    _require(
        hook["repository"].startswith("https://"),
        "The repository has no address: write it into [tool.hatch.metadata.hooks.custom] of "
        "pyproject.toml, as in https://host/owner/ferclassifier.",
    )
    changelog = (_REPOSITORY / "CHANGELOG.md").read_text()
    _require(
        re.search(rf"^## \[?{metadata.version}\]? - \d{{4}}-\d\d-\d\d$", changelog, re.M),
        f"CHANGELOG.md has no heading ## {metadata.version} - YYYY-MM-DD.",
    )


def check_sdist(sdist: Path, folder: Path) -> None:
    """Run a few of its tests, from it alone."""
    source = unpacked(sdist, folder)
    print(f"{sdist.name}: {' '.join(_TESTS_OF_THE_SDIST)}")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *_TESTS_OF_THE_SDIST]
    _run(command, cwd=source, env={**os.environ, "PYTHONPATH": str(source / "src")})


def check_installed(file: Path, python: str, folder: Path) -> None:
    """Install a file where nothing is, and run the README's lines there."""
    print(f"{file.name} on Python {python}")
    _run([python, "-m", "venv", str(folder)])
    inside = str(folder / "bin" / "python")
    empty = _size(folder)
    pip = [inside, "-m", "pip", "--disable-pip-version-check"]
    _run([*pip, "install", "--quiet", f"{file}[{_EXTRAS}]"])
    _run([*pip, "check"])
    (package,) = folder.glob("lib/python*/site-packages/ferclassifier")
    sizes = (
        f"{_megabytes(_size(package))}; with all that it needs {_megabytes(_size(folder) - empty)}"
    )
    print(f"installed: {sizes}")
    _run([inside, str(_REPOSITORY / "tools" / "run_readme.py"), str(_REPOSITORY / "tests")])
    shutil.rmtree(folder)


def found(pythons: Sequence[str]) -> list[str]:
    """Return the commands of Pythons, or say which are not there."""
    commands = [f"python{python}" for python in pythons]
    missing = [command for command in commands if not _works(command)]
    _require(
        not missing,
        f"These cannot be run: {', '.join(missing)}. Install what is missing and put it on PATH; "
        "what pyenv has is chosen by PYENV_VERSION=3.11.7:3.12.1 and so on.",
    )
    return commands


def _works(command: str) -> bool:
    # What pyenv puts on PATH is there for each version, also where none is chosen.
    place = shutil.which(command)
    return place is not None and not subprocess.call(
        [place, "-c", "import venv"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _require(holds: object, message: str) -> None:
    if not holds:
        raise SystemExit(message)


def _run(
    command: Sequence[str], *, cwd: Path | None = None, env: dict[str, str] | None = None
) -> None:
    sys.stdout.flush()
    if code := subprocess.call(command, cwd=cwd, env=env):
        raise SystemExit(f"{' '.join(command)}: exit code {code}")


def _size(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where wheel and source distribution are put")
    parser.add_argument("--python", action="append", help="all that are supported, unless given")
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = []
        for built in built_twice(folder):
            files.append(Path(shutil.copy(built, given.folder)))
            size = _megabytes(files[-1].stat().st_size)
            print(f"{files[-1].name}: {size}, {sum_of(built)}, built twice")
        wheel, sdist = files
        size = wheel.stat().st_size
        _require(size <= _LARGEST_WHEEL, f"{wheel.name} is larger than {_LARGEST_WHEEL:,} bytes.")
        metadata = check_metadata(wheel, sdist)
        check_readme(metadata)
        if given.publish:
            check_publishing(metadata)
        pythons = found(given.python or pythons_of(metadata))
        check_sdist(sdist, folder / "tested")
        for python in pythons:
            for file in files:
                check_installed(file, python, folder / "environment")
    print("This can be released." if given.publish else "This works; --publish asks for more.")


if __name__ == "__main__":
    main()
