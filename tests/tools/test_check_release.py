"""What `make release-check` refuses; what it installs is left to it."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from packaging.metadata import Metadata

from helpers import REPOSITORY, tool


@pytest.fixture(scope="module")
def check() -> ModuleType:
    pytest.importorskip("readme_renderer")
    sys.path.insert(0, str(REPOSITORY / "tools"))  # where a script finds its neighbours
    try:
        return tool("check_release")
    finally:
        sys.path.remove(str(REPOSITORY / "tools"))


def _metadata(**fields: object) -> Metadata:
    known = {"metadata_version": "2.4", "name": "ferclassifier", "version": "1.2.3"}
    return Metadata.from_raw({**known, **fields})  # type: ignore[typeddict-item]


def _classifiers(*versions: str) -> list[str]:
    return [f"Programming Language :: Python :: {version}" for version in versions]


def test_dead_links_are_refused(check: ModuleType) -> None:
    check.check_readme(_metadata(description="[it](https://host.example/it)"))
    for dead in ("[it](docs/it.md)", "![it](it.png)"):
        with pytest.raises(SystemExit, match="lead nowhere"):
            check.check_readme(_metadata(description=dead))


def test_classifiers_name_the_pythons_that_are_allowed(check: ModuleType) -> None:
    named = _metadata(classifiers=_classifiers("3", "3.11", "3.12"), requires_python=">=3.11,<3.13")
    assert check.pythons_of(named) == ["3.11", "3.12"]
    other = _metadata(classifiers=_classifiers("3", "3.11"), requires_python=">=3.11,<3.13")
    with pytest.raises(SystemExit, match="Classifiers name"):
        check.pythons_of(other)


def test_a_python_that_is_missing_is_named(check: ModuleType) -> None:
    with pytest.raises(SystemExit, match=r"python3\.99.*PATH"):
        check.found(["3.99"])


def test_what_has_no_address_is_not_published(check: ModuleType) -> None:
    with pytest.raises(SystemExit, match=r"no address|no heading"):
        check.check_publishing(_metadata(version="0.0.0"))
