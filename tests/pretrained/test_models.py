"""Released models: found by name, and loaded without a network."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferclassifier import (
    EMOTIONS,
    FERClassifier,
    FERVotingClassifier,
    OnnxFERClassifier,
    make_faces,
    predict_photos,
)
from ferclassifier._cli.commands.predict import predict
from ferclassifier._files import released
from ferclassifier.exceptions import DataError, UnknownModelError
from ferclassifier.pretrained import list_pretrained, load_pretrained, model_card
from ferclassifier.pretrained._facts import SCORED, ModelFacts
from ferclassifier.pretrained._models import model_facts
from onnx_files import linear_model

SHIPPED = list_pretrained()
FOLDER = Path(str(released._FOLDER))
MB = 1e6


class TestLoading:
    def test_models_are_listed_by_name(self, release: Callable[..., ModelFacts]) -> None:
        assert list_pretrained() == []
        release("small")
        release("large")
        assert list_pretrained() == ["large", "small"]

    def test_a_model_predicts_as_it_did(
        self, release: Callable[..., ModelFacts], fitted: FERClassifier, pattern_images: Any
    ) -> None:
        release("compact")
        X, _ = pattern_images
        clf = load_pretrained()
        assert isinstance(clf, FERClassifier)
        np.testing.assert_array_equal(clf.predict_proba(X), fitted.predict_proba(X))

    def test_each_call_makes_another_object(
        self, release: Callable[..., ModelFacts], pattern_images: Any
    ) -> None:
        release("compact")
        X, y = pattern_images
        changed, other = load_pretrained(), load_pretrained()
        before = other.predict_proba(X)
        changed.set_params(epochs=1).fit(X, y)
        np.testing.assert_array_equal(other.predict_proba(X), before)

    def test_an_ensemble_is_made_of_the_files_of_its_members(
        self,
        release: Callable[..., ModelFacts],
        folder: Path,
        fitted: FERClassifier,
        pattern_images: Any,
    ) -> None:
        X, y = pattern_images
        release("small")
        other = FERClassifier(**{**fitted.get_params(), "random_state": 1, "epochs": 1}).fit(X, y)
        other.save(folder / "other.safetensors")  # released as a member alone
        release("ensemble", members={"small": 3.0, "other": 1.0}, temperature=2.0)
        clf = load_pretrained("ensemble")
        assert isinstance(clf, FERVotingClassifier)
        assert list_pretrained() == ["ensemble", "small"]
        mirrored = X[:, :, ::-1]  # the members look at two views, as the facts of the ensemble say
        first, second = (
            (member.predict_proba(X) + member.predict_proba(mirrored)) / 2
            for member in (fitted, other)
        )
        mean = 0.75 * first + 0.25 * second
        expected = np.sqrt(mean) / np.sqrt(mean).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(clf.predict_proba(X), expected, atol=1e-5)

    @pytest.mark.parametrize("function", [load_pretrained, model_card, model_facts])
    def test_an_unknown_name_is_answered_with_the_nearest(
        self, function: Any, release: Callable[..., ModelFacts]
    ) -> None:
        release("compact")
        release("best")
        expected = r"'compct'.*\['best', 'compact'\]\. Did you mean 'compact'\?"
        with pytest.raises(UnknownModelError, match=expected) as caught:
            function("compct")
        assert isinstance(caught.value, ValueError)
        with pytest.raises(UnknownModelError, match=r"\['best', 'compact'\]\.$"):
            function("xyz")

    def test_a_runtime_needs_a_file_of_its_own(
        self, release: Callable[..., ModelFacts], folder: Path
    ) -> None:
        release("small")
        with pytest.raises(UnknownModelError, match=r"no ONNX file.*export_onnx\(load_pretrained"):
            load_pretrained("small", runtime="onnx")
        with pytest.raises(UnknownModelError, match="Did you mean 'small'"):
            load_pretrained("smal", runtime="onnx")
        with pytest.raises(ValueError, match="runtime='torch'"):
            load_pretrained("small", runtime="torch")  # type: ignore[call-overload]
        linear_model(folder / "small.onnx")
        clf = load_pretrained("small", runtime="onnx")
        assert isinstance(clf, OnnxFERClassifier)
        assert clf.classes_.tolist() == ["a", "b", "c"]

    def test_classes_may_be_left_out(
        self,
        release: Callable[..., ModelFacts],
        fitted: FERClassifier,
        pattern_images: Any,
        tmp_path: Path,
    ) -> None:
        X, _ = pattern_images
        names = fitted.classes_.tolist()
        release("small")
        release("ensemble", members={"small": 1.0}, temperature=1.0)
        expected = fitted.predict_proba(X)[:, [0, 2]]
        expected /= expected.sum(axis=1, keepdims=True)
        clf = load_pretrained("small", classes=[names[2], names[0]])
        assert clf.classes_.tolist() == [names[0], names[2]]
        np.testing.assert_allclose(clf.predict_proba(X), expected, atol=1e-6)
        clf.save(tmp_path / "two.safetensors")
        again = FERClassifier.load(tmp_path / "two.safetensors")
        np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))
        ensemble = load_pretrained("ensemble", classes=iter(names[::2]))
        assert ensemble.classes_.tolist() == names[::2]
        for wrong, kind, message in (
            ([names[0], "x?"], DataError, "no class 'x.'"),
            (names[:1], DataError, "two or more"),
            ("happy", TypeError, "a list of labels"),
        ):
            for name in ("small", "ensemble"):
                with pytest.raises(kind, match=message):
                    load_pretrained(name, classes=wrong)

    @pytest.mark.usefixtures("folder")
    def test_no_models_are_said_to_be_none(self) -> None:
        with pytest.raises(UnknownModelError, match="none came with this installation"):
            load_pretrained()


@pytest.mark.skipif(not SHIPPED, reason="no trained models are here yet")
class TestShippedModels:
    def test_the_promised_models_are_there(self) -> None:
        assert {"compact", "best", "ensemble", "plus", "tiny"} <= set(SHIPPED)

    def test_photos_are_given_to_plus(self) -> None:
        assert signature(predict_photos).parameters["model"].default == "plus"
        (option,) = (one for one in predict.params if one.name == "model")
        assert option.default == "plus"
        assert "plus" in released.released_onnx()
        assert set(model_facts("plus").classes) == {*EMOTIONS, "contempt"}

    def test_files_are_small(self) -> None:
        sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
        assert sizes["compact.safetensors"] <= 3 * MB
        assert sizes["compact.onnx"] <= 3 * MB
        assert sizes["best.safetensors"] <= 12 * MB
        assert sizes["plus.safetensors"] <= 6 * MB
        of_faces = (path.stat().st_size for path in (FOLDER.parents[1] / "faces/models").iterdir())
        assert sum(sizes.values()) + sum(of_faces) <= 34 * MB

    def test_every_file_belongs_to_a_model(self) -> None:
        known = {f"{name}.json" for name in SHIPPED} | {"fer2013_training.bin"}
        for name in SHIPPED:
            known |= {f"{file}.safetensors" for file in model_facts(name).members or [name]}
        known |= {f"{name}.onnx" for name in released.released_onnx()}
        assert {path.name for path in FOLDER.iterdir()} == known

    @pytest.mark.parametrize("name", SHIPPED)
    def test_the_facts_are_those_of_the_files(self, name: str) -> None:
        facts, model = model_facts(name), load_pretrained(name)
        files = [FOLDER / f"{file}.safetensors" for file in facts.members or [name]]
        networks = model.estimators_ if isinstance(model, FERVotingClassifier) else [model]
        assert facts.name == name
        assert facts.file_size == sum(file.stat().st_size for file in files)
        assert facts.classes == model.classes_.tolist()
        assert facts.temperature == pytest.approx(model.temperature_, rel=1e-4)
        assert facts.n_parameters == sum(n._network.keras_model.count_params() for n in networks)
        assert {n.test_time_augmentation for n in networks} == {facts.test_time_augmentation}

    @pytest.mark.parametrize("name", released.released_onnx())
    def test_an_onnx_file_answers_as_the_model(self, name: str) -> None:
        """Its views may be fewer, and its numbers whole, as its metadata say."""
        answering, model = load_pretrained(name, runtime="onnx"), load_pretrained(name)
        told = answering._opened.metadata
        model.set_params(test_time_augmentation={1: None, 2: "flip", 10: "ten_crop"}[told.views])
        faces, _ = make_faces(20, random_state=0)
        difference = np.abs(answering.predict_proba(faces) - model.predict_proba(faces))
        assert difference.max() < {"float32": 1e-5, "int8": 0.3}[told.precision]
        assert answering.classes_.tolist() == model.classes_.tolist()
        assert told.card == model_card(name)

    def test_plus_answers_without_contempt(self) -> None:
        faces, _ = make_faces(40, random_state=0)
        clf = load_pretrained("plus", classes=EMOTIONS)
        clf.set_params(test_time_augmentation=None)
        eight = load_pretrained("plus").set_params(test_time_augmentation=None)
        contempt = eight.classes_.tolist().index("contempt")
        expected = np.delete(eight.predict_proba(faces), contempt, axis=1)
        expected /= expected.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(clf.predict_proba(faces), expected, atol=1e-5)
        clf.set_params(test_time_augmentation="flip")
        onnx = load_pretrained("plus", runtime="onnx", classes=EMOTIONS)
        assert onnx.classes_.tolist() == clf.classes_.tolist() == sorted(EMOTIONS)
        np.testing.assert_array_equal(onnx.predict(faces), clf.predict(faces))
        with pytest.raises(DataError, match="no class 'bored'"):
            load_pretrained("plus", runtime="onnx", classes=["happy", "bored"])

    @pytest.mark.parametrize("name", SHIPPED)
    def test_they_predict_faces(self, name: str) -> None:
        faces, _ = make_faces(4, random_state=0)
        proba = load_pretrained(name).predict_proba(faces)
        assert proba.shape == (4, len(model_facts(name).classes))
        np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)

    @pytest.mark.parametrize("name", SHIPPED)
    def test_scores_are_far_better_than_chance(self, name: str) -> None:
        facts = model_facts(name)
        scores = facts.scores
        assert [scores[kind].n_images for kind in SCORED] == sorted(
            (scores[kind].n_images for kind in SCORED), reverse=True
        )
        low, high = {"FER-2013": (0.6, 0.8), "FER+": (0.8, 0.95)}[facts.labels]
        assert low < scores["without_near_duplicates"].accuracy < high  # more would be a leak

    @pytest.mark.parametrize("name", SHIPPED)
    def test_their_cards_can_be_read(self, name: str) -> None:
        assert model_card(name).startswith(f"# Model card: {name}\n")

    def test_listing_and_cards_load_nothing_heavy(self) -> None:
        code = (
            "import sys\nfrom ferclassifier import list_pretrained, model_card\n"
            "model_card(list_pretrained()[0])\n"
            "print({'tensorflow', 'keras', 'sklearn', 'pandas'} & set(sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.stdout == "set()\n", done.stderr

    def test_loading_needs_no_network(self) -> None:
        code = (
            "import socket\n"
            "def refuse(*args, **kwargs): raise AssertionError('the network was used')\n"
            "socket.socket.connect = socket.getaddrinfo = refuse\n"
            "import sys\nfrom ferclassifier import load_pretrained, make_faces\n"
            "assert 'keras' not in sys.modules\n"
            "print(load_pretrained().predict(make_faces(1, random_state=0)[0]))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("['")
