"""Models in files: what comes back is what was saved, and loading is light and runs nothing."""

from __future__ import annotations

import copy
import io
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from ferclassifier import FERClassifier, FERVotingClassifier
from ferclassifier._files import container
from ferclassifier.exceptions import ModelFileError, PixelScaleWarning
from ferclassifier.persistence import load_model, save_model
from forged_files import Change, forge, renaming, setting
from helpers import DATA, patterns, tiny_classifier, with_labels
from pixel_scales import SCALES, outcome

LABELS = {
    "strings": np.array(["angry", "happy", "überrascht"]),
    "wide strings": np.array(["a", "b", "c"], dtype="<U9"),
    "objects": np.array(["a", "b", "c"], dtype=object),
    "bytes": np.array([3, 4, 250], dtype=np.uint8),
    "integers": np.array([-(2**62), 0, 5]),
    "floats": np.array([-0.1, 1 / 3, 1e300]),
    "half floats": np.array([-0.1, 0.3, 7], dtype=np.float16),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


@pytest.fixture(scope="module")
def ensemble(pattern_images: Any) -> FERVotingClassifier:
    X, y = pattern_images
    members = [(f"seed {i}", tiny_classifier(epochs=3, random_state=i)) for i in range(2)]
    return FERVotingClassifier(members, weights=[2, 1]).fit(X, y)


class TestRoundTrip:
    def test_a_loaded_model_is_the_saved_one(
        self, fitted: FERClassifier, saved: Path, pattern_images: Any
    ) -> None:
        X, y = pattern_images
        loaded = FERClassifier.load(saved)
        assert type(loaded) is FERClassifier
        assert loaded.get_params() == fitted.get_params()
        assert repr(loaded) == repr(fitted)
        np.testing.assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))
        assert loaded.score(X, y) == fitted.score(X, y) > 0.9
        attributes = {name for name in vars(fitted) if name.endswith("_")}
        assert attributes == {name for name in vars(loaded) if name.endswith("_")}
        for name in attributes - {"classes_"}:
            assert getattr(loaded, name) == getattr(fitted, name)
            assert type(getattr(loaded, name)) is type(getattr(fitted, name))

    @pytest.mark.parametrize("kind", LABELS)
    def test_labels_keep_their_type(self, fitted: FERClassifier, path: Path, kind: str) -> None:
        classes = LABELS[kind]
        with_labels(fitted, classes).save(path)
        found = load_model(path).classes_
        assert found.dtype == classes.dtype
        assert found.tolist() == classes.tolist()

    def test_two_classes_that_are_booleans(self, path: Path) -> None:
        X, y = patterns(n_classes=2)
        clf = tiny_classifier(epochs=1).fit(X, y == 1)
        clf.save(path)
        loaded = load_model(path)
        assert loaded.classes_.dtype == bool
        np.testing.assert_array_equal(loaded.predict(X), clf.predict(X))

    def test_a_single_class(self, path: Path) -> None:
        X, _ = patterns(6)
        tiny_classifier(epochs=1).fit(X, ["a"] * 6).save(path)
        assert load_model(path).predict(X).tolist() == ["a"] * 6

    def test_names_of_columns(self, path: Path) -> None:
        X, y = patterns(12)
        table = pd.DataFrame(X.reshape(12, -1)).add_prefix("pixel_")
        clf = tiny_classifier(epochs=1).fit(table, y)
        clf.save(path)
        loaded = load_model(path)
        np.testing.assert_array_equal(loaded.feature_names_in_, clf.feature_names_in_)
        np.testing.assert_array_equal(loaded.predict_proba(table), clf.predict_proba(table))
        with pytest.raises(ValueError, match="feature names"):
            loaded.predict(table.add_prefix("x"))

    def test_pixels_of_another_scale_are_refused(self, saved: Path, pattern_images: Any) -> None:
        with pytest.raises(ValueError, match=r"Multiply by 255"):
            load_model(saved).predict(pattern_images[0] / 255)

    def test_the_scale_of_raw_pixels_is_kept(self, path: Path, pattern_images: Any) -> None:
        X, y = pattern_images
        given = SCALES["standardised"](X)
        clf = tiny_classifier(epochs=1).fit(given, y)
        clf.save(path)
        loaded = load_model(path)
        assert loaded.pixel_scale_ == clf.pixel_scale_
        with pytest.warns(PixelScaleWarning, match="another scale"):
            loaded.predict(SCALES["signed unit"](X))
        # A file of before knows the ends only, and gives what it gave.
        for name in ("mean", "deviation"):
            forge(path, path, lambda file, _, name=name: file["model"]["pixel_scale"].pop(name))
        before = load_model(path)
        assert before.pixel_scale_.deviation is None
        np.testing.assert_array_equal(before.predict_proba(given), clf.predict_proba(given))
        assert outcome(lambda: before.predict(SCALES["signed unit"](X))) == "same answer"

    def test_parameters_of_all_kinds(self, fitted: FERClassifier, path: Path) -> None:
        params = {
            "learning_rate": np.float32(0.5),
            "epochs": np.int64(3),
            "class_weight": {np.int64(0): 2, 1: 0.1},
            "augmentation": {"flip": 0.5},
            "image_shape": (12, 12),
            "average_weights": True,
            "initial_weights": "compact",
        }
        clf = copy.copy(fitted).set_params(**params)
        clf.save(path)
        found = load_model(path).get_params()
        assert {name: found[name] for name in params} == params
        assert type(found["image_shape"]) is tuple
        assert {type(key) for key in found["class_weight"]} == {int}

    def test_parameters_of_one_run_are_left_out(
        self, fitted: FERClassifier, path: Path, tmp_path: Path
    ) -> None:
        of_a_run = {
            "callbacks": [keras.callbacks.Callback()],
            "checkpoint": tmp_path / "state",
            "initial_weights": tmp_path / "weights.safetensors",
        }
        copy.copy(fitted).set_params(**of_a_run).save(path)
        assert load_model(path).get_params() == fitted.get_params()

    def test_the_network_is_the_fitted_one_whatever_is_to_be_fitted_next(
        self, fitted: FERClassifier, path: Path, pattern_images: Any
    ) -> None:
        X, _ = pattern_images
        copy.copy(fitted).set_params(architecture="vgg", architecture_params=None).save(path)
        loaded = load_model(path)
        assert loaded.architecture == "vgg"
        np.testing.assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))

    def test_float16_gives_the_same_labels_from_half_the_bytes(
        self, fitted: FERClassifier, saved: Path, path: Path, pattern_images: Any
    ) -> None:
        X, _ = pattern_images
        fitted.save(path, dtype="float16")
        loaded = load_model(path)
        np.testing.assert_array_equal(loaded.predict(X), fitted.predict(X))
        np.testing.assert_allclose(loaded.predict_proba(X), fitted.predict_proba(X), atol=5e-3)
        assert {w.dtype.name for w in loaded._network.named_weights().values()} == {"float32"}
        _, halves = container.read_model_file(path)
        _, wholes = container.read_model_file(saved)
        assert 2 * sum(w.nbytes for w in halves.values()) == sum(w.nbytes for w in wholes.values())

    def test_losses_that_are_not_finite(self, fitted: FERClassifier, path: Path) -> None:
        clf = copy.copy(fitted)
        clf.history_ = {"loss": [np.float32(0.5), float("nan"), float("inf")]}
        clf.save(path)
        np.testing.assert_array_equal(load_model(path).history_["loss"], [0.5, np.nan, np.nan])

    def test_calibration_is_kept(self, fitted: FERClassifier, path: Path) -> None:
        X, y = patterns(seed=1)
        y = np.where(np.arange(len(y)) % 5, y, 0)  # a fifth of the labels is wrong
        calibrated = copy.copy(fitted).calibrate(X, y)
        calibrated.save(path)
        loaded = load_model(path)
        assert loaded.temperature_ == calibrated.temperature_ != 1
        np.testing.assert_array_equal(loaded.predict_proba(X), calibrated.predict_proba(X))
        assert loaded.calibrate(X, y).temperature_ == calibrated.temperature_

    def test_a_loaded_model_is_pickled_cloned_and_saved_again(
        self, fitted: FERClassifier, saved: Path, path: Path, pattern_images: Any
    ) -> None:
        X, _ = pattern_images
        loaded = load_model(saved)
        again = pickle.loads(pickle.dumps(loaded))
        np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
        with pytest.raises(NotFittedError):
            clone(loaded).predict(X)
        loaded.save(path)
        assert path.read_bytes() == saved.read_bytes()

    def test_training_goes_on_as_after_a_pickle(
        self, fitted: FERClassifier, saved: Path, pattern_images: Any
    ) -> None:
        X, y = patterns(seed=3)
        ways = [load_model(saved), pickle.loads(pickle.dumps(fitted))]
        for clf in ways:
            clf.set_params(warm_start=True, epochs=2).fit(X, y)
        np.testing.assert_array_equal(*(clf.predict_proba(X) for clf in ways))
        assert ways[0].history_["loss"][0] < fitted.history_["loss"][0] / 2

    def test_partial_fit_goes_on(self, fitted: FERClassifier, saved: Path) -> None:
        X, y = patterns(seed=3)
        loaded = load_model(saved).partial_fit(X, y)
        assert loaded.n_iter_ == fitted.n_iter_ + 1
        assert loaded.history_["loss"][-1] < fitted.history_["loss"][0] / 2

    def test_partial_fit_goes_on_without_a_seed(self, fitted: FERClassifier, path: Path) -> None:
        copy.copy(fitted).set_params(random_state=None).save(path)
        assert load_model(path).partial_fit(*patterns(12)).n_iter_ == fitted.n_iter_ + 1


