"""The pages that say what happens to inputs, kind and hostile, name tests that hold them to it."""

from __future__ import annotations

import ast
import re

import pytest

from helpers import REPOSITORY

PAGE = REPOSITORY / "docs" / "inputs.md"
NAMED = r"`(tests/[\w/]+\.py)::(\w+)`"
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| what is handed over")
]


def test_every_row_has_its_parts() -> None:
    assert len(ROWS) > 100
    assert [row for row in ROWS if len(row) != 3 or not all(row)] == []


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:60] for row in ROWS])
def test_the_tests_of_a_row_are_there(row: list[str]) -> None:
    names = re.findall(NAMED, row[2])
    assert names, row[2]
    check_defined(names)


def test_the_tests_of_hostile_inputs_are_there() -> None:
    """Of each row of the tables of what was found, and of bounds."""
    text = (REPOSITORY / "docs" / "robustness.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and "tests/" in line]
    assert len(rows) > 40
    check_defined(re.findall(NAMED, text))
    bounds = text.partition("## Bounds")[2].partition("## Arrays")[0].splitlines()
    assert [line for line in bounds if line.startswith("| `") and not re.search(NAMED, line)] == []


def check_defined(names: list[tuple[str, str]]) -> None:
    for path, name in names:
        tree = ast.parse((REPOSITORY / path).read_text())
        kinds = ast.FunctionDef | ast.ClassDef
        defined = {node.name for node in ast.walk(tree) if isinstance(node, kinds)}
        assert name in defined
