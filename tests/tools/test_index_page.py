"""The README for a package index leads nowhere that is not there."""

from __future__ import annotations

import re
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

from helpers import REPOSITORY, tool

page_of = tool("index_page").page_of
ADDRESS = "https://host.example/owner/project"


def _built(repository: str, monkeypatch: pytest.MonkeyPatch) -> Message:
    """The metadata of a package that is built, if that is the address of its repository."""
    from hatchling.metadata.spec import get_core_metadata_constructors

    project = ProjectMetadata(str(REPOSITORY), PluginManager())
    monkeypatch.setitem(
        project.config["tool"]["hatch"]["metadata"]["hooks"]["custom"], "repository", repository
    )
    text = get_core_metadata_constructors()["2.4"](project)
    return Parser().parsestr(text)


def _targets(readme: str) -> list[str]:
    return re.findall(r"\]\(([^)]*)\)", readme)


def test_without_an_address_nothing_is_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    built = _built("", monkeypatch)
    assert _targets(built.get_payload()) == []
    assert "Project-URL" not in built
    assert built["Description-Content-Type"] == "text/markdown"
    for kept in ("user guide", "What happens if ...", "# ferclassifier"):
        assert kept in built.get_payload()


def test_with_an_address_everything_leads_there(monkeypatch: pytest.MonkeyPatch) -> None:
    built = _built(ADDRESS + "/", monkeypatch)
    tag = f"v{built['Version']}"
    readme = built.get_payload()
    targets = _targets(readme)
    assert len(targets) > 20
    for target in targets:
        place = re.fullmatch(rf"{ADDRESS}/(blob|raw|tree)/{tag}/([^#]+)(#.*)?", target)
        assert place, target
        file = REPOSITORY / place[2]
        assert file.is_dir() if place[1] == "tree" else file.is_file(), target
    assert f"]({ADDRESS}/raw/{tag}/docs/pictures/people.jpg)" in readme
    urls = dict(url.split(", ") for url in built.get_all("Project-URL") or [])
    assert urls["Source"] == ADDRESS
    assert urls["Changelog"] == f"{ADDRESS}/blob/{tag}/CHANGELOG.md"


@pytest.mark.parametrize("repository", ["", ADDRESS])
def test_it_is_installed_from_the_index(repository: str, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = _built(repository, monkeypatch).get_payload()
    assert "pip install ferclassifier\n" in readme
    for of_a_clone in ("constraints.txt", "In a clone", '".['):
        assert of_a_clone not in readme


def test_other_hosts_stay(tmp_path: Path) -> None:
    text = "[it](https://b.example/c) and ![a picture](https://b.example/d.png)"
    assert page_of(text, tmp_path, "", "v1") == text
    assert page_of(text, tmp_path, ADDRESS, "v1") == text
