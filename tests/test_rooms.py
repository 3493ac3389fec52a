"""The rooms of the package: each can be entered alone, and says what is in it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ferclassifier
from ferclassifier import list_architectures

PACKAGE = Path(ferclassifier.__file__).parent
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
# Each architecture is in the list of their names.
NAMED_ELSEWHERE = set(list_architectures())


def test_there_are_rooms() -> None:
    assert {"_classifier", "_keras", "datasets", "report"} <= set(ROOMS)


def test_each_room_can_be_entered_first() -> None:
    """What imports from above, by whatever way, fails here for want of a finished module."""
    script = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    for loaded in [m for m in sys.modules if m.split('.')[0] == 'ferclassifier']:\n"
        "        del sys.modules[loaded]\n"
        "    importlib.import_module(f'ferclassifier.{name}')\n"
    )
    run = subprocess.run([sys.executable, "-c", script, *ROOMS], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_is_in_it(room: str) -> None:
    told = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text())) or ""
    files = {path.stem for path in (PACKAGE / room).glob("*.py")} - {"__init__", *NAMED_ELSEWHERE}
    assert sorted(name for name in files if f"`{name}" not in told) == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_face_defines_nothing(room: str) -> None:
    """It imports what it lists, and that is all."""
    for node in ast.parse((PACKAGE / room / "__init__.py").read_text()).body:
        is_list = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        assert isinstance(node, ast.Expr | ast.ImportFrom) or is_list