class TestEnsembles:
    def test_a_loaded_ensemble_is_the_saved_one(
        self, ensemble: FERVotingClassifier, path: Path, pattern_images: Any
    ) -> None:
        X, _ = pattern_images
        ensemble = copy.copy(ensemble)
        ensemble.temperature_ = 2.0
        save_model(ensemble, path)
        loaded = FERVotingClassifier.load(path)
        np.testing.assert_array_equal(loaded.predict_proba(X), ensemble.predict_proba(X))
        assert loaded.temperature_ == 2.0
        assert loaded.weights == ensemble.weights
        assert [name for name, _ in loaded.estimators] == ["seed 0", "seed 1"]
        assert [m.random_state for m in loaded.estimators_] == [0, 1]

    def test_each_class_loads_its_own(
        self, ensemble: FERVotingClassifier, saved: Path, path: Path
    ) -> None:
        ensemble.save(path)
        with pytest.raises(ModelFileError, match=r"holds a FERVotingClassifier.*\.load"):
            FERClassifier.load(path)
        with pytest.raises(ModelFileError, match=r"holds a FERClassifier"):
            FERVotingClassifier.load(saved)

    def test_other_members_are_refused(self, path: Path, pattern_images: Any) -> None:
        X, y = pattern_images
        pipeline = make_pipeline(MinMaxScaler(), tiny_classifier(epochs=1))
        ensemble = FERVotingClassifier([("a", pipeline)]).fit(X.reshape(len(X), -1), y)
        with pytest.raises(ModelFileError, match=r"member 'a' is a Pipeline"):
            ensemble.save(path)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (setting("model", "weights", to=[1.0]), "no ensemble"),
            (setting("model", "weights", to=[-1.0, 1.0]), "no ensemble"),
            (setting("model", "members", 1, "name", to="seed 0"), "no ensemble"),
            (setting("model", "members", 1, "name", to="a__b"), "no ensemble"),
            (setting("model", "members", 0, "model", "classes", "values", to=[0, 1, 9]), "classes"),
            (setting("model", "members", to=[]), "0 entries"),
            (lambda manifest, _: manifest["model"]["members"].pop(), "belong to none"),
            (renaming("0/000.conv2d.kernel", "000.conv2d.kernel"), "belong to none"),
            (renaming("0/000.conv2d.kernel", "1/x"), "more weights than"),
        ],
    )
    def test_what_is_no_ensemble(
        self, ensemble: FERVotingClassifier, path: Path, change: Change, message: str
    ) -> None:
        ensemble.save(path)
        forge(path, path, change)
        with pytest.raises(ModelFileError, match=message):
            load_model(path)


