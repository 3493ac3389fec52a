"""Cells are no formulas, and paths remain paths."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferclassifier._utils.csv_cells import csv_cell, csv_line, csv_path

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("happy", "happy"),
        ("a=b", "a=b"),
        *((f"{sign}1", f"'{sign}1") for sign in SIGNS),
        ("a;=1;b;@2", "a;'=1;b;'@2"),
        ("\t=1", r"\t=1"),
        (-0.5, -0.5),
        (None, None),
        (True, True),
        ({"a": ";=1"}, "{'a': ';'=1'}"),
        (["=1"], "['=1']"),
    ],
)
def test_cells(value: Any, cell: Any) -> None:
    assert csv_cell(value) == cell


@pytest.mark.parametrize(
    ("path", "cell"), [("-", "-"), ("=1.png", "./=1.png"), ("a;=1.png", "a;=1.png"), ("./-", "./-")]
)
def test_paths(path: str, cell: str) -> None:
    assert csv_path(path) == cell


@given(st.lists(st.text(st.characters()), min_size=2, max_size=4))
def test_a_line_is_its_cells_and_none_is_a_formula(names: list[str]) -> None:
    cells = [csv_path(names[0]), *map(csv_cell, names[1:])]
    line = csv_line(cells)
    assert line.endswith("\n")
    assert next(csv.reader([line])) == cells
    for delimiter in ",;":
        for cell in next(csv.reader([line.rstrip("\n")], delimiter=delimiter)):
            assert not cell.startswith(tuple(SIGNS)) or cell == "-"
