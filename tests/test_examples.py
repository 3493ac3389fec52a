"""The examples run, in a short form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize(
    ("name", "arguments", "printed"),
    [("train_and_evaluate.py", ["--samples", "160", "--epochs", "1"], "macro avg")],
)
def test_example(tmp_path: Path, name: str, arguments: list[str], printed: str) -> None:
    run = subprocess.run(
        [sys.executable, EXAMPLES / name, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert printed in run.stdout


def test_every_example_is_run() -> None:
    marks = test_example.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {path.name for path in EXAMPLES.glob("*.py")} == {name for name, *_ in marks}
