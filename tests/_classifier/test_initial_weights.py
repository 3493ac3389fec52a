"""A fit that starts from the weights of another model."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from ferclassifier import FERClassifier, FERVotingClassifier
from ferclassifier._classifier import initial_weights
from ferclassifier._files import released
from ferclassifier._keras.transfer import transfer_weights
from ferclassifier.exceptions import ArchitectureError, ModelFileError, UnknownModelError
from ferclassifier.report._model import model_card
from helpers import patterns, tiny_classifier

# A step so small that it changes no weight: what is predicted comes from where the fit began.
STILL: dict[str, Any] = {"learning_rate": 1e-12, "epochs": 1, "batch_size": 60}


@pytest.fixture(scope="module")
def file(fitted: FERClassifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "stripes.safetensors"
    fitted.save(path)
    return path


def kernels(clf: FERClassifier) -> list[Any]:
    """The weights that batch normalisation does not move."""
    layers = clf._network.keras_model.layers
    return [layer.get_weights()[0] for layer in layers if hasattr(layer, "kernel")]


def head_and_rest(clf: FERClassifier) -> tuple[Any, list[Any]]:
    *rest, head = kernels(clf)
    return head, rest


def assert_equal(some: list[Any], others: list[Any]) -> None:
    for one, other in zip(some, others, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


class TestWhatIsTaken:
    def test_all_weights_where_the_classes_are_the_same(
        self, file: Path, fitted: FERClassifier, pattern_images: Any
    ) -> None:
        clf = tiny_classifier(initial_weights=file, **STILL).fit(*pattern_images)
        assert_equal(kernels(clf), kernels(fitted))

    @pytest.mark.parametrize("labels", [("a", "b", "c"), (0, 1, 3), (0, 1)])
    def test_all_but_the_last_layer_for_other_classes(
        self, labels: Any, file: Path, fitted: FERClassifier
    ) -> None:
        X, y = patterns(n_classes=len(labels))
        random = tiny_classifier(**STILL).fit(X, np.array(labels)[y])
        clf = tiny_classifier(initial_weights=file, **STILL).fit(X, np.array(labels)[y])
        head, rest = head_and_rest(clf)
        assert_equal(rest, head_and_rest(fitted)[1])
        np.testing.assert_allclose(head, head_and_rest(random)[0], atol=1e-6)

    def test_the_architecture_where_none_is_asked_for(
        self, file: Path, fitted: FERClassifier, pattern_images: Any, tmp_path: Path
    ) -> None:
        clf = FERClassifier(initial_weights=file, epochs=1, random_state=0).fit(*pattern_images)
        assert clf.architecture == "small_resnet"
        assert [k.shape for k in kernels(clf)] == [k.shape for k in kernels(fitted)]
        assert model_card(clf)["architecture"] == "gap_cnn"
        clf.save(tmp_path / "tuned.safetensors")
        loaded = FERClassifier.load(tmp_path / "tuned.safetensors")
        X, _ = pattern_images
        np.testing.assert_array_equal(loaded.predict_proba(X), clf.predict_proba(X))

    def test_images_may_have_another_size(self, file: Path, fitted: FERClassifier) -> None:
        clf = tiny_classifier(initial_weights=file, **STILL).fit(*patterns(side=20))
        assert_equal(kernels(clf), kernels(fitted))

    @pytest.mark.parametrize("scale", [255, 1])
    def test_gray_images_in_colour_are_seen_alike(
        self, scale: int, file: Path, fitted: FERClassifier, pattern_images: Any
    ) -> None:
        X, y = pattern_images
        gray = X if scale == 255 else X / 255
        colour = np.repeat(gray[..., None], 3, axis=3)
        clf = tiny_classifier(initial_weights=file, **STILL).fit(colour, y)
        first, before = kernels(clf)[0], kernels(fitted)[0]
        assert_equal([first], [np.repeat(before / 3, 3, axis=2)])
        # Without their statistics, which the step moves, the networks say the same.
        transfer_weights(fitted._network.keras_model, clf._network.keras_model, with_head=True)
        np.testing.assert_allclose(clf.predict_proba(colour), fitted.predict_proba(X), atol=1e-5)

    def test_colours_are_summed_for_gray_images(self, pattern_images: Any, tmp_path: Path) -> None:
        X, y = pattern_images
        rng = np.random.default_rng(0)
        colour = rng.integers(0, 256, size=(*X.shape, 3), dtype=np.uint8)
        given = tiny_classifier(epochs=1).fit(colour, y)
        given.save(tmp_path / "colour.safetensors")
        path = tmp_path / "colour.safetensors"
        clf = tiny_classifier(initial_weights=path, **STILL).fit(X, y)
        summed = kernels(given)[0].sum(axis=2, keepdims=True)
        np.testing.assert_allclose(kernels(clf)[0], summed, atol=1e-6)

    def test_it_gives_a_start(self, file: Path) -> None:
        X, y = patterns(seed=1)
        scores = [
            tiny_classifier(initial_weights=weights, epochs=2, learning_rate=0.002)
            .fit(X, np.array(["a", "b", "c"])[y])
            .score(X, np.array(["a", "b", "c"])[y])
            for weights in (None, file)
        ]
        assert scores[1] > scores[0] + 0.2


class TestWhenItIsTaken:
    def test_equal_seeds_make_equal_fits(self, file: Path, pattern_images: Any) -> None:
        X, y = pattern_images
        fits = [tiny_classifier(initial_weights=file, epochs=2).fit(X, y) for _ in range(2)]
        np.testing.assert_array_equal(fits[0].predict_proba(X), fits[1].predict_proba(X))

    def test_a_second_fit_starts_from_it_again(self, file: Path, pattern_images: Any) -> None:
        X, y = pattern_images
        clf = tiny_classifier(initial_weights=file, epochs=2).fit(X, y)
        before = clf.predict_proba(X)
        np.testing.assert_array_equal(clf.fit(X, y).predict_proba(X), before)

    def test_warm_start_goes_on_from_the_fit_before(
        self, file: Path, tmp_path: Path, pattern_images: Any
    ) -> None:
        copy = tmp_path / "copy.safetensors"
        copy.write_bytes(file.read_bytes())
        clf = FERClassifier(initial_weights=copy, warm_start=True, random_state=0, epochs=1)
        clf.set_params(optimizer="adam", learning_rate=0.02, augmentation=None)
        before = kernels(clf.fit(*pattern_images))
        copy.unlink()  # it is not needed again
        clf.set_params(**STILL).fit(*pattern_images)
        assert_equal(kernels(clf), before)

    def test_partial_fit_starts_from_it_once(
        self, file: Path, fitted: FERClassifier, pattern_images: Any
    ) -> None:
        X, y = pattern_images
        clf = tiny_classifier(initial_weights=file, **STILL).partial_fit(X, y, classes=[0, 1, 2])
        assert_equal(kernels(clf), kernels(fitted))
        clf.set_params(learning_rate=0.02).partial_fit(X, y)
        moved = kernels(clf)
        assert not np.allclose(moved[0], kernels(fitted)[0], atol=1e-4)
        clf.set_params(learning_rate=1e-12)
        clf.partial_fit(X, y)
        assert_equal(kernels(clf), moved)

    def test_searches_vary_it(
        self, file: Path, pattern_images: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.copy(file, tmp_path / "compact.safetensors")
        (tmp_path / "compact.json").touch()
        monkeypatch.setattr(released, "_FOLDER", tmp_path)
        clf = tiny_classifier(learning_rate=0.002, epochs=2)
        grid = {"initial_weights": [None, "compact"]}
        search = GridSearchCV(clf, grid, cv=2, error_score="raise").fit(*pattern_images)
        assert search.best_params_ == {"initial_weights": "compact"}
        assert clone(search.best_estimator_).initial_weights == "compact"

    def test_the_automatic_learning_rate_is_a_tenth(self, file: Path, pattern_images: Any) -> None:
        rates = [
            tiny_classifier(
                initial_weights=weights,
                learning_rate="auto",
                learning_rate_schedule="constant",
                epochs=1,
            )
            .fit(*pattern_images)
            .history_["learning_rate"][0]
            for weights in (None, file)
        ]
        assert rates == pytest.approx([1e-3, 1e-4])


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "changes",
        [
            {"architecture": "mini_xception", "architecture_params": None},
            {"architecture": "gap_cnn", "architecture_params": {"filters": (16,)}},
            {"architecture": "compact", "architecture_params": {"stem": 4}},
        ],
    )
    def test_another_architecture(self, changes: Any, file: Path, pattern_images: Any) -> None:
        clf = tiny_classifier(initial_weights=file, **changes)
        with pytest.raises(ArchitectureError, match=r"'gap_cnn' with .*'filters'") as caught:
            clf.fit(*pattern_images)
        assert repr(changes["architecture"]) in str(caught.value)

    def test_sizes_on_which_weights_depend(self, tmp_path: Path, pattern_images: Any) -> None:
        params = {"filters": (4,), "dense": 4}
        path = tmp_path / "flat.safetensors"
        clf = tiny_classifier(architecture="elu_cnn", architecture_params=params, epochs=1)
        clf.fit(*pattern_images).save(path)
        with pytest.raises(ArchitectureError, match=r"\(20, 20, 1\).*\(12, 12, 1\).*Resize"):
            FERClassifier(initial_weights=path).fit(*patterns(side=20))

    @pytest.mark.parametrize("weights", ["compct", "missing/model.safetensors"])
    def test_what_is_not_there(
        self, weights: str, pattern_images: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(initial_weights, "released_models", lambda: ["best", "compact"])
        with pytest.raises(UnknownModelError, match=r"file that .*\['best', 'compact'\]"):
            FERClassifier(initial_weights=weights).fit(*pattern_images)

    def test_an_ensemble(self, fitted: FERClassifier, pattern_images: Any, tmp_path: Path) -> None:
        path = tmp_path / "ensemble.safetensors"
        FERVotingClassifier.from_fitted([("a", fitted)]).save(path)
        with pytest.raises(ArchitectureError, match=r"FERVotingClassifier.*one of its members"):
            FERClassifier(initial_weights=path).fit(*pattern_images)

    def test_a_released_ensemble(
        self, pattern_images: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It has no file of its own, and none of its members is read first."""
        (tmp_path / "several.json").touch()
        monkeypatch.setattr(released, "_FOLDER", tmp_path)
        with pytest.raises(ArchitectureError, match=r"FERVotingClassifier.*one of its members"):
            FERClassifier(initial_weights="several").fit(*pattern_images)

    def test_a_file_that_is_no_model(self, pattern_images: Any, tmp_path: Path) -> None:
        path = tmp_path / "model.safetensors"
        path.write_text("weights")
        with pytest.raises(ModelFileError):
            FERClassifier(initial_weights=path).fit(*pattern_images)
