"""Faces go in, probabilities come out, without anything heavy."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferclassifier._onnx import OnnxModel
from ferclassifier._onnx import model as model_module
from ferclassifier._onnx.manifest import Manifest, seal_onnx
from ferclassifier.exceptions import (
    DivergenceError,
    ImageError,
    ModelFileError,
    PixelScaleError,
)
from onnx_files import SIDE, linear_model


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return linear_model(tmp_path_factory.mktemp("onnx") / "model.onnx")


@pytest.fixture(scope="module")
def images() -> Any:
    return np.random.default_rng(1).integers(0, 256, (10, SIDE, SIDE, 1), dtype=np.uint8)


def test_it_predicts(path: Path, images: Any) -> None:
    model = OnnxModel(path)
    proba = model.predict_proba(images)
    assert (model.classes, model.image_shape) == (["a", "b", "c"], (SIDE, SIDE, 1))
    assert (proba.shape, proba.dtype) == ((10, 3), np.float32)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(model.predict_proba(images[..., 0]), proba)
    assert model.predict_proba(images[:0]).shape == (0, 3)


def test_batches_are_bounded(path: Path, images: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = OnnxModel(path).predict_proba(images)
    monkeypatch.setattr(model_module, "_PIXELS_PER_BATCH", 3 * SIDE**2)
    seen = []
    run = OnnxModel._run
    monkeypatch.setattr(
        OnnxModel, "_run", lambda self, part: seen.append(len(part)) or run(self, part)
    )
    for n_threads in (1, 2):
        seen.clear()
        found = OnnxModel(path, n_threads=n_threads).predict_proba(images)
        np.testing.assert_allclose(found, expected, atol=1e-6)
        assert max(seen) <= 3
        assert sum(seen) == 10


def test_a_pickle_holds_the_file(tmp_path: Path, images: Any) -> None:
    model = OnnxModel(linear_model(tmp_path / "model.onnx"))
    content = pickle.dumps(model)
    (tmp_path / "model.onnx").unlink()
    np.testing.assert_array_equal(
        pickle.loads(content).predict_proba(images), model.predict_proba(images)
    )


def test_a_model_of_unit_floats_divides_bytes(tmp_path: Path, images: Any) -> None:
    model = OnnxModel(linear_model(tmp_path / "model.onnx", scale="unit"))
    floats = (images / 255).astype(np.float32)
    np.testing.assert_allclose(model.predict_proba(images), model.predict_proba(floats), atol=1e-6)


def test_other_images_are_refused(tmp_path: Path, path: Path, images: Any) -> None:
    model = OnnxModel(path)
    for wrong in (images[:, 1:], images[0], np.repeat(images, 3, axis=3)):
        with pytest.raises(ImageError, match=r"expected \(n, 12, 12, 1\)"):
            model.predict_proba(wrong)
    with pytest.raises(PixelScaleError, match="float64"):
        model.predict_proba(images / 255)
    with pytest.raises(PixelScaleError, match="uint8"):
        OnnxModel(linear_model(tmp_path / "raw.onnx", scale="raw")).predict_proba(images)


@pytest.mark.parametrize(
    "wrong",
    [{"n_outputs": 4}, {"scale": "unit"}, {"image_shape": (SIDE, SIDE + 1, 1)}],
    ids=["outputs", "type", "shape"],
)
def test_a_graph_that_is_not_as_the_metadata_say_is_refused(
    wrong: dict[str, Any], tmp_path: Path
) -> None:
    import onnx

    told = onnx.load(linear_model(tmp_path / "right.onnx")).metadata_props
    metadata = {entry.key: entry.value for entry in told}
    path = linear_model(tmp_path / "wrong.onnx", metadata=metadata, **wrong)
    with pytest.raises(ModelFileError, match="as the metadata have it") as caught:
        OnnxModel(path)
    assert str(path) in str(caught.value)


def test_a_file_of_somebody_else_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"foreign\.onnx: .*not written by export_onnx"):
        OnnxModel(linear_model(tmp_path / "foreign.onnx", metadata={}))


def test_nan_is_an_error(tmp_path: Path, images: Any) -> None:
    weights = np.full((SIDE**2, 3), np.nan)
    model = OnnxModel(linear_model(tmp_path / "model.onnx", weights=weights))
    with pytest.raises(DivergenceError, match="NaN"):
        model.predict_proba(images)


def test_nothing_heavy_is_loaded(path: Path) -> None:
    script = (
        "import sys, numpy as np\n"
        "from ferclassifier._onnx import OnnxModel\n"
        f"model = OnnxModel(sys.argv[1])\n"
        f"model.predict_proba(np.zeros((1, {SIDE}, {SIDE}), dtype=np.uint8))\n"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'scipy', 'pandas', 'onnx', 'PIL'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("[]\n", "")


class TestDamage:
    """onnxruntime took a file with other weights, or another label, for a whole one."""

    def test_every_byte_counts(self, path: Path, tmp_path: Path) -> None:
        content, damaged = path.read_bytes(), tmp_path / "damaged.onnx"
        for i in range(len(content)):
            changed = bytearray(content)
            changed[i] ^= 1 << (i % 8)
            damaged.write_bytes(changed)
            with pytest.raises(ModelFileError):
                OnnxModel(damaged)

    def test_no_end_may_be_missing_and_nothing_may_follow(self, path: Path, tmp_path: Path) -> None:
        content, damaged = path.read_bytes(), tmp_path / "damaged.onnx"
        for changed in (*(content[:end] for end in range(0, len(content), 7)), content + b"\0"):
            damaged.write_bytes(changed)
            with pytest.raises(ModelFileError):
                OnnxModel(damaged)

    def test_texts_that_are_no_utf8(
        self, path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """A UnicodeDecodeError came through, and onnxruntime printed it."""
        for name in (b"pixel_scale", b"images"):
            changed = path.read_bytes().replace(name, b"\xff" * len(name))
            other = tmp_path / "other.onnx"
            other.write_bytes(seal_onnx(changed))
            with pytest.raises(ModelFileError, match=r"other\.onnx: .*(UTF-8|utf-8)"):
                OnnxModel(other)
        assert capfd.readouterr().out == ""

    def test_a_card_that_speaks_of_a_sum_is_no_sum(self, tmp_path: Path) -> None:
        scale = {"kind": "bytes", "low": 0.0, "high": 255.0}
        card = 'Its "sha256":"' + "0" * 64 + '"'
        manifest = Manifest(np.array(["a", "b", "c"]), (SIDE, SIDE, 1), scale, card=card)
        path = linear_model(tmp_path / "model.onnx", metadata=manifest.to_metadata())
        assert OnnxModel(path).metadata.card == card
