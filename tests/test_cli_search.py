"""The command ``search``: what it finds is what GridSearchCV finds, and errors come early."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from sklearn.model_selection import GridSearchCV

from ferclassifier import FERClassifier, _cli, load_fer2013

FIXED: dict[str, Any] = {
    "architecture": "gap_cnn",
    "architecture_params": {"filters": [8], "dense": 16},
    "augmentation": None,
    "precision": "float32",
    "optimizer": "adam",
    "epochs": 2,
}
AS_TOML = """
[fixed]
architecture = "gap_cnn"
architecture_params = { filters = [8], dense = 16 }
augmentation = "none"
precision = "float32"
optimizer = "adam"
epochs = 2
"""


def run(*args: object) -> Result:
    return CliRunner().invoke(_cli.main, ["search", *map(str, args)])


def assert_fails(result: Result, *words: str, code: int = 1) -> None:
    """Assert an error of one line, without a traceback, that holds these words."""
    assert result.exit_code == code, result.output
    lines = result.stderr.splitlines()
    assert [line for line in lines if line.startswith("Error: ")] == lines[-1:]
    for word in words:
        assert word in lines[-1]


@pytest.fixture
def space(tmp_path: Path) -> Path:
    path = tmp_path / "space.toml"
    path.write_text(f"[space]\nlearning_rate = [0.001, 0.01]\n{AS_TOML}[search]\ncv = 2\n")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("search")


@pytest.fixture(scope="module")
def result(csv: Path, folder: Path) -> Result:
    space = folder / "space.toml"
    space.write_text(
        "[space]\nlearning_rate = [0.001, 0.01]\n"
        f'test_time_augmentation = ["none", "flip"]\n{AS_TOML}'
    )
    outputs = ("--output", folder / "results.csv", "--model", folder / "best.joblib")
    return run(csv, "--space", space, "--cv", 2, "--scoring", "f1_macro", "--seed", 0, *outputs)


@pytest.fixture(scope="module")
def expected(csv: Path) -> GridSearchCV:
    train = load_fer2013(csv)
    grid = {"learning_rate": [0.001, 0.01], "test_time_augmentation": [None, "flip"]}
    clf = FERClassifier(**FIXED, random_state=0)
    search = GridSearchCV(clf, grid, cv=2, scoring="f1_macro")
    return search.fit(train.images, train.target_names[train.target])


def test_scores_are_those_of_grid_search(
    result: Result, expected: GridSearchCV, folder: Path
) -> None:
    assert result.exit_code == 0, result.output
    table = pd.read_csv(folder / "results.csv")
    assert set(table) == set(expected.cv_results_)
    for name in ("split0_test_score", "split1_test_score", "rank_test_score"):
        np.testing.assert_allclose(table[name], expected.cv_results_[name], rtol=1e-12)


def test_model_is_the_best_candidate_fitted_on_all_images(
    result: Result, expected: GridSearchCV, folder: Path, csv: Path
) -> None:
    assert f"Next: ferclassifier evaluate {csv} --model" in result.stdout
    clf = joblib.load(folder / "best.joblib")
    images = load_fer2013(csv).images
    np.testing.assert_array_equal(clf.predict_proba(images), expected.predict_proba(images))


def test_table_is_ranked_and_shows_what_varies(result: Result) -> None:
    lines = result.stdout.splitlines()
    heading = next(i for i, line in enumerate(lines) if line.startswith("rank"))
    assert lines[heading].split()[:3] == ["rank", "f1_macro", "std"]
    assert lines[heading].split()[-2:] == ["learning_rate", "test_time_augmentation"]
    rows = [line.split() for line in lines[heading + 2 : heading + 6]]
    assert [row[0] for row in rows] == ["1", "2", "3", "4"]
    scores = [float(row[1]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert {(row[4], row[5]) for row in rows} == {
        (rate, views) for rate in ("0.001", "0.01") for views in ("none", "flip")
    }
    assert "8 fits in " in result.stdout


def test_progress_goes_to_stderr(result: Result) -> None:
    assert "Done   8 out of   8" in result.stderr
    assert "Done" not in result.stdout


def test_nothing_else_is_written(result: Result, folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names == {"space.toml", "results.csv", "best.joblib"}


def test_halving_gives_the_most_epochs_to_the_best(csv: Path, tmp_path: Path) -> None:
    space = tmp_path / "space.toml"
    rates = [1e-6, 1e-5, 1e-3]
    space.write_text(
        f"[space]\nlearning_rate = {rates}\n{AS_TOML}"
        '[search]\nmethod = "halving"\nfactor = 2\ncv = 2\n'
    )
    result = run(csv, "--space", space, "--seed", 0, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [row["params"]["epochs"] for row in told["candidates"]] == [2, 2, 1, 1, 1]
    assert told["best_params"] == told["candidates"][0]["params"]
    assert told["best_score"] == max(row["mean_score"] for row in told["candidates"][:2])
    assert told["n_fits"] == 10


@pytest.mark.filterwarnings("default")
def test_fits_that_fail_are_counted_and_explained(csv: Path, tmp_path: Path) -> None:
    space = tmp_path / "space.toml"
    space.write_text(f'[space]\nclass_weight = ["none", {{ bored = 2 }}]\n{AS_TOML}')
    result = run(csv, "--space", space, "--cv", 2, "--json")
    assert result.exit_code == 0, result.output
    assert "2 fits failed out of a total of 4. ValueError: Got class_weight for" in result.stderr
    assert "Traceback" not in result.stderr
    failed = json.loads(result.stdout)["candidates"][1]
    assert (failed["mean_score"], failed["params"]) == (None, {"class_weight": {"bored": 2}})

    space.write_text(f"[space]\nclass_weight = [{{ bored = 2 }}]\n{AS_TOML}")
    result = run(csv, "--space", space, "--cv", 2)
    assert_fails(result, "All the 2 fits failed. ValueError: Got class_weight for ['bored']")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[space", ["Expected ']'"]),
        ("", ["Got no [space]", "learning_rate = [0.02, 0.08]"]),
        ("[space]\n", ["Got no [space]"]),
        ("space = 3", ["Got space = 3", "expected a table [space]"]),
        ("[spaces]\nepochs = [1]", ["the table spaces", "fixed, search, space"]),
        ("[space]\nrate = [1]", ["Got [space] rate", "learning_rate"]),
        ("[space]\nverbose = [1]", ["Got [space] verbose"]),
        ("[space]\nepochs = 3", ["[space] epochs: Got 3", "a list of one or more values"]),
        ("[space]\nepochs = []", ["[space] epochs: Got []", "a list of one or more values"]),
        ("[space]\nepochs = [3, 'x']", ["[space] epochs: ", "must be an int", "Got 'x'"]),
        ("[space]\nepochs = ['none']", ["[space] epochs: ", "must be an int", "Got 'none'"]),
        ("[space]\narchitecture = ['lenet']", ["[space] architecture: Got 'lenet'", "compact"]),
        ("[space]\naugmentation = [{ tilt = 3 }]", ["[space] augmentation: ", "'tilt'"]),
        ("[space]\naugmentation = [{ flip = 'x' }]", ["[space] augmentation: "]),
        ("[space]\nepochs = [1]\n[fixed]\nepochs = 2", ["epochs in [fixed] and in [space]"]),
        ("[space]\nepochs = [1]\n[fixed]\nloss = 'mse'", ["[fixed] loss: ", "'focal'"]),
        ("[space]\nepochs = [1]\n[search]\ncv = 1", ["[search] cv: Got 1", "from 2 on"]),
        ("[space]\nepochs = [1]\n[search]\ncv = true", ["[search] cv: Got True"]),
        ("[space]\nepochs = [1]\n[search]\nscoring = 'acc'", ["scoring: Got 'acc'", "'accuracy'"]),
        ("[space]\nepochs = [1]\n[search]\nscoring = [1]", ["scoring: Got [1]"]),
        ("[space]\nepochs = [1]\n[search]\nmethod = 'random'", ["method: Got 'random'"]),
        ("[space]\nepochs = [1]\n[search]\nfactor = 2", ["Got [search] factor"]),
        ("[space]\nepochs = [1]\n[search]\nmethod = 'halving'", ["[space] epochs: halving"]),
        (
            "[space]\narchitecture = ['compact', 'gap_cnn']\n"
            "[fixed]\narchitecture_params = { dense = 8 }",
            ["architecture_params: Got architecture_params with 'dense'", "compact takes"],
        ),
    ],
)
def test_space_file_is_checked_before_the_data_are_read(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    space = tmp_path / "space.toml"
    space.write_text(text)
    assert_fails(run(tmp_path / "no-data", "--space", space), f"{space}: ", *words)


def test_misuse(space: Path, csv: Path, tmp_path: Path) -> None:
    common = (csv, "--space", space)
    assert_fails(run(csv), "--space", code=2)
    assert_fails(run(*common, "--scoring", "acc"), "'acc' is not one of accuracy,", code=2)
    assert_fails(run(*common, "--n-jobs", 2, "--scheduler", "x:1"), "--n-jobs", code=2)
    assert_fails(run(csv, "--space", tmp_path / "none.toml"), "none.toml: No such file")
    assert_fails(run(*common, "--output", space), "exists", "--force")
    assert_fails(run(*common, "--model", tmp_path / "no" / "x"), "there is no folder")
    space.write_text("[space]\nrandom_state = [0, 1]\n")
    assert_fails(run(*common, "--seed", 0), "random_state", code=2)
    assert list(tmp_path.iterdir()) == [space]


@pytest.mark.parametrize(
    ("address", "reason"),
    [("tcp://127.0.0.1:1", "no Dask scheduler answers"), ("localhost", "missing port number")],
)
def test_scheduler_that_does_not_answer_is_said_within_seconds(
    space: Path, tmp_path: Path, address: str, reason: str
) -> None:
    start = time.monotonic()
    result = run(tmp_path / "no-data", "--space", space, "--scheduler", address)
    assert time.monotonic() - start < 30
    assert_fails(result, f"{address}: ", reason)


def test_dask_that_is_missing_is_said(
    space: Path, csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = run(csv, "--space", space, "--scheduler", "localhost:8786")
    assert_fails(result, 'pip install "ferclassifier[dask]"')


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_what_is_not_finished_leaves_nothing(
    space: Path, csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Any
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    monkeypatch.setattr(GridSearchCV, "fit", lambda search, X, y: search)
    monkeypatch.setattr(GridSearchCV, "cv_results_", one_candidate(), raising=False)
    result = run(csv, "--space", space, "--output", tmp_path / "results.csv")
    assert result.exit_code == (130 if failure is KeyboardInterrupt else 1)
    assert list(tmp_path.iterdir()) == [space]


def one_candidate() -> dict[str, Any]:
    names = ("mean_test_score", "std_test_score", "mean_fit_time", "rank_test_score")
    return {"params": [{"learning_rate": 0.1}], **{name: [1.0] for name in names}}


def test_help_says_that_a_scheduler_runs_code() -> None:
    text = " ".join(run("--help").stdout.split())
    assert "use one in a network that you trust" in text
    assert '"none" stands for None' in text
