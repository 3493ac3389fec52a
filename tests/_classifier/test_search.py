"""Searching for parameters: grids, halving, Optuna, and two processes."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from typing import Any

import joblib
import numpy as np
import optuna
import pytest
from imblearn.pipeline import make_pipeline
from numpy.testing import assert_array_equal
from optuna.distributions import FloatDistribution
from optuna_integration import KerasPruningCallback, OptunaSearchCV
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV

from ferclassifier import AugmentingOverSampler
from helpers import REPOSITORY, patterns, threads_of_tensorflow, tiny_classifier

GOOD, BAD = 0.02, 1e-6


def test_grid_over_what_a_network_is_made_of() -> None:
    X, y = patterns(40, n_classes=2)
    clf = tiny_classifier(architecture_params={"filters": (8,)}, epochs=2)
    model = make_pipeline(AugmentingOverSampler(random_state=0), clf)
    grid = {
        "ferclassifier__architecture": ["gap_cnn", "mini_xception"],
        "ferclassifier__learning_rate": [GOOD, BAD],
        "ferclassifier__augmentation": [None, "light"],
        "ferclassifier__class_weight": [None, "balanced"],
        "augmentingoversampler__strength": ["light"],
    }
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, y)
    assert len(search.cv_results_["params"]) == 16
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_params_["ferclassifier__learning_rate"] == GOOD


def test_halving_gives_more_epochs_to_fewer_candidates() -> None:
    X, y = patterns(60)
    search = HalvingGridSearchCV(
        tiny_classifier(),
        {"learning_rate": [GOOD, BAD, 1e-7, 1e-8]},
        resource="epochs",
        min_resources=3,
        max_resources=12,
        factor=2,
        cv=2,
        error_score="raise",
        random_state=0,
    ).fit(X, y)
    assert search.n_resources_ == [3, 6, 12]
    assert search.n_candidates_ == [4, 2, 1]
    assert search.best_params_ == {"learning_rate": GOOD, "epochs": 12}
    assert search.best_estimator_.n_iter_ == 12


@pytest.fixture
def quiet_optuna() -> Any:
    """Optuna without its lines, and without its warnings about itself."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="optuna")
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        yield
    optuna.logging.set_verbosity(verbosity)


class Listed(optuna.samplers.BaseSampler):
    """Suggest listed values, one after another."""

    def __init__(self, values: list[float]) -> None:
        self._values = iter(values)

    def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
        return {}

    def sample_relative(self, study: Any, trial: Any, search_space: Any) -> Any:
        return {}

    def sample_independent(self, study: Any, trial: Any, name: str, distribution: Any) -> Any:
        return next(self._values)


def study_of(values: list[float]) -> Any:
    pruner = optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=1)
    return optuna.create_study(direction="maximize", sampler=Listed(values), pruner=pruner)


def states(study: Any) -> list[str]:
    return [trial.state.name for trial in study.trials]


@pytest.mark.usefixtures("quiet_optuna")
def test_optuna_prunes_between_epochs() -> None:
    X, y = patterns(60)
    study = study_of([GOOD, BAD])
    search = OptunaSearchCV(
        tiny_classifier(),
        {"learning_rate": FloatDistribution(1e-7, 0.1, log=True)},
        cv=2,
        n_trials=2,
        enable_pruning=True,
        max_iter=8,
        study=study,
        random_state=0,
        error_score="raise",
    ).fit(X, y)
    assert states(study) == ["COMPLETE", "PRUNED"]
    assert len(study.trials[0].intermediate_values) == 8
    assert len(study.trials[1].intermediate_values) < 8
    assert search.best_params_ == {"learning_rate": GOOD}
    assert search.score(X, y) > 0.9


@pytest.mark.usefixtures("quiet_optuna")
def test_optuna_prunes_a_fit_with_its_schedule_and_in_a_pipeline() -> None:
    X, y = patterns(60)
    models = []

    def objective(trial: Any) -> float:
        rate = trial.suggest_float("learning_rate", 1e-7, 0.1, log=True)
        clf = tiny_classifier(
            learning_rate=rate,
            early_stopping=True,
            validation_fraction=0.3,
            callbacks=[KerasPruningCallback(trial, "val_accuracy")],
        )
        models.append(make_pipeline(AugmentingOverSampler(random_state=0), clf))
        return float(max(models[-1].fit(X, y)[-1].history_["val_accuracy"]))

    study = study_of([GOOD, BAD])
    study.optimize(objective, n_trials=2)
    assert states(study) == ["COMPLETE", "PRUNED"]
    assert models[0][-1].n_iter_ == 12
    assert not models[1][-1].__sklearn_is_fitted__()


def test_two_processes_share_the_processor_and_give_the_same_scores() -> None:
    X, y = patterns(60)
    grid = {"learning_rate": [GOOD, BAD], "epochs": [2, 4]}
    searches = [
        GridSearchCV(tiny_classifier(), grid, cv=2, n_jobs=n_jobs, error_score="raise").fit(X, y)
        for n_jobs in (1, 2)
    ]
    alone, together = (search.cv_results_["mean_test_score"] for search in searches)
    assert_array_equal(together, alone)
    share = max(joblib.cpu_count() // 2, 1)
    with joblib.parallel_config("loky", n_jobs=2):
        threads = joblib.Parallel()(joblib.delayed(threads_of_tensorflow)() for _ in range(2))
    assert threads == [(share, share)] * 2
    assert "TF_NUM_INTRAOP_THREADS" not in os.environ


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"OMP_NUM_THREADS": "3"}, (3, 3)),
        ({"OMP_NUM_THREADS": "3", "TF_NUM_INTRAOP_THREADS": "2"}, (0, 3)),
    ],
)
def test_threads_follow_what_a_worker_was_given(
    environment: dict[str, str], expected: tuple[int, int]
) -> None:
    """0 is TensorFlow's own choice: its variable, or all cores."""
    clean = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    run = subprocess.run(
        [sys.executable, "-c", "from helpers import *; print(threads_of_tensorflow())"],
        cwd=REPOSITORY / "tests",
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == str(expected)
