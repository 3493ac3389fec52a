"""Reports of commands: every form is written, and what cannot be is said before the work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ferclassifier import EMOTIONS
from helpers import assert_fails, run


class TestEvaluate:
    def test_every_form_of_a_report_is_written(
        self, doubled: Path, model_of_codes: Path, tmp_path: Path
    ) -> None:
        paths = [tmp_path / f"report.{suffix}" for suffix in ("html", "md", "json")]
        options = [option for path in paths for option in ("--report", path)]
        result = run("evaluate", doubled, "--model", model_of_codes, *options)
        assert result.exit_code == 0, result.output
        assert result.stdout.endswith(f"Wrote {paths[0]} and {paths[1]} and {paths[2]}.\n")
        page, text, numbers = (path.read_text(encoding="utf-8") for path in paths)
        assert page.startswith("<!DOCTYPE html>")
        assert text.startswith("# How model.joblib recognises 15 faces")
        scores = json.loads(numbers)["scores"]
        assert list(scores["classes"]) == list(EMOTIONS)
        assert scores["n_in_training"] == 1
        told = json.loads(run("evaluate", doubled, "--model", model_of_codes, "--json").stdout)
        assert {name: told[name] for name in scores} == scores

    def test_with_json_nothing_else_is_printed(
        self, doubled: Path, model_of_codes: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "report.html"
        result = run("evaluate", doubled, "--model", model_of_codes, "--report", path, "--json")
        assert json.loads(result.stdout)["n_images"] == 15
        assert path.exists()

    @pytest.mark.parametrize("command", ["evaluate", "audit"])
    def test_what_cannot_be_written_is_said_before_the_work(
        self, command: str, doubled: Path, model_of_codes: Path, tmp_path: Path
    ) -> None:
        there = tmp_path / "there.html"
        there.write_text("old")
        no_model = ["--model", tmp_path / "none.joblib"]  # which would be said later
        for name, words in (
            ("report.pdf", ["report.pdf", ".html, .md or .json"]),
            ("nowhere/report.html", ["there is no folder"]),
            ("there.html", ["the file exists; add --force"]),
        ):
            assert_fails(run(command, doubled, *no_model, "--report", tmp_path / name), *words)
        assert there.read_text() == "old"
        options = ["--report", there, "--force"]
        assert run(command, doubled, "--model", model_of_codes, *options).exit_code == 0
        assert there.read_text().startswith("<!DOCTYPE html>")

    def test_what_is_missing_is_named(
        self, doubled: Path, model_of_codes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
        result = run(
            "evaluate", doubled, "--model", model_of_codes, "--report", tmp_path / "report.html"
        )
        assert_fails(result, "jinja2", 'pip install "ferclassifier[report]"')
