"""An interrupted fit goes on from its checkpoint, and no other does."""

from __future__ import annotations

import pickle
import threading
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ferclassifier._classifier.fit import Fit
from ferclassifier.exceptions import CheckpointError, ImageError
from helpers import calls_of_callback, tiny_classifier


class _InterruptionError(Exception):
    pass


def _dense(inputs: Any, n_classes: int, width: int) -> Any:
    from keras import layers

    x = layers.Rescaling(1 / width)(layers.Flatten()(inputs))
    return layers.Dense(n_classes, activation="softmax")(x)


class _Dense:
    def __init__(self, width: int) -> None:
        self._width = width

    def __call__(self, inputs: Any, n_classes: int) -> Any:
        return _dense(inputs, n_classes, self._width)

    def build(self, inputs: Any, n_classes: int) -> Any:
        return self(inputs, n_classes)


def _sgd() -> Any:
    import keras

    return keras.optimizers.SGD()


def _interrupting(epoch: int) -> Any:
    import keras

    class Interrupt(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, index: int, logs: Any = None) -> None:
            if index + 1 == epoch:
                raise _InterruptionError

    return Interrupt()


class TestCheckpoint:
    @pytest.mark.parametrize("stops_after", [1, 3, 4])
    @pytest.mark.parametrize(
        "params",
        [
            {},
            {"mixup": 0.4, "progressive_resizing": 0.5, "average_weights": True},
            {"early_stopping": True, "learning_rate_schedule": "plateau", "patience": 2},
        ],
        ids=["plain", "recipe", "watched"],
    )
    def test_an_interrupted_fit_ends_as_if_it_had_not_been(
        self, pattern_images: Any, tmp_path: Path, params: Any, stops_after: int
    ) -> None:
        X, y = pattern_images
        path = tmp_path / "fit.checkpoint"
        params = {"epochs": 5, "random_state": 0, "checkpoint": path, **params}
        expected = tiny_classifier(**{**params, "checkpoint": None}).fit(X, y)
        with pytest.raises(_InterruptionError):
            tiny_classifier(callbacks=[_interrupting(stops_after)], **params).fit(X, y)
        assert path.exists()
        resumed = tiny_classifier(**params).fit(X, y)
        assert (resumed.predict_proba(X) == expected.predict_proba(X)).all()
        assert resumed.best_epoch_ == expected.best_epoch_
        for name in ("loss", "accuracy", "learning_rate"):
            assert resumed.history_[name] == pytest.approx(expected.history_[name], abs=1e-7)
        assert not path.exists()

    def test_seeds_are_kept(self, pattern_images: Any, tmp_path: Path) -> None:
        """A fit without a seed goes on with the validation part with which it began."""
        X, y = pattern_images
        path = tmp_path / "fit.checkpoint"
        params: dict[str, Any] = {"epochs": 3, "early_stopping": True, "checkpoint": path}
        with pytest.raises(_InterruptionError):
            tiny_classifier(callbacks=[_interrupting(2)], random_state=None, **params).fit(X, y)
        seeds = []

        def keep(fit: Any, settings: Any, *args: Any) -> None:
            original(fit, settings, *args)
            seeds.append((list(settings.seeds), settings.progress.seeds))

        original = Fit._resume
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Fit, "_resume", keep)
            tiny_classifier(random_state=None, **params).fit(X, y)
        assert seeds[0][0] == seeds[0][1]

    def test_another_fit_is_refused(self, pattern_images: Any, tmp_path: Path) -> None:
        X, y = pattern_images
        path = tmp_path / "fit.checkpoint"
        params: dict[str, Any] = {"epochs": 3, "checkpoint": path, "random_state": 0}
        with pytest.raises(_InterruptionError):
            tiny_classifier(callbacks=[_interrupting(1)], **params).fit(X, y)
        before = path.read_bytes()
        black = np.where(np.arange(len(X))[:, None, None] == 7, 0, X)
        soft = np.full((len(y), 3), 1 / 3)
        given = {"X_val": X[:20], "y_val": y[:20]}
        for changed, data, message in (
            ({"label_smoothing": 0.3}, {}, "label_smoothing is 0.3, and was 0. Give"),
            ({"random_state": 1}, {}, "random_state is 1, and was 0"),
            ({"epochs": 4, "batch_size": 8}, {}, "batch_size is 8, .*and epochs is 4, and was 3"),
            ({"optimizer": "sgd"}, {}, "optimizer is 'sgd', and was 'adam'"),
            ({"precision": "mixed_bfloat16"}, {}, "precision is 'mixed_bfloat16', and was 'float"),
            ({"class_weight": {0: 2.0}}, {}, r"class_weight is {0: 2.0}, and was None"),
            ({"architecture_params": {}}, {}, "architecture_params is"),
            ({"initial_weights": "compact"}, {}, "initial_weights is given, and was not"),
            ({}, {"X": black}, "another fit: X is another. Give"),
            ({}, {"y": np.roll(y, 1)}, "another fit: y is another. Give"),
            ({}, {"y": y.astype(str)}, "y is another"),
            ({}, {"sample_weight": 1 + y}, "sample_weight is given, and was not"),
            ({}, {"soft_targets": soft}, "soft_targets is given, and was not"),
            ({}, given, "X_val is given, and was not and y_val is given, and was not"),
        ):
            clf = tiny_classifier(**{**params, **changed})
            with pytest.raises(CheckpointError, match=message):
                clf.fit(**{"X": X, "y": y, **data})
        assert path.read_bytes() == before

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            (dict.fromkeys(("X_val", "y_val", "sample_weight_val")), "X_val was given, and is not"),
            ({"X_val": lambda X: 255 - X}, "another fit: X_val is another. Give"),
            ({"y_val": lambda y: y[::-1]}, "another fit: y_val is another. Give"),
            ({"sample_weight_val": lambda w: w + 1}, "sample_weight_val is another"),
            ({"sample_weight_val": None}, "sample_weight_val was given, and is not"),
        ],
    )
    def test_another_validation_part_is_refused(
        self, pattern_images: Any, tmp_path: Path, changed: Any, message: str
    ) -> None:
        """It ended in KeyError: 'best', or in a history of two kinds."""
        X, y = pattern_images
        params: dict[str, Any] = {"epochs": 3, "checkpoint": tmp_path / "fit.checkpoint"}
        given = {"X_val": X[:20], "y_val": y[:20], "sample_weight_val": np.arange(1.0, 21.0)}
        with pytest.raises(_InterruptionError):
            tiny_classifier(callbacks=[_interrupting(1)], **params).fit(X, y, **given)
        other = {
            name: change(given[name]) if callable(change) else None
            for name, change in changed.items()
        }
        with pytest.raises(CheckpointError, match=message):
            tiny_classifier(**params).fit(X, y, **{**given, **other})
        resumed = tiny_classifier(**params).fit(X, y, **given)
        assert len(resumed.history_["val_loss"]) == 3

    @pytest.mark.parametrize(
        "make",
        [
            lambda width: partial(_dense, width=width),
            lambda width: lambda inputs, n_classes: _dense(inputs, n_classes, width),
            _Dense,
            lambda width: _Dense(width).build,
        ],
        ids=["partial", "closure", "instance", "method"],
    )
    def test_an_architecture_is_compared_by_what_it_does(
        self, pattern_images: Any, tmp_path: Path, make: Any
    ) -> None:
        """Its name alone was, so that another width of the same shapes went on."""
        X, y = pattern_images
        params = {"epochs": 2, "architecture_params": None, "random_state": 0}
        expected = tiny_classifier(architecture=make(3), **params).fit(X, y).predict_proba(X)
        params["checkpoint"] = tmp_path / "fit.checkpoint"
        with pytest.raises(_InterruptionError):
            tiny_classifier(architecture=make(3), callbacks=[_interrupting(1)], **params).fit(X, y)
        with pytest.raises(CheckpointError, match="another fit: architecture is another"):
            tiny_classifier(architecture=make(4), **params).fit(X, y)
        resumed = tiny_classifier(architecture=make(3), **params).fit(X, y)
        assert (resumed.predict_proba(X) == expected).all()

    def test_an_architecture_that_cannot_be_compared_is_refused_at_once(
        self, pattern_images: Any, tmp_path: Path
    ) -> None:
        def build(inputs: Any, n_classes: int) -> Any:
            with lock:
                return _dense(inputs, n_classes, 3)

        lock = threading.Lock()
        path = tmp_path / "fit.checkpoint"
        clf = tiny_classifier(architecture=build, architecture_params=None, checkpoint=path)
        with pytest.raises(CheckpointError, match=r"architecture=.*a _thread.lock \('lock' of"):
            clf.fit(*pattern_images)
        assert not path.exists()

    def test_what_has_no_effect_may_change(self, pattern_images: Any, tmp_path: Path) -> None:
        X, y = pattern_images
        params: dict[str, Any] = {
            "epochs": 2,
            "checkpoint": tmp_path / "fit.checkpoint",
            "learning_rate": np.float32(0.015625),
            "class_weight": {0: 1.0, 1: 2.0},
            "optimizer": lambda: _sgd(),
        }
        expected = tiny_classifier(**{**params, "checkpoint": None}).fit(X, y)
        with pytest.raises(_InterruptionError):
            tiny_classifier(callbacks=[_interrupting(1)], **params).fit(X, y)
        changed = {
            "learning_rate": 0.015625,
            "class_weight": {1: 2.0, 0: 1.0},
            "optimizer": lambda: _sgd(),
            "verbose": 2,
        }
        resumed = tiny_classifier(**{**params, **changed}).fit(np.asfortranarray(X), y)
        assert (resumed.predict_proba(X) == expected.predict_proba(X)).all()

    def test_image_files_are_compared_by_their_content(
        self, pattern_images: Any, tmp_path: Path
    ) -> None:
        from PIL import Image

        X, y = pattern_images
        folders = tmp_path / "here", tmp_path / "there"
        for folder in folders:
            folder.mkdir()
            for i, image in enumerate(X):
                Image.fromarray(image).save(folder / f"{i:02}.png")
        here, there = (sorted(str(path) for path in folder.iterdir()) for folder in folders)
        params: dict[str, Any] = {"epochs": 2, "checkpoint": tmp_path / "fit.checkpoint"}
        params["image_shape"] = X.shape[1:]
        with pytest.raises(_InterruptionError):
            tiny_classifier(callbacks=[_interrupting(1)], **params).fit(here, y)
        Path(here[5]).write_bytes(Path(here[6]).read_bytes())
        with pytest.raises(CheckpointError, match="another fit: X is another"):
            tiny_classifier(**params).fit(here, y)
        Path(here[5]).unlink()
        with pytest.raises(ImageError, match=r"05\.png: cannot be read \(No such file"):
            tiny_classifier(**params).fit(here, y)
        assert tiny_classifier(**params).fit(there, y).n_iter_ == 2

    def test_the_model_that_a_fit_starts_from_is_compared(
        self, pattern_images: Any, tmp_path: Path
    ) -> None:
        """Of initial weights the name was, and of warm_start nothing."""
        X, y = pattern_images
        first, other = (tiny_classifier(epochs=1, random_state=seed).fit(X, y) for seed in (0, 1))
        params: dict[str, Any] = {"epochs": 2, "checkpoint": tmp_path / "fit.checkpoint"}
        going_on, instead = (
            pickle.loads(pickle.dumps(clf)).set_params(warm_start=True, **params)
            for clf in (first, other)
        )
        with pytest.raises(_InterruptionError):
            going_on.set_params(callbacks=[_interrupting(1)]).fit(X, y)
        with pytest.raises(CheckpointError, match="the model of warm_start is another"):
            instead.fit(X, y)
        with pytest.raises(CheckpointError, match="the model of warm_start was given"):
            tiny_classifier(**params).fit(X, y)
        assert going_on.set_params(callbacks=None).fit(X, y).n_iter_ == 2

        path = tmp_path / "initial.safetensors"
        params.update(initial_weights=path)
        first.save(path)
        with pytest.raises(_InterruptionError):
            tiny_classifier(callbacks=[_interrupting(1)], **params).fit(X, y)
        other.save(path)
        with pytest.raises(CheckpointError, match="another fit: initial_weights is another"):
            tiny_classifier(**params).fit(X, y)

    def test_a_missing_folder_is_noticed_before_the_first_epoch(
        self, pattern_images: Any, tmp_path: Path
    ) -> None:
        X, y = pattern_images
        calls, clf = calls_of_callback(epochs=1, checkpoint=tmp_path / "none" / "fit.checkpoint")
        with pytest.raises(FileNotFoundError, match="no folder"):
            clf.fit(X, y)
        assert calls == []

    def test_a_state_of_another_shape_is_refused(self, pattern_images: Any, tmp_path: Path) -> None:
        from safetensors import safe_open
        from safetensors.numpy import save_file

        X, y = pattern_images
        path = tmp_path / "fit.checkpoint"
        params: dict[str, Any] = {"epochs": 3, "checkpoint": path, "random_state": 0}
        with pytest.raises(_InterruptionError):
            tiny_classifier(callbacks=[_interrupting(1)], **params).fit(X, y)
        with safe_open(path, framework="numpy") as file:
            names = sorted(file.keys())[:-1]
            metadata, arrays = file.metadata(), {name: file.get_tensor(name) for name in names}
        save_file(arrays, path, metadata)
        with pytest.raises(CheckpointError, match="another backend"):
            tiny_classifier(**params).fit(X, y)

    @pytest.mark.parametrize(
        "content", [b"", b"no checkpoint", b"\x80\x04." + bytes(100), (2**60).to_bytes(8, "little")]
    )
    def test_another_file_is_refused(
        self, pattern_images: Any, tmp_path: Path, content: bytes
    ) -> None:
        X, y = pattern_images
        path = tmp_path / "letter.txt"
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match="no checkpoint"):
            tiny_classifier(checkpoint=path).fit(X, y)
        assert path.read_bytes() == content

    def test_a_saved_array_of_another_kind_is_refused(
        self, pattern_images: Any, tmp_path: Path
    ) -> None:
        from safetensors.numpy import save_file

        X, y = pattern_images
        path = tmp_path / "other.safetensors"
        weights: dict[str, NDArray[Any]] = {"a": np.zeros(3)}
        save_file(weights, path)
        with pytest.raises(CheckpointError, match="no checkpoint"):
            tiny_classifier(checkpoint=str(path)).fit(X, y)
