"""The examples run, in a short form."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import warnings
from pathlib import Path

import matplotlib
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
    "plot_photos.py": (["--short"], "accuracy on faces not seen:"),
    "plot_pipeline.py": (["--short"], "with StandardScaler:"),
    "plot_votes.py": (["--short"], "Divergence from the votes"),
    "plot_voting.py": (["--short"], "ensemble"),
    "train_and_evaluate.py": (["--samples", "84", "--epochs", "1"], "macro avg"),
}


# Its workers import the file that was started, which has to be the example.
IN_A_PROCESS = {"plot_dask_search.py"}


@pytest.mark.parametrize("name", sorted(RUNS.keys() - IN_A_PROCESS))
def test_example(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    """In this process: importing TensorFlow and compiling takes longer than a short example."""
    arguments, printed = RUNS[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    matplotlib.use("Agg")
    with warnings.catch_warnings(), matplotlib.rc_context():
        warnings.simplefilter("default")
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert printed in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(IN_A_PROCESS))
def test_example_in_a_process(tmp_path: Path, name: str) -> None:
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
