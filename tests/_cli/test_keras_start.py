"""Keras starts quietly."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from ferclassifier._cli import keras_start

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
    with keras_start.without_startup_noise():
        os.write(2, NOISE + b"F0000 00:00:1795253714.8 1 core.cc:1] Check failed\na warning\n")
    assert standard_error().splitlines() == [
        "F0000 00:00:1795253714.8 1 core.cc:1] Check failed",
        "a warning",
    ]


def test_startup_noise_is_shown_when_starting_fails(standard_error: Callable[[], str]) -> None:
    def start() -> None:
        with keras_start.without_startup_noise():
            os.write(2, NOISE)
            raise ImportError

    with pytest.raises(ImportError):
        start()
    assert standard_error() == NOISE.decode()
