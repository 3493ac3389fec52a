"""The page that says what happens to each kind of input names tests that hold it to that."""

from __future__ import annotations

import ast
import re

import pytest

from helpers import REPOSITORY

PAGE = REPOSITORY / "docs" / "inputs.md"
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
    names = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[2])
    assert names, row[2]
    for path, name in names:
        tree = ast.parse((REPOSITORY / path).read_text())
        kinds = ast.FunctionDef | ast.ClassDef
        defined = {node.name for node in ast.walk(tree) if isinstance(node, kinds)}
        assert name in defined
