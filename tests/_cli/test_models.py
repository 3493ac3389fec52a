"""The command line: released models are listed, described and used by name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferclassifier import FERClassifier, load_pretrained, pretrained
from ferclassifier._cli.commands import models
from ferclassifier._files import released
from helpers import facts_of, patterns, run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, fitted: FERClassifier, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two released models."""
    monkeypatch.setattr(released, "_FOLDER", tmp_path)
    for name in ("best", "compact"):
        (tmp_path / f"{name}.json").write_text(facts_of(name).to_json())
        fitted.save(tmp_path / f"{name}.safetensors")
    return tmp_path


def test_all_are_listed_with_their_figures() -> None:
    result = run("models")
    assert result.exit_code == 0, result.output
    scores = facts_of("best").scores["all"]
    low, high = (100 * share for share in scores.accuracy_interval)
    for name in ("best", "compact"):
        line = next(line for line in result.stdout.splitlines() if line.startswith(name))
        assert f"{100 * scores.accuracy:.1f} % [{low:.1f}, {high:.1f}]" in line
        for figure in (f"{scores.macro_f1:.3f}", "0.00 M", "7.9 MB"):
            assert figure in line
        assert f"{name}: A small network [for tests]." in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_speed_is_told_where_it_is_known(folder: Path) -> None:
    (folder / "best.json").write_text(facts_of("best", speed="2 ms an image").to_json())
    assert "best: A small network [for tests]; 2 ms an image." in run("models").stdout


def test_accuracies_on_other_labels_are_told_apart(folder: Path) -> None:
    (folder / "best.json").write_text(facts_of("best", labels="FER+").to_json())
    told = " ".join(run("models").stdout.split())
    assert "best: A small network [for tests]; scored by what most of ten people say" in told
    assert "compact: A small network [for tests]." in told


def test_json_has_all_facts() -> None:
    told = json.loads(run("models", "--json").stdout)
    assert told == {name: json.loads(facts_of(name).to_json()) for name in ("best", "compact")}
    assert json.loads(run("models", "best", "--json").stdout) == told["best"]


def test_a_card_is_plain_markdown_in_a_pipe() -> None:
    assert run("models", "best").stdout == pretrained.model_card("best")


def test_a_card_is_laid_out_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    models._print_card("# Model card: best\n\n- **Input**: faces\n")
    shown = capsys.readouterr().out
    assert "Model card: best" in shown
    assert "**" not in shown


@pytest.mark.parametrize(
    "command", [("models", "compct"), ("predict", "x.png", "--model", "compct")]
)
def test_an_unknown_name_is_an_error_of_one_line(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(patterns(1)[0][0]).save("x.png")
    result = run(*command)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "['best', 'compact']. Did you mean 'compact'?" in result.stderr


def test_no_models_are_said_to_be_none(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    assert run("models").stdout == "No trained models came with this installation.\n"
    assert json.loads(run("models", "--json").stdout) == {}


def test_faces_are_predicted_by_name(tmp_path: Path) -> None:
    X, _ = patterns(1)
    path = tmp_path / "x.png"
    Image.fromarray(X[0]).save(path)
    (told,) = json.loads(run("predict", path, "--model", "best", "--json").stdout)
    expected = load_pretrained("best").predict_proba(X)[0]
    np.testing.assert_allclose(list(told["probabilities"].values()), expected, atol=1e-4)


def test_ensembles_predict_too(folder: Path) -> None:
    members = {"best": 1.0, "compact": 1.0}
    facts = facts_of("ensemble", members=members, temperature=1.0, test_time_augmentation=None)
    (folder / "ensemble.json").write_text(facts.to_json())
    path = folder / "x.png"
    Image.fromarray(patterns(1)[0][0]).save(path)
    results = [run("predict", path, "--model", name).stdout for name in ("best", "ensemble")]
    assert results[0] == results[1] != ""
