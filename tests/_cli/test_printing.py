"""What is printed: nothing that a terminal obeys, or cannot decode."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from ferclassifier._cli import main
from ferclassifier._cli.printing import this_program
from ferclassifier._utils.printable import printable_lines
from helpers import FAST, assert_fails, faces_and_codes, run


@pytest.fixture(scope="module")
def hostile_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images and classes whose names are no UTF-8, or would do something to a terminal."""
    folder = os.fsencode(tmp_path_factory.mktemp("hostile")) + b"/da\x1b]0;x\x07ta\xfe"
    images, codes = faces_and_codes(8, n_classes=2, random_state=1)
    for i, (image, code) in enumerate(zip(images, codes, strict=True)):
        inside = os.path.join(folder, (b"a\xff[red]", b"b\x1b[31m\r\nError: :smile:")[code])
        try:
            os.makedirs(inside, exist_ok=True)
        except (OSError, UnicodeError):
            pytest.skip("this file system takes no such names")
        with open(os.path.join(inside, b"%d\xff\x1b[2J.png" % i), "wb") as file:
            Image.fromarray(image).save(file, "PNG")
    with open(os.path.join(folder, b"broken\xff\x1b[5m.png"), "wb") as file:
        file.write(b"no image")
    return Path(os.fsdecode(folder))


@pytest.fixture(scope="module")
def hostile_model(hostile_faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / os.fsdecode(b"m\xff\x1b[1m o.safetensors")
    result = run(
        *("train", hostile_faces, "--layout", "folder", "--on-error", "skip"),
        *("--output", path, *FAST),
    )
    assert result.exit_code == 0, result.output
    assert_printable(result)
    assert r"a\udcff[red] 4, b\x1b[31m\r\nError: :smile: 4" in result.stdout
    assert result.stdout.endswith(r"m\udcff\x1b[1m o.safetensors'" + "\n")
    return path


def assert_printable(result: Result, encoding: str = "utf-8") -> None:
    """Assert that nothing was written that a terminal obeys, or cannot decode."""
    for written in (result.stdout_bytes, result.stderr_bytes):
        text = written.decode(encoding)
        assert printable_lines(text) == text


class TestNames:
    """File names that were no UTF-8 ended commands, and escape sequences reached the terminal."""

    @pytest.mark.parametrize("charset", ["utf-8", "ascii", "latin-1"])
    def test_predictions(self, hostile_faces: Path, hostile_model: Path, charset: str) -> None:
        runner = CliRunner(charset=charset)
        args = ["predict", str(hostile_faces), "--model", str(hostile_model)]
        result = runner.invoke(main, [*args, "--all"])
        assert result.exit_code == 1  # one file is broken
        assert_printable(result, charset)
        lines = result.stdout.splitlines()
        assert len(lines) == 8
        assert all(r"\udcff\x1b[2J.png" in line and ":smile:" in line for line in lines)
        error, counted = result.stderr.splitlines()
        assert error.startswith("Error: ")
        assert r"broken\udcff\x1b[5m.png: not an image" in error
        assert counted.startswith("Error: 1 of 9 photos could not be read")

        result = runner.invoke(main, [*args, "--json"])
        assert_printable(result, charset)
        rows = json.loads(result.stdout_bytes.decode(charset))
        assert all(Path(row["path"]).is_file() for row in rows)
        assert len({row["path"] for row in rows}) == 9
        labels = {label for row in rows if "error" not in row for label in row["probabilities"]}
        assert labels == {os.fsdecode(b"a\xff[red]"), "b\x1b[31m\r\nError: :smile:"}

    @pytest.mark.parametrize("charset", ["utf-8", "ascii"])
    @pytest.mark.parametrize("command", ["evaluate", "audit"])
    def test_scores_audits_and_reports(
        self, hostile_faces: Path, hostile_model: Path, tmp_path: Path, command: str, charset: str
    ) -> None:
        paths = [tmp_path / os.fsdecode(b"r\xff.") / x for x in ("r.html", "r.md", "r.json")]
        paths[0].parent.mkdir()
        args = [command, hostile_faces, "--layout", "folder", "--on-error", "skip", "--force"]
        args += ["--model", hostile_model]
        runner = CliRunner(charset=charset)
        reports = [option for path in paths for option in ("--report", path)]
        result = runner.invoke(main, list(map(str, [*args, *reports])))
        assert result.exit_code == 0, result.output
        assert_printable(result, charset)
        assert r"a\udcff[red]" in result.stdout
        assert ":smile:" in result.stdout
        assert result.stdout.splitlines()[0].endswith(r"da\x1b]0;x\x07ta\udcfe")
        for path in paths:
            text = path.read_text(encoding="utf-8")
            assert printable_lines(text) == text

        result = runner.invoke(main, list(map(str, [*args, "--json"])))
        assert_printable(result, charset)
        assert json.loads(result.stdout_bytes.decode(charset))["data"] == str(hostile_faces)

    def test_errors_and_misuse(self, hostile_model: Path) -> None:
        name = os.fsdecode(b"no\xff\x1b[31m\x07.png")
        shown = r"no\udcff\x1b[31m\x07"
        assert_fails(run("predict", "x.png", "--model", name), shown)
        assert_fails(run("predict", "x.png", f"--{name}", "1"), shown, code=2)
        assert_fails(run("evaluate", name, "--model", hostile_model), shown)
        assert_fails(run("train", name), shown)
        for args in (("predict", "x.png", "--model", name), ("predict", "x.png", f"--{name}")):
            assert_printable(run(*args))


class TestThisProgram:
    """A command that is told to be typed next has to be found by the shell."""

    @pytest.fixture
    def program(self, tmp_path: Path) -> Path:
        path = tmp_path / "a venv" / "bin" / "ferclassifier"
        path.parent.mkdir(parents=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return path

    def test_its_path_where_a_shell_finds_none(
        self, program: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "argv", [str(program), "demo"])
        monkeypatch.setenv("PATH", str(program.parent.parent))
        assert this_program() == f"'{program}'"

    def test_its_name_where_a_shell_finds_it(
        self, program: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "argv", [str(program), "demo"])
        monkeypatch.setenv("PATH", str(program.parent))
        assert this_program() == "ferclassifier"

    def test_its_name_where_something_else_runs_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "argv", ["/usr/bin/pytest"])
        assert this_program() == "ferclassifier"
