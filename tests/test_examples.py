"""The examples run, in a short form."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import REPOSITORY

EXAMPLES = REPOSITORY / "examples"

# Each example with its arguments and something that it prints near its end.
RUNS = {
    "plot_audit.py": (["--short"], "training images"),
    "plot_calibration.py": (["--short"], "calibrated: log-loss"),
    "plot_dask_search.py": (["--short"], "learning rate 0.0100: accuracy"),
    "plot_dataframe.py": (["--short"], "gradient boosting:"),
    "plot_grid_search.py": (["--short"], "mean_test_score"),
    "plot_imbalance.py": (["--short"], "AugmentingOverSampler"),
    "plot_inspection.py": (["--short"], "linear: accuracy"),
    "plot_pipeline.py": (["--short"], "with StandardScaler:"),
    "plot_voting.py": (["--short"], "ensemble"),
    "train_and_evaluate.py": (["--samples", "160", "--epochs", "1"], "macro avg"),
}


@pytest.mark.parametrize("name", RUNS)
def test_example(tmp_path: Path, name: str) -> None:
    arguments, printed = RUNS[name]
    run = subprocess.run(
        [sys.executable, EXAMPLES / name, *arguments],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert printed in run.stdout


def test_every_example_is_run() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(RUNS)
