"""The command ``search``: what it finds is what GridSearchCV finds, and errors come early."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from sklearn.model_selection import GridSearchCV

from ferclassifier import FERClassifier, load_fer2013
from ferclassifier._cli.commands import search as search_command
from ferclassifier._cli.search_parameters import REFUSED
from ferclassifier._cli.search_plan import read_plan
from ferclassifier._files.search_scores import SearchScores
from helpers import (
    INTERRUPTIONS,
    assert_fails,
    assert_session_has_ended,
    shows_sessions,
    start_in_foreground,
)
from helpers import run as run_command

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
    return run_command("search", *args)


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
    return search.fit(train.images, train.target)


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
    assert "8 of 8 fits done after " in result.stderr
    assert "fits done" not in result.stdout
    assert "Parallel" not in result.output  # which joblib begins its lines with


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
        (
            "[space]\narchitecture_params = [{ filters = [8.5] }]",
            ["architecture_params: Got filters=[8.5]", "small_resnet takes whole numbers"],
        ),
        (
            "[space]\narchitecture_params = [{ dropout = true }]",
            ["architecture_params: Got dropout=True", "small_resnet takes numbers"],
        ),
        (
            "[space]\narchitecture_params = [{ dropout = 1.5 }]",
            ["architecture_params: Got {'dropout': 1.5}", "there is no network small_resnet"],
        ),
        (
            "[space]\ninitial_weights = ['compact']\n[fixed]\narchitecture = 'gap_cnn'",
            ["initial_weights: Got architecture='gap_cnn'", "those of 'compact'"],
        ),
    ],
)
def test_space_file_is_checked_before_the_data_are_read(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    space = tmp_path / "space.toml"
    space.write_text(text)
    assert_fails(run(tmp_path / "no-data", "--space", space), f"{space}: ", *words)


@pytest.mark.parametrize("table", ["space", "fixed"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("checkpoint", "cannot set: it is the file of one fit"),
        ("callbacks", "cannot set: "),
        ("distillation_weight", "cannot set: "),
        ("verbose", "cannot set: "),
        ("warm_start", "cannot set: "),
        ("n_jobs", "expected only architecture, "),
        ("classifier__checkpoint", "expected only architecture, "),
    ],
)
def test_what_is_no_searchs_to_set_is_refused_by_name(
    tmp_path: Path, table: str, name: str, words: str
) -> None:
    """Candidates went on from each other's checkpoint, or failed on it."""
    space = tmp_path / "space.toml"
    value = "['x']" if table == "space" else "'x'"
    lines = {"space": ["epochs = [1]"], "fixed": []}
    lines[table].append(f"{name} = {value}")
    space.write_text("\n".join(["[space]", *lines["space"], "[fixed]", *lines["fixed"]]))
    assert_fails(run(tmp_path / "no-data", "--space", space), f"Got [{table}] {name}, ", words)