class TestFirstProtocol:
    """Files that version 0.1 wrote must be read for good, and give what they gave then."""

    @pytest.mark.parametrize("name", ["protocol1", "protocol1_voting"])
    def test_its_predictions(self, name: str) -> None:
        pictures = np.arange(3 * 48 * 48) ** 2 // 1001 % 256
        expected = json.loads((DATA / "protocol1.json").read_text())[name]
        loaded = load_model(DATA / f"{name}.safetensors")
        found = loaded.predict_proba(pictures.astype(np.uint8).reshape(3, 48, 48))
        np.testing.assert_allclose(found, expected, atol=1e-4)
        assert loaded.classes_.tolist()[:3] == ["angry", "disgust", "fear"]
        assert loaded.temperature_ != 1


def test_names_of_any_kind_come_back(path: Path) -> None:
    """Names of columns and of members that are no UTF-8 were written, and not read again."""
    X, y = patterns(20, n_classes=2)
    labels = np.array(["a\udcff", "\x1b[31m"])[y]
    # As objects: where pyarrow is installed, pandas takes texts of UTF-8 alone for its own.
    columns = pd.Index([f"{i}\udcff" for i in range(144)], dtype=object)
    frame = pd.DataFrame(X.reshape(20, -1), columns=columns)
    clf = tiny_classifier(epochs=1, class_weight={"a\udcff": 2.0}).fit(frame, labels)
    for model in (clf, FERVotingClassifier.from_fitted([("m\udcff", clf)])):
        model.save(path)
        loaded = load_model(path)
        np.testing.assert_array_equal(loaded.classes_, model.classes_)
        np.testing.assert_array_equal(loaded.predict(frame), model.predict(frame))
    assert [name for name, _ in loaded.estimators] == ["m\udcff"]
    np.testing.assert_array_equal(loaded.estimators_[0].feature_names_in_, frame.columns)


