"""Flips and cuts of the files of models: 20,000 of each are for `python tests/fuzz/damage.py`."""

from __future__ import annotations

from pathlib import Path
from random import Random

from ferclassifier._onnx import OnnxModel
from ferclassifier.persistence import load_model
from fuzz.damage import damaged, outcomes
from fuzz.seeds import models, onnx_files


def test_each_is_refused() -> None:
    for content, load in ((models()[0], load_model), (onnx_files()[0], OnnxModel)):
        assert outcomes(content, load, 300, seed=0) == {"ModelFileError": 300}


def test_what_is_loaded_is_told() -> None:
    assert outcomes(b"x" * 100, Path.read_bytes, 5, seed=0) == {"loaded": 5}


def test_each_damage_is_one() -> None:
    content, rng = bytes(range(256)) * 20, Random(0)
    assert all(damaged(content, rng) != content for _ in range(1_000))
