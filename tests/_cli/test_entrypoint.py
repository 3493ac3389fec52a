"""The command without a command: its help and its version, quickly."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from ferclassifier import __version__
from ferclassifier._cli import main
from helpers import assert_fails, run, start


class TestHelp:
    @pytest.mark.parametrize("args", [(), ("--help",), ("-h",)])
    def test_without_a_command_help_is_printed(self, args: tuple[str, ...]) -> None:
        result = run(*args)
        assert result.exit_code == 0
        for word in ("demo", "train", "evaluate", "predict", "Examples:"):
            assert word in result.stdout

    @pytest.mark.parametrize("command", ["demo", "train", "evaluate", "predict", "crop"])
    def test_every_command_and_option_is_explained(self, command: str) -> None:
        assert run(command, "--help").exit_code == 0
        parameters = main.get_command(click.Context(main), command).params  # type: ignore[union-attr]
        assert all(p.help for p in parameters if isinstance(p, click.Option))

    def test_version(self) -> None:
        assert run("--version").stdout == f"ferclassifier {__version__}\n"

    def test_module_is_the_same_command(self) -> None:
        process = start("--help")
        stdout, stderr = process.communicate()
        assert (stdout, stderr, process.returncode) == (run("--help").stdout, "", 0)

    @pytest.mark.parametrize(
        ("args", "allowed"), [(["--help"], set()), (["train", "--help"], {"sklearn", "pandas"})]
    )
    def test_help_loads_nothing_heavy(self, args: list[str], allowed: set[str]) -> None:
        code = (
            "import sys\nfrom ferclassifier._cli import main\n"
            f"try:\n    main({args})\nexcept SystemExit:\n    pass\n"
            "print({'tensorflow', 'keras', 'scikeras', 'sklearn', 'pandas'} & set(sys.modules))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        assert eval(done.stdout.splitlines()[-1]) <= allowed


def test_a_command_that_is_misspelt_is_told_which_was_meant() -> None:
    result = run("predikt", "photo.jpg")
    assert_fails(result, "No such command 'predikt'. (Did you mean 'predict'?)", code=2)
