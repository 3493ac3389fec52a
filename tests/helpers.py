"""What tests of several rooms import: places, a small model, images, the command line."""

from __future__ import annotations

import copy
import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from ferclassifier import EMOTIONS, FERClassifier, make_faces
from ferclassifier._cli import main
from ferclassifier.metrics import emotion_report
from ferclassifier.pretrained._facts import SCORED, Agreement, ModelFacts, Scores, Training
from ferclassifier.pretrained._vote_facts import Accuracy, VoteFacts

REPOSITORY = Path(__file__).parents[1]
DATA = REPOSITORY / "tests" / "data"
SHARED = REPOSITORY.parent / "shared"
# Options of the command ``train`` that make it take a second.
FAST = ("--architecture", "gap_cnn", "--epochs", "1", "--seed", "0", "--augmentation", "none")

needs_fer2013 = pytest.mark.skipif(
    not (SHARED / "data" / "fer2013").is_dir() or not (SHARED / "tools" / "fer2013.py").is_file(),
    reason="the FER-2013 images do not stand beside the repository",
)


# Of a command that is interrupted: what it is sent, says and returns.
INTERRUPTIONS = [("SIGINT", "Aborted", 130), ("SIGTERM", "Terminated", 143)]
shows_sessions = pytest.mark.skipif(
    not Path("/proc/self").is_dir(), reason="who is whose child is not told"
)


def tool(name: str) -> ModuleType:
    """Import a file of ``tools``, which is no package."""
    spec = importlib.util.spec_from_file_location(name, REPOSITORY / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same_name(value: object) -> str:
    """What names a case of a test, equal in each process: objects without their addresses."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", str(value))


def tiny_classifier(**params: Any) -> FERClassifier:
    """A classifier whose fit takes a second."""
    defaults: dict[str, Any] = {
        "architecture": "gap_cnn",
        "architecture_params": {
            "filters": (8,),
            "dense": 16,
            "block_dropout": 0.0,
            "dropout": 0.0,
        },
        "optimizer": "adam",
        "learning_rate": 0.02,
        "batch_size": 32,
        "epochs": 12,
        "augmentation": None,
        "label_smoothing": 0.0,
        "weight_decay": 0.0,
        "precision": "float32",
        "test_time_augmentation": None,
        "random_state": 0,
    }
    return FERClassifier(**{**defaults, **params})


def faces_and_codes(*args: Any, **kwargs: Any) -> Any:
    """What `make_faces` draws, with the codes of FER-2013 as labels."""
    images, names = make_faces(*args, **kwargs)
    return images, np.array([EMOTIONS.index(name) for name in names])


def with_labels(clf: FERClassifier, classes: np.ndarray) -> FERClassifier:
    """A copy of a classifier that knows other labels."""
    labelled = copy.copy(clf)
    labelled.classes_ = classes
    return labelled


def calls_of_callback(**params: Any) -> tuple[list[str], FERClassifier]:
    """A classifier of these parameters, and the calls that a callback of its fit will get."""
    import keras

    calls: list[str] = []

    class Log(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: Any = None) -> None:
            calls.append("begin")

        def on_train_end(self, logs: Any = None) -> None:
            calls.append("end")

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            calls.append(str(epoch))

    return calls, tiny_classifier(callbacks=[Log()], **params)


def patterns(n_samples: int = 60, n_classes: int = 3, side: int = 12, seed: int = 0) -> Any:
    """Noisy images of stripes, one direction per class, easy to learn in a second."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_samples) % n_classes
    X = rng.integers(0, 80, size=(n_samples, side, side), dtype=np.uint8)
    X[y == 0, ::2] += 120
    X[y == 1, :, ::2] += 120
    return X, y


def run(*args: object) -> Result:
    """Run ``ferclassifier`` in this process."""
    return CliRunner().invoke(main, [str(arg) for arg in args])


def start(*args: object, **kwargs: Any) -> subprocess.Popen[str]:
    """Start ``python -m ferclassifier`` as a user does."""
    return subprocess.Popen(
        [sys.executable, "-m", "ferclassifier", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **kwargs,
    )


def start_in_foreground(*args: object) -> subprocess.Popen[str]:
    """Start it with what it prints not held back, and with Ctrl+C in force.

    A shell has what it runs in the background ignore that signal, and so would the process.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return start(*args, env={**os.environ, "PYTHONUNBUFFERED": "1"}, start_new_session=True)
    finally:
        signal.signal(signal.SIGINT, before)


def assert_session_has_ended(number: int) -> None:
    """Assert that no process is left that the first of a session has started, or these in turn."""
    deadline = time.monotonic() + 30
    while left := members_of_session(number):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def members_of_session(number: int) -> list[str]:
    """Commands of the processes of a session that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            state, _, _, session, *_ = (path / "stat").read_text().rpartition(")")[2].split()
            if session == str(number) and state != "Z":
                found.append((path / "cmdline").read_text())
    return found


def assert_fails(result: Result, *words: str, code: int = 1) -> None:
    """Assert an error of one line, without a traceback, that holds these words."""
    assert result.exit_code == code, result.output
    lines = result.stderr.splitlines()
    assert [line for line in lines if line.startswith("Error: ")] == lines[-1:]
    assert "Traceback" not in result.output
    for word in words:
        assert word in lines[-1]


def facts_of(name: str, **changes: Any) -> ModelFacts:
    """Facts that could be those of a model of three classes."""
    rng = np.random.default_rng(0)
    y, proba = rng.integers(3, size=90), rng.dirichlet(np.ones(3), size=90)
    scores = Scores.of(emotion_report(np.array(["x", "y", "z"])[y], proba))
    values: dict[str, Any] = {
        "name": name,
        "summary": "A small network [for tests].",
        "architecture": "gap_cnn",
        "classes": ["x", "y", "z"],
        "data": "Stripes.",
        "protocol": "None.",
        "training": Training({"epochs": 12}, 12, 0.1, "one core"),
        "n_parameters": 1_234,
        "multiply_adds": 5_600_000,
        "file_size": 7_890_000,
        "temperature": 1.5,
        "test_time_augmentation": "flip",
        "scores": dict.fromkeys(SCORED, scores),
        "backends": {"jax": Agreement(90, 1.0, 1e-6)},
    }
    return ModelFacts(**{**values, **changes})


def vote_scores(**changes: Any) -> VoteFacts:
    """Scores that a model could have on the votes of people."""
    values: dict[str, Any] = {
        "n_images": 95,
        "divergence": 0.25,
        "divergence_of_mean": 1.2,
        "calibration_error": 0.0123,
        "agreement": 0.75,
        "agreement_of_two": 0.7,
        "agreement_of_majority": 0.8,
        "majority_temperature": 0.5678,
        "majority_log_loss": 0.3,
        "majority_calibration_error": 0.02,
        "by_agreement": {"8": Accuracy(30, 0.9, (0.7438, 0.9654))},
    }
    return VoteFacts(**{**values, **changes})


def threads_of_tensorflow() -> tuple[int, int]:
    """Import the Keras side as a fit does, and return its threads."""
    import tensorflow as tf

    import ferclassifier._keras.network  # noqa: F401

    settings = tf.config.threading
    return (
        settings.get_intra_op_parallelism_threads(),
        settings.get_inter_op_parallelism_threads(),
    )
