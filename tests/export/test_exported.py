"""What is exported answers as the classifier does, whatever that is made of."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError

from ferclassifier import FERClassifier, FERVotingClassifier
from ferclassifier._onnx import OnnxModel
from ferclassifier.exceptions import ModelFileError
from ferclassifier.export import OnnxFERClassifier, export_onnx
from helpers import tiny_classifier


def assert_answers_alike(clf: Any, path: Path, X: Any) -> None:
    found, expected = OnnxFERClassifier(path).predict_proba(X), clf.predict_proba(X)
    np.testing.assert_allclose(found, expected, atol=2e-6)


def with_(clf: FERClassifier, temperature: float = 1.0, views: str | None = None) -> FERClassifier:
    """A copy of a fitted classifier at another temperature, with other views."""
    changed = copy.copy(clf).set_params(test_time_augmentation=views)
    changed.temperature_ = temperature
    return changed


def test_all_that_predicts_is_in_the_file(
    fitted: FERClassifier, pattern_images: Any, tmp_path: Path
) -> None:
    X, _ = pattern_images
    clf = with_(fitted, 1.7, "ten_crop")
    made = export_onnx(clf, tmp_path / "model.onnx", calibration_images=X, card="# Card")
    assert_answers_alike(clf, tmp_path / "model.onnx", X)
    assert (made.precision, made.n_images, made.same_labels) == ("float32", len(X), 1.0)
    assert made.max_difference < 2e-6
    assert made.n_bytes == (tmp_path / "model.onnx").stat().st_size
    assert "100.00 % get the same label" in str(made)
    metadata = OnnxModel(tmp_path / "model.onnx").metadata
    assert (metadata.views, metadata.card) == (10, "# Card")
    assert metadata.versions["ferclassifier"]
    assert metadata.pixel_scale["kind"] == "bytes"


def test_an_ensemble_is_one_graph(
    fitted: FERClassifier, pattern_images: Any, tmp_path: Path
) -> None:
    X, _ = pattern_images
    members = [("a", with_(fitted, 0.6, "flip")), ("b", with_(fitted, 3.0)), ("c", fitted)]
    clf = FERVotingClassifier.from_fitted(members, weights=[3, 1, 0])
    clf.temperature_ = 0.8
    made = export_onnx(clf, tmp_path / "ensemble.onnx")
    assert_answers_alike(clf, tmp_path / "ensemble.onnx", X)
    assert made.max_difference < 2e-6
    assert OnnxModel(tmp_path / "ensemble.onnx").metadata.views == 4


def with_chance(inputs: Any, n_classes: int) -> Any:
    """An architecture with layers that act in training only, one of them at random."""
    from keras import layers

    x = layers.RandomFlip("horizontal")(layers.RandomRotation(0.4)(inputs))
    x = layers.GaussianNoise(0.5)(layers.Conv2D(4, 3, strides=2, activation="gelu")(x))
    x = layers.BatchNormalization()(layers.SeparableConv2D(6, 3)(x))
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return layers.Dense(n_classes, activation="softmax")(x)


def test_an_architecture_of_ones_own_goes_without_its_chance(
    pattern_images: Any, tmp_path: Path
) -> None:
    """A model with a random layer, called without a word, computes as in training."""
    X, y = pattern_images
    clf = FERClassifier(with_chance, epochs=1, random_state=0, augmentation=None).fit(X, y)
    export_onnx(clf, tmp_path / "model.onnx")
    assert_answers_alike(clf, tmp_path / "model.onnx", X)
    kinds = {node.op_type for node in onnx.load(tmp_path / "model.onnx").graph.node}
    assert not any("Random" in kind for kind in kinds)


def test_unit_floats_stay_unit_floats(pattern_images: Any, tmp_path: Path) -> None:
    X, y = pattern_images
    X = X / 255
    clf = tiny_classifier(epochs=1).fit(X, np.array(["x", "y", "z"])[y])
    export_onnx(clf, tmp_path / "model.onnx")
    assert_answers_alike(clf, tmp_path / "model.onnx", X)
    assert OnnxFERClassifier(tmp_path / "model.onnx").classes_.tolist() == ["x", "y", "z"]


def test_one_class_has_all_the_probability(pattern_images: Any, tmp_path: Path) -> None:
    X, _ = pattern_images
    clf = tiny_classifier(epochs=1).fit(X, ["only"] * len(X))
    export_onnx(clf, tmp_path / "model.onnx")
    assert OnnxFERClassifier(tmp_path / "model.onnx").predict_proba(X).tolist() == [[1.0]] * len(X)


def test_int8_needs_images_and_tells_what_it_costs(
    fitted: FERClassifier, exported: Path, pattern_images: Any, tmp_path: Path
) -> None:
    X, _ = pattern_images
    with pytest.raises(ValueError, match="without calibration_images"):
        export_onnx(fitted, tmp_path / "model.onnx", quantize="int8")
    made = export_onnx(fitted, tmp_path / "model.onnx", quantize="int8", calibration_images=X[:40])
    whole, floats = OnnxFERClassifier(tmp_path / "model.onnx"), OnnxFERClassifier(exported)
    difference = np.abs(whole.predict_proba(X[:40]) - fitted.predict_proba(X[:40])).max()
    assert made.max_difference == pytest.approx(difference)
    assert made.same_labels > 0.9
    assert (made.precision, made.n_images) == ("int8", 40)
    kinds = [node.op_type for node in onnx.load(tmp_path / "model.onnx").graph.node]
    assert "QuantizeLinear" in kinds
    assert np.mean(whole.predict(X) == floats.predict(X)) > 0.9


def test_released_weights_take_half_the_space(
    fitted: FERClassifier, pattern_images: Any, tmp_path: Path
) -> None:
    """They are float16 already: the file has the same numbers."""
    X, _ = pattern_images
    fitted.save(tmp_path / "half.safetensors", dtype="float16")
    half = FERClassifier.load(tmp_path / "half.safetensors")
    export_onnx(half, tmp_path / "half.onnx")
    assert_answers_alike(half, tmp_path / "half.onnx", X)
    kinds = [tensor.data_type for tensor in onnx.load(tmp_path / "half.onnx").graph.initializer]
    assert onnx.TensorProto.FLOAT16 in kinds


class TestRefusals:
    def test_what_cannot_be_exported(self, fitted: FERClassifier, tmp_path: Path) -> None:
        path = tmp_path / "model.onnx"
        with pytest.raises(NotFittedError):
            export_onnx(FERClassifier(), path)
        with pytest.raises(ModelFileError, match="Got DummyClassifier, but expected"):
            export_onnx(DummyClassifier(), path)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="quantize='int4'"):
            export_onnx(fitted, path, quantize="int4")  # type: ignore[arg-type]
        assert not path.exists()

    def test_members_of_other_classes(
        self, fitted: FERClassifier, pattern_images: Any, tmp_path: Path
    ) -> None:
        X, y = pattern_images
        other = DummyClassifier().fit(X, y)
        clf = FERVotingClassifier.from_fitted([("net", fitted), ("chance", other)])
        with pytest.raises(ModelFileError, match="member 'chance' is a DummyClassifier"):
            export_onnx(clf, tmp_path / "model.onnx")

    @pytest.mark.parametrize("name", ["model.safetensors", "model.keras", "model.pkl"])
    def test_names_of_other_kinds_of_files(
        self, name: str, fitted: FERClassifier, tmp_path: Path
    ) -> None:
        with pytest.raises(ModelFileError, match=r"Name it model\.onnx"):
            export_onnx(fitted, tmp_path / name)

    def test_nothing_is_written_where_the_folder_is_missing(
        self, fitted: FERClassifier, tmp_path: Path
    ) -> None:
        with pytest.raises(FileNotFoundError, match="there is no folder"):
            export_onnx(fitted, tmp_path / "missing" / "model.onnx")

    def test_a_graph_that_answers_otherwise_is_not_written(
        self, fitted: FERClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = FERClassifier._write_onnx_graph

        def of_another(clf: FERClassifier, path: Path) -> Any:
            return write(with_(clf, 5.0), path)

        monkeypatch.setattr(FERClassifier, "_write_onnx_graph", of_another)
        (tmp_path / "model.onnx").write_text("before")
        with pytest.raises(ModelFileError, match="differs from the classifier by"):
            export_onnx(fitted, tmp_path / "model.onnx")
        assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
        assert (tmp_path / "model.onnx").read_text() == "before"

    def test_without_the_extra_it_says_how_to_install_it(
        self, fitted: FERClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "tf2onnx", None)
        with pytest.raises(ImportError, match=r'pip install "ferclassifier\[onnx\]"'):
            export_onnx(fitted, tmp_path / "model.onnx")


def test_the_metadata_can_be_read_by_anybody(exported: Path) -> None:
    model = onnx.load(exported)
    onnx.checker.check_model(model)
    [entry] = model.metadata_props
    assert entry.key == "ferclassifier"
    assert json.loads(entry.value)["classes"]["values"] == [0, 1, 2]
    [images], [probabilities] = model.graph.input, model.graph.output
    assert (images.name, probabilities.name) == ("images", "probabilities")
    assert images.type.tensor_type.elem_type == onnx.TensorProto.UINT8
