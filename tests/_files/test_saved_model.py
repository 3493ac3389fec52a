"""What a file says of a model: what cannot be saved, and what is refused before it is built."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from ferclassifier import FERClassifier, FERVotingClassifier
from ferclassifier._keras import network
from ferclassifier.architectures import _registry, register_architecture
from ferclassifier.exceptions import ModelFileError
from ferclassifier.persistence import load_model, save_model
from forged_files import architecture_with, forge, renaming, setting
from helpers import patterns, tiny_classifier, with_labels


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
