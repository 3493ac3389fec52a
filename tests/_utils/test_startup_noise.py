"""TensorFlow starts quietly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from ferclassifier._utils.startup_noise import without_startup_noise

NOISE = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    b"E0000 00:00:1795253714.8 21666 cuda_platform.cc:52] failed call to cuInit: INTERNAL\n"
    b"2025-11-21 09:00:00.123456: I tensorflow/core/platform/cpu_feature_guard.cc:210] This\n"
    b"To enable the following instructions: AVX2 FMA, rebuild TensorFlow.\n"
)


@pytest.fixture
def standard_error(capfd: pytest.CaptureFixture[str]) -> Callable[[], str]:
    return lambda: capfd.readouterr().err


def test_startup_noise_is_hidden_and_nothing_else(standard_error: Callable[[], str]) -> None:
    with without_startup_noise():
        os.write(2, NOISE + b"F0000 00:00:1795253714.8 1 core.cc:1] Check failed\na warning\n")
    assert standard_error().splitlines() == [
        "F0000 00:00:1795253714.8 1 core.cc:1] Check failed",
        "a warning",
    ]


def test_startup_noise_is_shown_when_starting_fails(standard_error: Callable[[], str]) -> None:
    def start() -> None:
        with without_startup_noise():
            os.write(2, NOISE)
            raise ImportError

    with pytest.raises(ImportError):
        start()
    assert standard_error() == NOISE.decode()


@pytest.mark.parametrize(("level", "is_silent"), [(None, True), ("0", False)])
def test_a_first_fit_says_nothing_unless_asked_to(level: str | None, is_silent: bool) -> None:
    """In a notebook these lines stand in red above the first result."""
    code = (
        "from ferclassifier import FERClassifier, make_faces\n"
        "X, y = make_faces(14, random_state=0)\n"
        "FERClassifier('gap_cnn', epochs=1).fit(X, y).predict(X)"
    )
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    environment |= {} if level is None else {"TF_CPP_MIN_LOG_LEVEL": level}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert (run.stderr == "") is is_silent
