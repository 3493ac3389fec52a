"""The page of the command line has every command and option, and pages name no others."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from ferclassifier._cli import main
from helpers import REPOSITORY

DOCS = REPOSITORY / "docs"
PAGES = [REPOSITORY / "README.md", *sorted(DOCS.glob("*.md"))]


def commands() -> dict[str, click.Command]:
    context = click.Context(main, info_name="ferclassifier")
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def options(command: click.Command) -> set[str]:
    context = click.Context(command)
    params = command.get_params(context)
    return {name for param in params for name in (*param.opts, *param.secondary_opts)}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The page, as docs/conf.py has it written."""
    monkeypatch.syspath_prepend(DOCS)
    module: Any = importlib.import_module("_pages.command_line")
    monkeypatch.setattr(module, "GENERATED", tmp_path)
    module.write_command_line()
    yield (tmp_path / "command_line.md").read_text()
    for name in [name for name in sys.modules if name.split(".")[0] == "_pages"]:
        del sys.modules[name]


def test_every_command_and_option_is_on_the_page(page: str) -> None:
    sections = dict(re.findall(r"^## ferclassifier (\S+)\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    assert set(sections) == set(commands())
    missing = [
        f"{name} {option}"
        for name, command in commands().items()
        for option in options(command)
        if option.startswith("--") and not re.search(rf"{option}\b", sections[name])
    ]
    assert missing == []


def test_every_command_and_option_says_what_it_does() -> None:
    silent = [name for name, command in commands().items() if not command.help]
    silent += [
        f"{name} {param.opts[-1]}"
        for name, command in commands().items()
        for param in command.get_params(click.Context(command))
        if isinstance(param, click.Option) and not param.help
    ]
    assert silent == []


def told(page: str) -> list[tuple[str, list[str]]]:
    """The commands that a page names in code, each with its options."""
    page = re.sub(r"\\\n\s*", " ", page)
    fenced = re.findall(r"^```\w*\n(.*?)^```", page, re.M | re.S)
    lines = [line for block in fenced for line in block.split("\n")]
    code = [*lines, *re.findall(r"^ {4}(.*)", page, re.M), *re.findall(r"`([^`\n]+)`", page)]
    found = [re.match(r"ferclassifier ([a-z]+)\b([^|;#]*)", line.strip()) for line in code]
    return [(m[1], re.findall(r"(?<=\s)--[a-z-]+", m[2])) for m in found if m is not None]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_name_commands_and_options_that_there_are(path: Path) -> None:
    known = commands()
    wrong = []
    for name, named in told(path.read_text(encoding="utf-8")):
        if name not in known:
            wrong.append(f"ferclassifier {name}")
        else:
            wrong += [f"{name} {option}" for option in named if option not in options(known[name])]
    assert wrong == []


def test_commands_are_found_on_pages() -> None:
    assert sum(len(told(path.read_text(encoding="utf-8"))) for path in PAGES) > 40
