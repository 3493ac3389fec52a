"""The examples run as scripts and as notebooks do, cell by cell, in a short form."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import matplotlib
import pytest

from helpers import REPOSITORY

EXAMPLES = REPOSITORY / "examples"
PROJECTS = EXAMPLES / "projects"

# Each example with its arguments and something that it prints near its end.
RUNS = {
    "plot_audit.py": (["--short"], "training images"),
    "plot_calibration.py": (["--short"], "calibrated: log-loss"),
    "plot_dask_search.py": (["--short"], "learning rate 0.0100: accuracy"),
    "plot_dataframe.py": (["--short"], "gradient boosting:"),
    "plot_grid_search.py": (["--short"], "mean_test_score"),
    "plot_imbalance.py": (["--short"], "AugmentingOverSampler"),
    "plot_inspection.py": (["--short"], "linear: accuracy"),
    "plot_onnx.py": (["--short"], "int8: accuracy"),
    "plot_photos.py": (["--short"], "accuracy on faces not seen:"),
    "plot_pipeline.py": (["--short"], "with StandardScaler:"),
    "plot_saliency.py": (["--short"], "brightest"),
    "plot_video.py": (["--short"], "Name: frames"),
    "plot_votes.py": (["--short"], "Divergence from the votes"),
    "plot_voting.py": (["--short"], "ensemble"),
    "start_here.py": ([], "accuracy"),
    "train_and_evaluate.py": (["--samples", "84", "--epochs", "1"], "macro avg"),
    "projects/plot_class_weights.py": ([], "macro avg"),
    "projects/plot_elu_network.py": ([], "the test: accuracy"),
    "projects/plot_plain_cnn.py": ([], "accuracy on the tenth"),
    "projects/plot_teaching_walk.py": ([], "accuracy: "),
    "projects/plot_trained_model.py": ([], "%"),
}

# Its workers import the file that was started, which has to be the example.
IN_A_PROCESS = {"plot_dask_search.py"}
# What a kernel of Jupyter has in sys.argv, before what a script is given.
OF_A_KERNEL = ["ipykernel_launcher.py", "-f", "kernel.json"]


def with_few_faces(code: str) -> str:
    """What has no short form draws fewer faces here."""
    return re.sub(r"\bmake_faces\(\d{3,}", "make_faces(140", code)


def cells(example: Path) -> list[tuple[str, str]]:
    """The cells of the notebook that sphinx-gallery makes of an example: their kind and text."""
    title, *blocks = re.split(r"^# %%\n", example.read_text(), flags=re.M)
    found = [("markdown", title)]
    for block in blocks:
        text = re.match(r"(?:#.*\n)*", block)
        assert text is not None
        if text[0]:
            found.append(("markdown", re.sub("^# ?", "", text[0], flags=re.M)))
        found.append(("code", block[text.end() :]))
    return found


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
    monkeypatch.setattr(sys, "argv", [*OF_A_KERNEL, *arguments])
    matplotlib.use("Agg")
    names: dict[str, Any] = {"__name__": "__main__"}
    with warnings.catch_warnings(), matplotlib.rc_context():
        warnings.simplefilter("default")
        for kind, text in cells(EXAMPLES / name):
            if kind == "code":
                code = text if "--short" in arguments else with_few_faces(text)
                exec(compile(code, name, "exec"), names)
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
    assert {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*.py")} == set(RUNS)


@pytest.mark.parametrize("project", sorted(PROJECTS.glob("*.py")), ids=lambda path: path.stem)
def test_a_project_is_less_than_sixty_lines(project: Path) -> None:
    assert len(project.read_text().splitlines()) < 60


def test_the_notebook_to_start_with_is_its_script() -> None:
    """Made by sphinx_gallery_py2jupyter, see docs/development.md."""
    notebook = json.loads((EXAMPLES / "start_here.ipynb").read_text())
    made = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    script = cells(EXAMPLES / "start_here.py")
    # The title is written in another way.
    assert [(kind, text.strip()) for kind, text in made[1:]] == [
        (kind, text.strip()) for kind, text in script[1:]
    ]
    assert all(not cell.get("outputs") for cell in notebook["cells"])
