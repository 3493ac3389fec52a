"""What is written for a release: one version, and a changelog and a citation that agree with it."""

from __future__ import annotations

import datetime
import re
import subprocess
from pathlib import Path

import pytest

from ferclassifier import __version__
from helpers import REPOSITORY

CHANGELOG = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
SECTIONS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
# What may state the version: its place, a changelog, and a citation, which no build writes.
STATING = {"src/ferclassifier/_version.py", "CHANGELOG.md", "CITATION.cff"}


def faults_of(changelog: str, version: str) -> list[str]:
    """What is not as Keep a Changelog has it, or not of this version."""
    faults = []
    headings = re.findall(r"^(#+) (.*)$", changelog, re.MULTILINE)
    if headings[:1] != [("#", "Changelog")]:
        faults.append("it does not begin with # Changelog")
    released: list[tuple[str, datetime.date]] = []
    sections: list[str] = []
    for i, (level, title) in enumerate(headings[1:]):
        if level == "###":
            sections.append(title)
            known = [name for name in SECTIONS if name in sections]
            if sections != known:
                faults.append(f"sections {sections} are not in the order of {SECTIONS}")
            continue
        sections = []
        dated = re.fullmatch(r"(\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)", title)
        if dated:
            released.append((dated[1], datetime.date.fromisoformat(dated[2])))
        elif title != "Unreleased" or i > 0:
            faults.append(f"{title} is neither Unreleased, at the top, nor VERSION - YYYY-MM-DD")
    if released != sorted(released, key=lambda one: one[1], reverse=True):
        faults.append("the newest version does not stand first")
    latest = next((name for name, _ in released), version)
    numbers = [[int(part) for part in one.split(".")] for one in (latest, version)]
    is_unreleased = headings[1:2] == [("##", "Unreleased")]
    if numbers[0] > numbers[1] or (latest != version and not is_unreleased):
        faults.append(f"{latest} is the latest version there, and {version} that of the package")
    return faults


def test_the_changelog_keeps_its_form() -> None:
    assert faults_of(CHANGELOG, __version__) == []


@pytest.mark.parametrize(
    ("changelog", "fault"),
    [
        ("# Changes\n## Unreleased\n", "does not begin"),
        ("# Changelog\n## 0.1.0 (unreleased)\n", "is neither"),
        ("# Changelog\n## 0.1.0 - 2026-01-02\n## Unreleased\n", "is neither"),
        ("# Changelog\n## Unreleased\n### Fixed\n### Added\n", "order"),
        ("# Changelog\n## Unreleased\n### New\n", "order"),
        ("# Changelog\n## 0.1.0 - 2026-01-02\n## 0.0.9 - 2026-02-02\n", "first"),
        ("# Changelog\n## 0.0.9 - 2026-01-02\n", "latest version"),
        ("# Changelog\n## Unreleased\n## 0.10.0 - 2026-01-02\n", "latest version"),
    ],
)
def test_a_fault_is_found(changelog: str, fault: str) -> None:
    assert any(fault in one for one in faults_of(changelog, "0.1.0"))


@pytest.mark.parametrize(
    "changelog",
    [
        "# Changelog\n## Unreleased\n### Added\n### Fixed\n",
        "# Changelog\n## Unreleased\n### Fixed\n## 0.0.9 - 2026-01-02\n### Added\n",
        "# Changelog\n## 0.1.0 - 2026-02-01\n### Fixed\n## 0.0.9 - 2026-01-02\n### Added\n",
    ],
)
def test_what_keeps_the_form_has_no_fault(changelog: str) -> None:
    assert faults_of(changelog, "0.1.0") == []


def test_the_citation_is_of_this_version() -> None:
    citation = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.*)$", citation, re.MULTILINE) == [__version__]


@pytest.mark.skipif(not (REPOSITORY / ".git").exists(), reason="git says which files are ours")
def test_nothing_else_states_the_version() -> None:
    found = subprocess.run(
        ["git", "grep", "-lIFw", __version__, "--", "*.py", "*.toml", "*.md", "*.yml", "Makefile"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    stating = set(found.stdout.split()) - {Path(__file__).relative_to(REPOSITORY).as_posix()}
    assert stating <= STATING


def test_templates_are_found_where_hosts_look() -> None:
    for place in ("bug", "feature", "question"):
        text = (REPOSITORY / ".github" / "ISSUE_TEMPLATE" / f"{place}.yml").read_text()
        assert re.search(r"^name: .+\ndescription: .+", text)
        assert "body:\n" in text
    assert (REPOSITORY / ".github" / "pull_request_template.md").is_file()
