"""Model files: what comes back, and what is refused before anything is made of it."""

from __future__ import annotations

import copy
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save as safetensors_bytes
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from ferclassifier import FERClassifier, FERVotingClassifier
from ferclassifier._files import container
from ferclassifier._keras import network
from ferclassifier.architectures import _registry, register_architecture
from ferclassifier.exceptions import ModelFileError
from ferclassifier.persistence import load_model, save_model
from helpers import DATA, patterns, tiny_classifier

LABELS = {
    "strings": np.array(["angry", "happy", "überrascht"]),
    "wide strings": np.array(["a", "b", "c"], dtype="<U9"),
    "objects": np.array(["a", "b", "c"], dtype=object),
    "bytes": np.array([3, 4, 250], dtype=np.uint8),
    "integers": np.array([-(2**62), 0, 5]),
    "floats": np.array([-0.1, 1 / 3, 1e300]),
    "half floats": np.array([-0.1, 0.3, 7], dtype=np.float16),
}
Change = Callable[[dict[str, Any], dict[str, Any]], Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


@pytest.fixture(scope="module")
def saved(fitted: FERClassifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of a fitted classifier; tests must not change it."""
    path = tmp_path_factory.mktemp("saved") / "model.safetensors"
    fitted.save(path)
    return path


@pytest.fixture(scope="module")
def ensemble(pattern_images: Any) -> FERVotingClassifier:
    X, y = pattern_images
    members = [(f"seed {i}", tiny_classifier(epochs=3, random_state=i)) for i in range(2)]
    return FERVotingClassifier(members, weights=[2, 1]).fit(X, y)


def with_labels(clf: FERClassifier, classes: np.ndarray) -> FERClassifier:
    """A copy of a classifier that knows other labels."""
    labelled = copy.copy(clf)
    labelled.classes_ = classes
    return labelled


def sealed(header: dict[str, Any] | str, data: bytes) -> bytes:
    """A file of a header and data as they are, the zeros of its sum replaced by the sum."""
    text = header if isinstance(header, str) else json.dumps(header)
    content = len(text.encode()).to_bytes(8, "little") + text.encode() + data
    start = content.index(container._SUM_MARK) + len(container._SUM_MARK)
    digest = container.hashlib.sha256(content).hexdigest().encode()
    return content[:start] + digest + content[start + 64 :]


def taken_apart(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The header of a file, with zeros for the sum, and its data."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    manifest = json.loads(header["__metadata__"]["ferclassifier"])
    manifest["sha256"] = "0" * 64
    header["__metadata__"]["ferclassifier"] = json.dumps(manifest, separators=(",", ":"))
    return header, content[8 + length :]


def forge(source: Path, path: Path, change: Change) -> None:
    """Write a file with a right sum over a manifest and tensors that were tampered with."""
    manifest, tensors = container.read_model_file(source)
    change(manifest, tensors)
    container.write_model_file(path, manifest, tensors)


def setting(*keys: str | int, to: Any) -> Change:
    """A change of one value of the manifest."""

    def change(manifest: Any, _: Any) -> None:
        for key in keys[:-1]:
            manifest = manifest[key]
        manifest[keys[-1]] = to

    return change


def architecture_with(name: str = "gap_cnn", **params: Any) -> Change:
    pairs = [[key, value] for key, value in params.items()]
    return setting("model", "network", to={"architecture": name, "params": {"dict": pairs}})


def renaming(old: str, new: str) -> Change:
    return lambda _, tensors: tensors.update({new: tensors.pop(old)})


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


class TestWhatCannotBeSaved:
    def test_a_model_that_is_not_fitted(self, path: Path) -> None:
        for model in (FERClassifier(), FERVotingClassifier([("a", FERClassifier())])):
            with pytest.raises(NotFittedError):
                model.save(path)
        assert not path.exists()

    def test_a_network_of_ones_own(
        self, fitted: FERClassifier, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_registry, "_registered", {})

        def own(inputs: Any, n_classes: int) -> Any:
            x = keras.layers.GlobalAveragePooling2D()(inputs)
            return keras.layers.Dense(n_classes, activation="softmax")(x)

        register_architecture("registered")(own)
        for architecture in (own, "registered"):
            clf = tiny_classifier(architecture=architecture, architecture_params=None, epochs=1)
            with pytest.raises(ModelFileError, match=r"own|registered.*joblib\.dump"):
                clf.fit(*patterns(12)).save(path)
        with pytest.raises(ModelFileError, match=r"'own'.*joblib\.dump"):
            copy.copy(fitted).set_params(architecture=own).save(path)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("optimizer", lambda: keras.optimizers.SGD()),
            ("optimizer", keras.optimizers.SGD(0.1)),
            ("random_state", np.random.RandomState(0)),
            ("class_weight", {(0, 1j): 1.0}),
            ("image_shape", np.array([12, 12])),
        ],
    )
    def test_parameters_that_are_objects(
        self, fitted: FERClassifier, path: Path, name: str, value: Any
    ) -> None:
        with pytest.raises(ModelFileError, match=rf"parameter {name} is .*set_params"):
            copy.copy(fitted).set_params(**{name: value}).save(path)

    @pytest.mark.parametrize("model", [MinMaxScaler(), make_pipeline(FERClassifier()), None])
    def test_models_of_other_classes(self, path: Path, model: Any) -> None:
        with pytest.raises(ModelFileError, match=rf"Got {type(model).__name__}.*joblib\.dump"):
            save_model(model, path)

    def test_a_class_that_inherits(self, fitted: FERClassifier, path: Path) -> None:
        class Other(FERClassifier):
            pass

        other = copy.copy(fitted)
        other.__class__ = Other
        with pytest.raises(ModelFileError, match="Got Other"):
            other.save(path)

    @pytest.mark.parametrize("classes", [np.array([b"a", b"b"]), np.array(["2020"], "M8[Y]")])
    def test_labels_of_other_types(
        self, fitted: FERClassifier, path: Path, classes: np.ndarray
    ) -> None:
        with pytest.raises(ModelFileError, match="dtype"):
            with_labels(fitted, classes).save(path)

    @pytest.mark.parametrize(
        ("value", "dtype", "message"),
        [
            (np.nan, "float32", "diverged"),
            (-np.inf, "float16", "diverged"),
            (1e5, "float16", r"reach 1e\+05.*float32"),
        ],
    )
    def test_weights_that_are_no_numbers(
        self, saved: Path, path: Path, value: float, dtype: Any, message: str
    ) -> None:
        clf = load_model(saved)
        weights = clf._network.named_weights()
        weights["000.conv2d.kernel"][0, 0, 0, 0] = value
        clf._network.set_named_weights(weights)
        with pytest.raises(ModelFileError, match=message):
            clf.save(path, dtype=dtype)
        assert not path.exists()

    def test_other_options(self, fitted: FERClassifier, path: Path) -> None:
        with pytest.raises(ModelFileError, match=r"'float64'.*one of \['float32', 'float16'\]"):
            fitted.save(path, dtype="float64")  # type: ignore[arg-type]
        with pytest.raises(ModelFileError, match=r"metadata is 3, but expected a string"):
            fitted.save(path, metadata=3)  # type: ignore[arg-type]

    def test_more_text_than_is_read(self, fitted: FERClassifier, path: Path) -> None:
        with pytest.raises(ModelFileError, match=r"at most 1,048,576"):
            fitted.save(path, metadata="x" * 2**20)
        assert not path.exists()


class TestTheFile:
    def test_it_is_read_with_safetensors_alone(self, fitted: FERClassifier, path: Path) -> None:
        text = '"sha256":"' + "0" * 64 + '" \\ ähm \n'
        fitted.save(path, metadata=text)
        with safe_open(path, framework="numpy") as file:
            manifest = json.loads(file.metadata()["ferclassifier"])
            names = list(file.keys())
            kernel = file.get_tensor("000.conv2d.kernel")
        assert manifest["metadata"] == text
        assert manifest["protocol"] == 1
        assert manifest["model"]["classes"]["values"] == [0, 1, 2]
        assert kernel.shape == (3, 3, 1, 8)
        assert names == sorted(fitted._network.named_weights())
        assert load_model(path).n_iter_ == fitted.n_iter_

    def test_saving_twice_makes_equal_files(
        self, fitted: FERClassifier, saved: Path, path: Path
    ) -> None:
        fitted.save(path)
        assert path.read_bytes() == saved.read_bytes()

    def test_it_holds_no_path(self, fitted: FERClassifier, path: Path, tmp_path: Path) -> None:
        copy.copy(fitted).set_params(
            checkpoint=tmp_path / "state", initial_weights=str(tmp_path / "weights")
        ).save(str(path))
        assert tmp_path.name.encode() not in path.read_bytes()

    @pytest.mark.parametrize("name", _registry._BUILT_IN)
    def test_names_and_shapes_are_known_without_weights(self, name: str) -> None:
        spec = network.NetworkSpec(name, {}, (48, 48, 1), 7, (1 / 127.5, -1.0))
        limit = {"max_weights": 1000, "max_values": 10**8}
        before = network.weight_shapes(spec, **limit)
        made = network.Network(spec).named_weights()
        assert {key: value.shape for key, value in made.items()} == before
        assert network.weight_shapes(spec, **limit) == before  # however many layers there were
        n_values = sum(value.size for value in made.values())
        limit = {"max_weights": len(made), "max_values": n_values}
        assert network.weight_shapes(spec, **limit) == before
        for fewer in ({"max_weights": len(made) - 1}, {"max_values": n_values - 1}):
            with pytest.raises(ValueError, match="more weights"):
                network.weight_shapes(spec, **{**limit, **fewer})

    def test_counting_weights_leaves_nothing_to_keras(self, saved: Path) -> None:
        load_model(saved)
        with keras.StatelessScope():  # gives values to what was made without them
            pass
        layer = keras.layers.Dense(2)
        layer.build((None, 3))
        assert layer.kernel.shape == (3, 2)
        assert np.isfinite(layer.get_weights()[0]).all()


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

    def test_a_later_protocol_is_named(self, saved: Path, path: Path) -> None:
        header, data = taken_apart(saved.read_bytes())
        manifest = json.loads(header["__metadata__"]["ferclassifier"])
        for protocol, message in ((2, "Install a later release"), (0, "expected"), (True, "1")):
            text = json.dumps({**manifest, "protocol": protocol}, separators=(",", ":"))
            path.write_bytes(sealed({**header, "__metadata__": {"ferclassifier": text}}, data))
            with pytest.raises(ModelFileError, match=message):
                load_model(path)


class TestDamage:
    def test_every_byte_counts(self, saved: Path, path: Path) -> None:
        content = saved.read_bytes()
        for i in range(len(content)):
            damaged = bytearray(content)
            damaged[i] ^= 1 << (i % 8)
            path.write_bytes(damaged)
            with pytest.raises(ModelFileError):
                load_model(path)

    @given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255))
    @settings(deadline=None, max_examples=200)
    def test_any_byte_may_be_any_other(self, saved: Path, place: float, value: int) -> None:
        damaged = bytearray(saved.read_bytes())
        i = int(place * len(damaged))
        same = damaged[i] == value
        damaged[i] = value
        path = saved.with_name("damaged")
        path.write_bytes(damaged)
        if same:
            load_model(path)
        else:
            with pytest.raises(ModelFileError):
                load_model(path)

    def test_no_end_may_be_missing(self, saved: Path, path: Path) -> None:
        content = saved.read_bytes()
        for end in [*range(64), *range(64, len(content), 7), len(content) - 1]:
            path.write_bytes(content[:end])
            with pytest.raises(ModelFileError):
                load_model(path)

    @pytest.mark.parametrize("more", [b"\0", b" ", b"\0" * 4096])
    def test_nothing_may_follow(self, saved: Path, path: Path, more: bytes) -> None:
        path.write_bytes(saved.read_bytes() + more)
        with pytest.raises(ModelFileError, match="damaged"):
            load_model(path)
        path.write_bytes(sealed(*taken_apart(saved.read_bytes() + more)))
        with pytest.raises(ModelFileError, match="tensors are not"):
            load_model(path)

    @given(header=st.binary(max_size=200), tail=st.binary(max_size=50))
    @settings(deadline=None, max_examples=200)
    def test_headers_of_noise(self, saved: Path, header: bytes, tail: bytes) -> None:
        path = saved.with_name("noise")
        path.write_bytes(len(header).to_bytes(8, "little") + header + tail)
        with pytest.raises(ModelFileError):
            load_model(path)
        path.write_bytes(len(header).to_bytes(8, "little") + b"{" + header + tail)
        with pytest.raises(ModelFileError):
            load_model(path)


class _Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return Path.touch, (self.trace,)


class TestHostileContainers:
    @pytest.mark.parametrize("protocol", range(6))
    def test_pickles_are_named_and_not_read(
        self, path: Path, tmp_path: Path, protocol: int
    ) -> None:
        trace = tmp_path / "trace"
        path.write_bytes(pickle.dumps(_Bomb(trace), protocol=protocol))
        with pytest.raises(ModelFileError, match="pickle" if protocol > 1 else "no safetensors"):
            load_model(path)
        assert not trace.exists()
        pickle.loads(path.read_bytes())  # what would have happened
        assert trace.exists()

    @pytest.mark.parametrize(
        ("compress", "kind"),
        [(0, "a pickle"), (3, "zlib"), (("gzip", 3), "gzip"), ("bz2", "bzip2")],
    )
    def test_files_of_joblib(self, path: Path, tmp_path: Path, compress: Any, kind: str) -> None:
        joblib.dump(_Bomb(tmp_path / "trace"), path, compress=compress)
        with pytest.raises(ModelFileError, match=rf"{kind}.*joblib\.load reads"):
            load_model(path)
        assert not (tmp_path / "trace").exists()

    def test_files_of_keras(self, path: Path, tmp_path: Path, fitted: FERClassifier) -> None:
        archive = tmp_path / "model.keras"
        fitted._network.keras_model.save(archive)
        shutil.copy(archive, path)
        with pytest.raises(ModelFileError, match=r"zip archive, as \.keras files"):
            load_model(path)
        path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
        with pytest.raises(ModelFileError, match=r"HDF5 file, as \.h5 files"):
            load_model(path)

    @pytest.mark.parametrize("content", [b"", b"\0", b"hello", bytes(100), b"\xff" * 100])
    def test_other_files(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match=rf"{path.name}: this is no safetensors file"):
            load_model(path)

    def test_other_files_of_safetensors(self, path: Path) -> None:
        tensors = {"a": np.zeros(3, dtype=np.float32)}
        for metadata in (None, {"format": "pt"}, {"ferclassifier": "{}"}, {"ferclassifier": "[]"}):
            path.write_bytes(safetensors_bytes(tensors, metadata=metadata))
            with pytest.raises(ModelFileError):
                load_model(path)

    def test_what_is_no_file(self, path: Path, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            load_model(path)
        with pytest.raises(IsADirectoryError, match="this is a folder, but expected a model file"):
            load_model(tmp_path)
        os.mkfifo(path)
        with pytest.raises(ModelFileError, match="no regular file"):  # and does not wait
            load_model(path)

    @pytest.mark.parametrize("length", [2**20 + 1, 2**39, 2**63, 2**64 - 1])
    def test_a_header_of_any_length(self, path: Path, length: int) -> None:
        path.write_bytes(length.to_bytes(8, "little") + b"{" + bytes(100))
        with pytest.raises(ModelFileError):
            load_model(path)

    def test_a_file_too_large_to_be_read(self, path: Path) -> None:
        with path.open("wb") as file:
            file.write((2).to_bytes(8, "little") + b"{}")
            file.truncate(2**30 + 1)
        with pytest.raises(ModelFileError, match=r"1,073,741,825 bytes, but expected at most"):
            load_model(path)

    @pytest.mark.parametrize(
        "offsets",
        [(4, 8), (-4, 0), (0, 2**62), (0, 1152), (1152, 0), (0, "4"), (0.0, 4), (0,), None],
    )
    def test_tensors_overlap_or_leave_gaps(self, saved: Path, path: Path, offsets: Any) -> None:
        header, data = taken_apart(saved.read_bytes())
        header["003.dense.bias"]["data_offsets"] = offsets and list(offsets)
        path.write_bytes(sealed(header, data))
        with pytest.raises(ModelFileError, match=r"tensors are not|003\.dense\.bias"):
            load_model(path)

    @pytest.mark.parametrize(
        "entry",
        [
            {"dtype": "F64"},
            {"dtype": "U8"},
            {"dtype": None},
            {"shape": [2**62]},
            {"shape": [-3]},
            {"shape": [3, 2**30, 2**30]},
            {"shape": [True, 3]},
            {"shape": 3},
            {"more": 1},
        ],
    )
    def test_tensors_of_other_types(self, saved: Path, path: Path, entry: dict[str, Any]) -> None:
        header, data = taken_apart(saved.read_bytes())
        header["003.dense.bias"].update(entry)
        path.write_bytes(sealed(header, data))
        with pytest.raises(ModelFileError):
            load_model(path)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("NaN", "NaN"),
            ("-Infinity", "Infinity"),
            ("1e999", "too large"),
            ("9" * 5000, "too large"),
            (str(2**64), "too large"),
            ('{"a": 1, "a": 1}', "twice"),
            ("[" * 100_000, "no valid JSON"),
            ('"\x01"', "no valid JSON"),
            ("1,", "no valid JSON"),
        ],
    )
    def test_what_is_no_strict_json(self, saved: Path, path: Path, text: str, message: str) -> None:
        header, data = taken_apart(saved.read_bytes())
        header["x"] = "here"
        path.write_bytes(sealed(json.dumps(header).replace('"here"', text), data))
        with pytest.raises(ModelFileError, match=message):
            load_model(path)
        manifest = header["__metadata__"]["ferclassifier"].replace('"metadata":null', f'"m":{text}')
        header = {**header, "__metadata__": {"ferclassifier": manifest}}
        del header["x"]
        path.write_bytes(sealed(header, data))
        with pytest.raises(ModelFileError, match=message):
            load_model(path)

    def test_a_key_twice_among_many_is_found_at_once(self, saved: Path, path: Path) -> None:
        """Counting each key anew took minutes."""
        header, data = taken_apart(saved.read_bytes())
        text = json.dumps({**header, **dict.fromkeys(map(str, range(60_000)), 1)})
        path.write_bytes(sealed(text[:-1] + ', "59999": 1}', data))
        with pytest.raises(ModelFileError, match="'59999' twice"):
            load_model(path)

    def test_text_that_is_no_unicode(self, saved: Path, path: Path) -> None:
        path.write_bytes(
            saved.read_bytes().replace(b'"003.dense.bias"', b'"\xff\xff\xff.dense.bias"')
        )
        with pytest.raises(ModelFileError, match="no valid JSON"):
            load_model(path)
        forge(saved, path, setting("metadata", to="\ud800"))
        with pytest.raises(ModelFileError, match="surrogates"):
            load_model(path)


def test_names_of_any_kind_come_back(path: Path) -> None:
    """Names of columns and of members that are no UTF-8 were written, and not read again."""
    X, y = patterns(20, n_classes=2)
    labels = np.array(["a\udcff", "\x1b[31m"])[y]
    frame = pd.DataFrame(X.reshape(20, -1), columns=[f"{i}\udcff" for i in range(144)])
    clf = tiny_classifier(epochs=1, class_weight={"a\udcff": 2.0}).fit(frame, labels)
    for model in (clf, FERVotingClassifier.from_fitted([("m\udcff", clf)])):
        model.save(path)
        loaded = load_model(path)
        np.testing.assert_array_equal(loaded.classes_, model.classes_)
        np.testing.assert_array_equal(loaded.predict(frame), model.predict(frame))
    assert [name for name, _ in loaded.estimators] == ["m\udcff"]
    np.testing.assert_array_equal(loaded.estimators_[0].feature_names_in_, frame.columns)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


HUGE = 10**9
HOSTILE = {
    "an unknown architecture": (architecture_with("my_net"), "one of"),
    "a callable": (architecture_with("os.system"), "one of"),
    "a network to be fitted next": (
        setting("model", "parameters", "architecture", to="os.system"),
        "one of",
    ),
    "unknown settings": (architecture_with(filter=[8]), "no network"),
    "huge filters": (architecture_with(filters=[HUGE]), "expected numbers from 0"),
    "many filters": (architecture_with(filters=[8] * 10**5), "expected numbers from 0"),
    "negative filters": (architecture_with(filters=[-8]), "expected numbers from 0"),
    "filters of text": (architecture_with(filters="888"), "expected numbers from 0"),
    "nested filters": (architecture_with(filters=[[8]]), "expected numbers from 0"),
    "wide filters": (architecture_with(filters=[2**16]), "more weights than"),
    "endless depth": (architecture_with("vgg", depth=2**16, filters=[1]), "more weights than"),
    "settings of a list": (setting("model", "network", "params", to=[]), "no dict"),
    "settings without names": (architecture_with(**{"dict": 1}), "no network"),
    "other filters": (architecture_with(filters=[4], dense=16), "lacks|shape"),
    "fewer layers": (architecture_with(filters=[], dense=16), "lacks|shape"),
    "more classes": (
        setting("model", "classes", "values", to=list(range(10_000))),
        "no network",
    ),
    "endless classes": (
        setting("model", "classes", "values", to=list(range(20_000))),
        "20000 entries",
    ),
    "labels of gigabytes": (
        setting("model", "classes", to={"dtype": "<U99999999", "values": ["a", "b", "c"]}),
        "dtype",
    ),
    "labels that are objects": (setting("model", "classes", "dtype", to="|V8"), "dtype"),
    "labels of another type": (setting("model", "classes", "dtype", to="<U8"), "than str"),
    "labels in disorder": (setting("model", "classes", "values", to=[2, 1, 0]), "not sorted"),
    "labels that occur twice": (setting("model", "classes", "values", to=[0, 1, 1]), "twice"),
    "labels that do not fit": (
        setting("model", "classes", to={"dtype": "|u1", "values": [0, 1, 256]}),
        "cannot hold",
    ),
    "labels that are cut": (
        setting("model", "classes", to={"dtype": "<U1", "values": ["a", "b", "cc"]}),
        "do not fit",
    ),
    "huge images": (setting("model", "image_shape", to=[HUGE, 12, 1]), "whole number"),
    "large images": (setting("model", "image_shape", to=[2**13, 2**13, 1]), "at most"),
    "images of two channels": (setting("model", "image_shape", to=[12, 12, 2]), "1 or 3"),
    "names for other pixels": (setting("model", "feature_names", to=["a"]), "1 names"),
    "another scale": (setting("model", "pixel_scale", "kind", to="__class__"), "one of"),
    "cold": (setting("model", "temperature", to=0), "in .0.1, 10"),
    "hot": (setting("model", "temperature", to=1e9), "in .0.1, 10"),
    "a temperature of text": (setting("model", "temperature", to="1"), "a number"),
    "an epoch of half": (setting("model", "n_iter", to=1.5), "whole number"),
    "a history of text": (setting("model", "history", "loss", to=["1"]), "a number"),
    "no history": (setting("model", "history", to=None), "an object"),
    "a parameter out of range": (setting("model", "parameters", "epochs", to=-1), "not valid"),
    "a parameter of another type": (
        setting("model", "parameters", "optimizer", to={"dict": [["a", 1]]}),
        "not valid",
    ),
    "an unknown parameter": (setting("model", "parameters", "x", to=1), "none of FERClassifier's"),
    "a file to write to": (
        setting("model", "parameters", "checkpoint", to="/etc/passwd"),
        "none of FERClassifier's",
    ),
    "a file to read from": (
        setting("model", "parameters", "initial_weights", to="/etc/passwd"),
        "name of a released model",
    ),
    "a name to look up in the next fit": (
        setting("model", "parameters", "architecture_params", to={"dict": [["x", "os.system"]]}),
        "expected numbers",
    ),
    "callbacks": (setting("model", "parameters", "callbacks", to=[]), "none of FERClassifier's"),
    "an object in a parameter": (
        setting("model", "parameters", "class_weight", to={"class": "os.system"}),
        "an object with the one key",
    ),
    "a dict of half pairs": (
        setting("model", "parameters", "class_weight", to={"dict": [[1]]}),
        "1 entries",
    ),
    "a key twice": (
        setting("model", "parameters", "class_weight", to={"dict": [[1, 1], [1, 2]]}),
        "a key twice",
    ),
    "a key that is a list": (
        setting("model", "parameters", "class_weight", to={"dict": [[[], 1]]}),
        "no number or string",
    ),
    "a deep parameter": (
        setting("model", "parameters", "class_weight", to=nested(700)),
        "nested too deeply|no valid JSON|not valid",
    ),
    "a seed out of range": (setting("model", "parameters", "random_state", to=-1), "not valid"),
    "an unknown kind": (setting("kind", to="Pipeline"), "one of"),
    "an unknown dtype": (setting("dtype", to="float64"), "one of"),
    "another dtype": (setting("dtype", to="float16"), "are float32, but expected float16"),
    "versions of numbers": (setting("versions", "numpy", to=2), "a string"),
    "an unknown key": (setting("module", to="os"), "unknown keys"),
    "an unknown key inside": (setting("model", "module", to="os"), "unknown keys"),
    "a missing key": (lambda manifest, _: manifest.pop("versions"), "lacks"),
    "a missing key inside": (lambda manifest, _: manifest["model"].pop("classes"), "lacks"),
    "no weights": (lambda _, tensors: tensors.clear(), "no network"),
    "a missing tensor": (lambda _, tensors: tensors.pop("003.dense.bias"), "no network"),
    "an extra tensor": (
        lambda _, tensors: tensors.update(x=np.zeros(3, np.float32)),
        r"has \['x'\]",
    ),
    "a renamed tensor": (renaming("003.dense.bias", "003.dense.b"), r"lacks the weights \['003"),
    "a tensor of another shape": (
        lambda _, t: t.update({"002.dense.kernel": t["002.dense.kernel"].T}),
        r"shape \(16, 8\), but expected \(8, 16\)",
    ),
    "a tensor of another dtype": (
        lambda _, t: t.update({"002.dense.kernel": t["002.dense.kernel"].astype(np.float16)}),
        "are float16, but expected float32",
    ),
    "not a number": (lambda _, t: t["002.dense.kernel"].fill(np.nan), "NaN or infinite"),
    "infinity": (lambda _, t: t["002.dense.kernel"].fill(-np.inf), "NaN or infinite"),
}


class TestHostileManifests:
    @pytest.mark.parametrize("case", HOSTILE)
    def test_it_is_refused_before_there_is_a_network(
        self, saved: Path, path: Path, case: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_network(*_: Any) -> Any:
            raise AssertionError("a network was made")

        change, message = HOSTILE[case]
        forge(saved, path, change)
        monkeypatch.setattr(network, "Network", no_network)
        with pytest.raises(ModelFileError, match=message) as caught:
            load_model(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert len(str(caught.value)) < 1000

    @given(data=st.data())
    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    def test_any_value_may_be_any_other(self, saved: Path, data: st.DataObject) -> None:
        def change(manifest: Any, _: Any) -> None:
            while True:
                keys = sorted(manifest) if isinstance(manifest, dict) else range(len(manifest))
                key = data.draw(st.sampled_from(list(keys)))
                inside = manifest[key]
                if not isinstance(inside, dict | list) or not inside or data.draw(st.booleans()):
                    manifest[key] = data.draw(_JSON)
                    return
                manifest = inside

        path = saved.with_name("forged")
        forge(saved, path, change)
        try:
            loaded = load_model(path)
        except ModelFileError:
            return
        assert isinstance(loaded, FERClassifier)
        assert loaded._network.spec.architecture == "gap_cnn"

    def test_parameters_of_earlier_releases_are_enough(self, saved: Path, path: Path) -> None:
        forge(saved, path, lambda manifest, _: manifest["model"]["parameters"].pop("verbose"))
        assert load_model(path).verbose == FERClassifier().verbose


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.sampled_from([0, 1, 2, 8, 2**16, 2**31])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["gap_cnn", "vgg", "compact", "float16", "FERVotingClassifier", "<U9", "|O"]),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.sampled_from(["tuple", "dict", "a"]), inside, max_size=2)
    ),
    max_leaves=8,
)


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
from ferclassifier import network  # imports that unpickle are not the loading

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


def test_names_of_weights_are_of_one_layer_each() -> None:
    """Layers without names of their own inside of another would share a name."""
    from ferclassifier._keras.named_weights import named_weights

    class Twins(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.twins = [keras.layers.Dense(2), keras.layers.Dense(2)]

        def call(self, x: Any) -> Any:
            return self.twins[0](x) + self.twins[1](x)

    inputs = keras.Input((3,))
    with pytest.raises(ValueError, match=r"two weights of the name '000\.twins\.dense\.kernel'"):
        named_weights(keras.Model(inputs, Twins()(inputs)))


def test_bytes_of_a_file_object_are_no_path(fitted: FERClassifier) -> None:
    with pytest.raises(TypeError):
        fitted.save(io.BytesIO())  # type: ignore[arg-type]
