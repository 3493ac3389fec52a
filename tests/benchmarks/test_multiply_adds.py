"""The count of multiplications that the comparison of architectures shows."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from ferclassifier.architectures import get_architecture
from helpers import REPOSITORY

FILE = REPOSITORY / "benchmarks" / "_shared" / "multiply_adds.py"


def count(name: str, **params: Any) -> int:
    if not FILE.exists():
        pytest.skip("the benchmarks are not here: this is no checkout")
    import keras

    spec = importlib.util.spec_from_file_location("_multiply_adds", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    inputs = keras.Input((48, 48, 1))
    model = keras.Model(inputs, get_architecture(name)(inputs, 7, **params))
    return int(module.multiply_adds(model))


def test_convolutions_and_dense_layers() -> None:
    stem = 48**2 * 9 * 16
    stages = [(24, 16, 32), (12, 32, 64), (6, 64, 128), (3, 128, 256)]
    blocks = sum(side**2 * (a * b + 9 * a * b + 9 * b * b) for side, a, b in stages)
    assert count("compact") == stem + blocks + 256 * 7


def test_separable_convolutions() -> None:
    stem = 48**2 * 9 * (4 + 4 * 4)
    module = 48**2 * (9 * 4 + 4 * 8 + 9 * 8 + 8 * 8) + 24**2 * 4 * 8
    last = 24**2 * 9 * 8 * 7
    assert count("mini_xception", stem=4, filters=(8,)) == stem + module + last


def test_attention() -> None:
    places, dim = 24**2, 16
    stem = places * (9 * 8 + 8 * dim)
    attention = places * 4 * dim**2 + 2 * places**2 * dim
    block = attention + places * 2 * dim * (2 * dim)
    params = {"stem": (8,), "dim": dim, "depth": 2, "heads": 4}
    assert count("vit", **params) == stem + 2 * block + dim * 7