LONG = "a" * 10**6
MANY = "".join(
    f"{name} = [{'0.1,' * 50}]\n"
    for name in ("mixup", "weight_decay", "label_smoothing", "learning_rate")
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("learning_rate = [true]", ["learning_rate: Got True", "a float"]),
        ("random_state = [true]", ["random_state: Got True", "an int"]),
        ("early_stopping = [1]", ["early_stopping: Got 1"]),
        ("learning_rate = [inf]", ["learning_rate: Got inf"]),
        ("weight_decay = [nan]", ["weight_decay: Got nan"]),
        ("mixup = [1e999]", ["mixup: Got inf"]),
        (f"epochs = [{10**400}]", ["epochs: Got 1000", "[1, 2147483647]"]),
        (f"learning_rate = [{10**400}]", ["learning_rate: Got 1000"]),
        (f"epochs = [0x{'f' * 9999}]", ["epochs: Got a number of too many digits"]),
        (f"epochs = [{'9' * 9999}]", ["no TOML", "digits"]),
        ("class_weight = [{ a = 'x' }]", ["class_weight: Got class_weight['a']='x'"]),
        ("class_weight = [{ a = true }]", ["class_weight: Got class_weight['a']=True"]),
        ("class_weight = [{ a = -1 }]", ["class_weight: Got class_weight['a']=-1"]),
        ("class_weight = [{ a = nan }]", ["class_weight: Got class_weight['a']=nan"]),
        ("class_weight = [{ a = { b = 1 } }]", ["class_weight: Got class_weight['a']={'b': 1}"]),
        ("augmentation = [{ flip = true }]", ["augmentation: Got augmentation['flip']=True"]),
        ("augmentation = [{ zoom = nan }]", ["augmentation: Got augmentation['zoom']=nan"]),
        ("architecture_params = [{ dense = 'x' }]", ["architecture_params['dense'] is 'x'"]),
        ("architecture_params = [{ dropout = inf }]", ["architecture_params['dropout'] is inf"]),
        ("image_shape = [48]", ["image_shape: Got 48"]),
        ("image_shape = [[48]]", ["image_shape: Got image_shape=[48]", "(height, width)"]),
        ("image_shape = [[48, 48, 2]]", ["image_shape: Got image_shape=[48, 48, 2]", "1 or 3"]),
        ("image_shape = [[48.0, true]]", ["image_shape: Got image_shape=[48.0, True]"]),
        ("image_shape = [[]]", ["image_shape: Got image_shape=[]"]),
        ("initial_weights = ['/etc/passwd']", ["initial_weights: Got '/etc/passwd'", "'compact'"]),
        ("initial_weights = ['ensemble']", ["initial_weights: Got 'ensemble'", "'compact'"]),
        ("epochs = [1979-05-27]", ["epochs: Got datetime.date(1979, 5, 27)"]),
        ("epochs = [1]\nepochs = [2]", ["no TOML", "overwrite"]),
        (f"epochs = {'[' * 10**5}{']' * 10**5}", ["nested too deeply"]),
        (f"epochs = [{'[' * 200}1{']' * 200}]", ["epochs: Got [[[", "an int"]),
        (f"augmentation = [{'{ a = ' * 9999}1{' }' * 9999}]", ["nested too deeply"]),
        # A megabyte of these would take hours, and all memory.
        (f"epochs{'.a' * 2000} = 1", ["a key has more than 50 parts"]),
        ("epochs = [1]\n[search]\nscoring = 'acuracy'", ["one of 'accuracy', ", " more."]),
        (f"optimizer = ['{LONG}']", ["optimizer: Got 'aaa", "'sgd'"]),
        (f"architecture = ['{LONG}']", ["architecture: Got 'aaa", "'compact'"]),
        (f"{LONG} = [1]", ["Got [space] aaa", "expected only architecture"]),
        (f"augmentation = [{{ {LONG} = 1 }}]", ["augmentation: Got augmentation with 'aaa"]),
        (f"class_weight = [{{ {LONG} = 'x' }}]", ["class_weight: Got class_weight['aaa"]),
        (f"architecture_params = [{{ {LONG} = 1 }}]", ["Got architecture_params with 'aaa"]),
        (f"epochs = [{'1,' * 10**6}]", ["more than 1,048,576 bytes"]),
        (MANY, ["more than 10,000 combinations"]),
        (f"epochs = [{'1,' * 10_001}]", ["more than 10,000 combinations"]),
        ('epochs = ["\\u001b[31m\\u202e"]', [r"epochs: Got '\x1b[31m\u202e'"]),
        ('"\\u001b[31m\\n" = [1]', [r"Got [space] \x1b[31m\n, but"]),
        ("epochs = [1]\n[search]\ncv = 1e3", ["cv: Got 1000.0"]),
        (f"epochs = [1]\n[search]\ncv = {10**400}", ["cv: Got 1000", "1,000,000"]),
        (f"epochs = [1]\n[search]\nmethod = '{LONG}'", ["method: Got 'aaa"]),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_no_fit_can_take_is_said_in_one_short_line(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    """Booleans passed for numbers, and deep nesting ended in thousands of lines."""
    space = tmp_path / "space.toml"
    space.write_text(f"[space]\n{text}")
    result = run(tmp_path / "no-data", "--space", space)
    assert_fails(result, f"{space}: ", *words)
    assert len(result.stderr.splitlines()[-1]) < 700


@pytest.mark.parametrize("content", [b"\xff\xfe[space]", b"[space]\nloss = ['\xff']", b"\0\0\0"])
def test_what_is_no_text_is_no_space_file(tmp_path: Path, content: bytes) -> None:
    space = tmp_path / "space.toml"
    space.write_bytes(content)
    assert_fails(
        run(tmp_path / "no-data", "--space", space), f"{space}: Got a file that is no TOML"
    )


def test_every_kind_of_value_is_read(tmp_path: Path) -> None:
    path = tmp_path / "space.toml"
    path.write_text(
        """[space]
        architecture = ["compact", "gap_cnn"]
        learning_rate = [0.1, 1, "auto"]
        augmentation = ["none", "light", { flip = 1, rotation = 10 }]
        class_weight = ["none", "sqrt", { a = 1, b = 0.5 }]
        image_shape = ["none", [48, 48], [48, 48, 1]]
        average_weights = [true, 0.99]
        random_state = ["none", 0]
        [fixed]
        early_stopping = true
        initial_weights = "none"
        architecture_params = { filters = [8, 8], dropout = 0.1 }
        """
    )
    plan = read_plan(path)
    assert plan.space["learning_rate"] == [0.1, 1, "auto"]
    assert plan.space["augmentation"] == [None, "light", {"flip": 1, "rotation": 10}]
    assert plan.space["class_weight"] == [None, "sqrt", {"a": 1, "b": 0.5}]
    assert plan.space["image_shape"] == [None, [48, 48], [48, 48, 1]]
    assert plan.space["average_weights"] == [True, 0.99]
    assert plan.space["random_state"] == [None, 0]
    assert plan.fixed["early_stopping"] is True
    assert plan.fixed["initial_weights"] is None
    plan.check_architectures()


def test_help_tells_what_a_file_may_set() -> None:
    text = " ".join(run("--help").stdout.split())
    assert all(name in text for name in REFUSED)


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


class TestCheckpoint:
    """A search that is interrupted was lost as a whole."""

    @pytest.fixture(params=["grid", "halving"])
    def given(self, request: Any, csv: Path, tmp_path: Path) -> tuple[object, ...]:
        space = tmp_path / "space.toml"
        method = f'method = "{request.param}"'
        rates = "learning_rate = [0.001, 0.01, 0.02]"
        space.write_text(f"[space]\n{rates}\n{AS_TOML}[search]\ncv = 2\n{method}\n")
        return csv, "--space", space, "--seed", 0, "--output"

    def test_it_goes_on_where_it_was(
        self, given: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expected, found = tmp_path / "expected.csv", tmp_path / "found.csv"
        checkpoint = ("--checkpoint", tmp_path / "search.checkpoint")
        fit, fitted = FERClassifier.fit, []

        def fit_or_stop(clf: FERClassifier, *args: Any) -> FERClassifier:
            if len(fitted) in (2, 4):
                fitted.append("interrupted")
                # On the way joblib replaces an interruption by an error of its own.
                signal.raise_signal(signal.SIGTERM)
            fitted.append("fitted")
            return fit(clf, *args)

        assert run(*given, expected).exit_code == 0
        monkeypatch.setattr(FERClassifier, "fit", fit_or_stop)
        assert run(*given, found, *checkpoint).exit_code == 143
        assert not found.exists()
        result = run(*given, found, *checkpoint)
        assert result.exit_code == 143
        assert f"Going on after 2 fits of {checkpoint[1]}" in result.stdout
        result = run(*given, found, *checkpoint)
        assert result.exit_code == 0, result.output
        tables = [pd.read_csv(path) for path in (expected, found)]
        times = [name for name in tables[0] if name.endswith("_time")]
        assert (tables[1]["mean_fit_time"] > 0.01).all()  # of those, too, that were not made again
        pd.testing.assert_frame_equal(*(t.drop(columns=times) for t in tables), check_exact=True)
        assert fitted.count("fitted") == tables[1].filter(regex=r"^split\d_test").size
        assert not checkpoint[1].exists()

    def test_candidates_may_be_added(self, csv: Path, space: Path, tmp_path: Path) -> None:
        checkpoint, scores = tmp_path / "search.checkpoint", tmp_path / "kept"
        options = ("--space", space, "--seed", 0, "--checkpoint", checkpoint)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SearchScores, "remove", lambda _: None)
            assert run(csv, *options).exit_code == 0
        scores.write_bytes(checkpoint.read_bytes())
        space.write_text(space.read_text().replace("[0.001,", "[0.001, 0.1,"))
        result = run(csv, *options)
        assert (result.exit_code, "Going on after 4 fits" in result.stdout) == (0, True)

        checkpoint.write_bytes(scores.read_bytes())
        result = run(csv, *options, "--scoring", "f1_macro")
        assert_fails(result, f"{checkpoint}: this checkpoint is of another search: scoring is 'f1")
        assert checkpoint.read_bytes() == scores.read_bytes()

    @pytest.mark.parametrize("options", [("--model", "{folder}/best.safetensors"), ("--json",)])
    def test_a_kill_before_the_end_loses_no_score(
        self,
        options: tuple[str, ...],
        csv: Path,
        space: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The scores were removed before they were printed as JSON."""
        checkpoint = tmp_path / "search.checkpoint"
        given = (csv, "--space", space, "--seed", 0, "--checkpoint", checkpoint)
        given = (*given, *(option.format(folder=tmp_path) for option in options))

        def stop(*_: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as killed:
            killed.setattr(FERClassifier, "save", stop)
            killed.setattr(search_command, "print_json", stop)
            assert run(*given).exit_code == 130
        result = run(*given)
        assert result.exit_code == 0, result.output
        assert "Going on after 4 fits" in result.output
        assert not checkpoint.exists()

    def test_several_at_a_time(self, given: tuple[object, ...], tmp_path: Path) -> None:
        """Workers write to the file, and read it."""
        checkpoint = tmp_path / "search.checkpoint"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SearchScores, "remove", lambda _: None)
            options = ("--n-jobs", 2, "--checkpoint", checkpoint)
            result = run(*given, tmp_path / "found.csv", *options)
        assert result.exit_code == 0, result.output
        n_fits = pd.read_csv(tmp_path / "found.csv").filter(regex=r"^split\d_test").size
        assert len({score.fit for score in SearchScores(checkpoint).all()}) == n_fits


@shows_sessions
@pytest.mark.parametrize(("number", "line", "code"), INTERRUPTIONS)
def test_signals_end_workers(number: str, line: str, code: int, csv: Path, tmp_path: Path) -> None:
    space, checkpoint = tmp_path / "space.toml", tmp_path / "search.checkpoint"
    fixed = AS_TOML.replace("epochs = 2", "")
    space.write_text(f"[space]\nepochs = [1, 100_000]\n{fixed}[search]\ncv = 2\n")
    process = start_in_foreground(
        *("search", csv, "--space", space, "--n-jobs", 2, "--checkpoint", checkpoint),
        *("--output", tmp_path / "scores.csv"),
    )
    while not (checkpoint.exists() and list(SearchScores(checkpoint).all())):
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    process.send_signal(getattr(signal, number))
    _, stderr = process.communicate(timeout=60)
    said = [text for text in stderr.splitlines() if text and " fits done after " not in text]
    assert (process.returncode, said) == (code, [line])
    assert_session_has_ended(process.pid)
    assert sorted(tmp_path.iterdir()) == [checkpoint, space]


def one_candidate() -> dict[str, Any]:
    names = ("mean_test_score", "std_test_score", "mean_fit_time", "rank_test_score")
    return {"params": [{"learning_rate": 0.1}], **{name: [1.0] for name in names}}


def test_help_says_that_a_scheduler_runs_code() -> None:
    text = " ".join(run("--help").stdout.split())
    assert "use one in a network that you trust" in text
    assert '"none" stands for None' in text
