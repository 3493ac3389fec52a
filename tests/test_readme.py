"""The README's Python runs from top to bottom, as one script."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferclassifier import FERClassifier
from ferclassifier.persistence import load_model
from helpers import REPOSITORY
from readme_lines import commands_of, python_of, write_what_it_names

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_every_line_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # One epoch does for the lines; nothing else is changed.
    defaults: dict[str, Any] = FERClassifier.__init__.__kwdefaults__  # type: ignore[assignment]
    monkeypatch.setitem(defaults, "epochs", 1)
    write_what_it_names(tmp_path)
    monkeypatch.chdir(tmp_path)
    told: dict[str, Any] = {}
    exec(compile(python_of(README), "README.md", "exec"), told)

    assert re.search(r"grace_hopper\.jpg neutral 0\.\d+", capsys.readouterr().out)
    assert set(told["search"].best_params_) == {"architecture", "learning_rate"}
    loaded = load_model(tmp_path / "clf.safetensors")
    assert np.array_equal(loaded.classes_, np.unique(told["train"].target))
    for page in ("report.html", "audit.html"):
        assert (tmp_path / page).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_commands_are_read_without_their_comments() -> None:
    """`make release-check` runs them where only the package is installed."""
    commands = commands_of(README)
    assert "ferclassifier predict photo.jpg" in commands
    assert not [line for line in commands if "#" in line]


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", README)
    assert len(links) > 10
    for link in links:
        assert link.startswith("http") or (REPOSITORY / link).exists(), link


def test_its_anchors_are_headings() -> None:
    for page, anchor in re.findall(r"\]\(([^)#]+)#([^)]*)\)", README):
        text = (REPOSITORY / page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        slugs = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
        assert anchor in slugs, (page, anchor)