class TestWriting:
    @pytest.mark.parametrize("step", ["fsync", "replace"])
    def test_what_was_there_is_kept_if_writing_fails(
        self, fitted: FERClassifier, path: Path, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        def fail(*_: Any) -> Any:
            raise OSError(28, "No space left on device")

        path.write_bytes(b"before")
        with monkeypatch.context() as full_disk:
            full_disk.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), fail)
            with pytest.raises(OSError, match="No space left"):
                fitted.save(path)
        assert path.read_bytes() == b"before"
        assert list(path.parent.iterdir()) == [path]

    def test_all_is_synced_before_it_takes_its_place(
        self, fitted: FERClassifier, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        steps: list[Any] = []
        fsync, replace = os.fsync, Path.replace

        def record_fsync(descriptor: int) -> None:
            steps.append(os.fstat(descriptor).st_size)
            fsync(descriptor)

        def record_replace(unfinished: Path, target: Path) -> Path:
            steps.append("replace")
            return replace(unfinished, target)

        monkeypatch.setattr(os, "fsync", record_fsync)
        monkeypatch.setattr(Path, "replace", record_replace)
        fitted.save(path)
        assert steps[:2] == [path.stat().st_size, "replace"]
        assert len(steps) == 3  # the folder

    def test_a_folder_is_no_file(self, fitted: FERClassifier, tmp_path: Path) -> None:
        with pytest.raises(IsADirectoryError, match="this is a folder"):
            fitted.save(tmp_path)
        with pytest.raises(FileNotFoundError, match="there is no folder"):
            fitted.save(tmp_path / "none" / "model.safetensors")


def test_loading_deserialises_and_unpickles_nothing() -> None:
    code = """
import pickle
import keras
from keras.src.saving import saving_api, saving_lib, serialization_lib
from ferclassifier._keras import network  # imports that unpickle are not the loading

def refuse(*args, **kwargs):
    raise AssertionError("code was read from the file")

find = serialization_lib.deserialize_keras_object

def only_find(config, *args, **kwargs):  # the architectures name their initializers by a string
    if config["config"] or config.get("module", "keras.initializers") != "keras.initializers":
        refuse()
    return find(config, *args, **kwargs)

for module in (keras.saving, keras.models, saving_api, saving_lib, serialization_lib):
    for name in ("deserialize_keras_object", "load_model", "load_weights"):
        if hasattr(module, name):
            setattr(module, name, refuse)
serialization_lib.deserialize_keras_object = only_find
keras.Model.from_config = keras.layers.Layer.from_config = refuse
pickle.load = pickle.loads = pickle.Unpickler = refuse
from ferclassifier.persistence import load_model
import numpy as np, sys
for path in sys.argv[1:]:
    print(load_model(path).predict_proba(np.zeros((1, 48, 48), np.uint8)).shape)
"""
    files = [str(DATA / "protocol1.safetensors"), str(DATA / "protocol1_voting.safetensors")]
    run = subprocess.run([sys.executable, "-c", code, *files], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split("\n")[:2] == ["(1, 7)", "(1, 7)"]


def test_importing_is_light() -> None:
    code = (
        "import sys, ferclassifier.persistence; print({'keras', 'safetensors'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout == "set()\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("model.h5", r"name of a file of Keras, but .*Name it model\.safetensors\."),
        ("model.weights.h5", r"Name it model\.weights\.safetensors\."),
        ("model.KERAS", "name of a file of Keras"),
        ("model.pkl", r"name of a pickle.*Name it model\.safetensors, or .* joblib\.dump\."),
        ("model.joblib", "name of a pickle"),
        ("model.onnx", "name of a file of ONNX"),
    ],
)
def test_names_of_other_kinds_of_files(
    fitted: FERClassifier, ensemble: FERVotingClassifier, tmp_path: Path, name: str, words: str
) -> None:
    """A safetensors file was written there, which Keras and joblib could not read."""
    path = tmp_path / name
    for model in (fitted, ensemble):
        with pytest.raises(ModelFileError, match=words):
            model.save(path)
        with pytest.raises(ModelFileError, match=words):
            save_model(model, str(path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["model", "model.v2", "h5", "best.model"])
def test_other_names_are_free(fitted: FERClassifier, tmp_path: Path, name: str) -> None:
    fitted.save(tmp_path / name)
    assert load_model(tmp_path / name).n_iter_ == fitted.n_iter_


def test_a_link_has_the_name_of_its_file(fitted: FERClassifier, tmp_path: Path) -> None:
    (tmp_path / "latest.h5").symlink_to("model.safetensors")
    fitted.save(tmp_path / "latest.h5")
    (tmp_path / "latest").symlink_to("model.h5")
    with pytest.raises(ModelFileError, match="name of a file of Keras"):
        fitted.save(tmp_path / "latest")


def test_bytes_of_a_file_object_are_no_path(fitted: FERClassifier) -> None:
    with pytest.raises(TypeError):
        fitted.save(io.BytesIO())  # type: ignore[arg-type]
