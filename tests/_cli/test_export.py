"""The command ``export``: an ONNX file of any model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ferclassifier import FERClassifier
from ferclassifier.export import OnnxFERClassifier
from ferclassifier.images import read_image
from helpers import assert_fails, run


def test_a_model_becomes_an_onnx_file(
    clf: FERClassifier, model: Path, faces: Path, tmp_path: Path
) -> None:
    output = tmp_path / "model.onnx"
    result = run("export", model, output, "--faces", faces)
    assert result.exit_code == 0, result.output
    assert "Of 10 images 100.00 % get the same label" in result.stdout
    images = [read_image(path, size=(48, 48)) for path in sorted(faces.rglob("*.png"))]
    found = OnnxFERClassifier(output).predict_proba(images)
    np.testing.assert_allclose(found, clf.predict_proba(images), atol=1e-5)
    assert_fails(run("export", model, output), "the file exists; add --force")
    assert run("export", model, output, "--force").exit_code == 0


def test_int8_is_calibrated_on_faces(model: Path, fer2013: Path, tmp_path: Path) -> None:
    output = tmp_path / "small.onnx"
    assert_fails(run("export", model, output, "--int8"), "--int8 needs --faces", code=2)
    result = run("export", model, output, "--int8", "--faces", fer2013, "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert (made["precision"], made["n_images"]) == ("int8", 40)
    assert made["n_bytes"] == output.stat().st_size
    assert made["same_labels"] > 0.5


@pytest.mark.parametrize(
    ("model", "output", "told"),
    [
        ("compct", "out.onnx", "Did you mean 'compact'?"),
        ("compact", "missing/out.onnx", "there is no folder"),
        ("compact", "out.safetensors", "Name it out.onnx"),
    ],
)
def test_errors_are_one_line(model: str, output: str, told: str, tmp_path: Path) -> None:
    assert_fails(run("export", model, tmp_path / output), told)
    assert list(tmp_path.iterdir()) == []
