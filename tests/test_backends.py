"""The same classifier on each of Keras's backends, in processes of their own."""

from __future__ import annotations

import importlib.util
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from ferclassifier.inspection import saliency
from helpers import patterns, tiny_classifier

SCRIPT = """
import gc, pickle, sys
from pathlib import Path
import keras
import numpy as np
from sklearn.base import clone
from ferclassifier.inspection import saliency

folder = Path(sys.argv[1])
moved, unfitted, X, y = pickle.loads((folder / "given.pkl").read_bytes())
results = {
    "backend": keras.backend.backend(),
    "proba": moved.predict_proba(X[:21]),
    "one": moved.predict_proba(X[:1]),
    "gradcam": saliency(moved, X[:3], "gradcam"),
    "ten_crop": moved.set_params(test_time_augmentation="ten_crop").predict_proba(X[:5]),
}

clf = clone(unfitted).fit(X, y)
network, proba = clf._network._training.network, clf.predict_proba(X)
results["score"] = clf.score(X, y)
del clf
gc.collect()
clf = clone(unfitted).fit(X, y)  # in the compiled network of the first
is_same = network is clf._network._training.network
results["is_equal"] = is_same and bool((clf.predict_proba(X) == proba).all())

weights = clf._network.keras_model.get_weights()[0]
clf.set_params(learning_rate=1e-9, warm_start=True).fit(X, y)
results["is_reused"] = network is clf._network._training.network
results["moved"] = float(np.abs(clf._network.keras_model.get_weights()[0] - weights).max())

for name, params in {
    "averaged_score": {"average_weights": 0.5}, "stopped_score": {"early_stopping": True}
}.items():
    results[name] = clone(unfitted).set_params(**params).fit(X, y).score(X, y)


class Interrupt(keras.callbacks.Callback):
    def on_epoch_end(self, index, logs=None):
        if index == 4:
            raise InterruptedError


recipe = clone(unfitted).set_params(
    mixup=0.2, progressive_resizing=0.5, distillation_weight=0.5, average_weights=True
)
soft = np.eye(len(np.unique(y)))[y] * 0.7 + 0.1
clf = clone(recipe).fit(X, y, soft_targets=soft)
results["recipe_score"], proba = clf.score(X, y), clf.predict_proba(X)
path = folder / "fit.checkpoint"
try:
    clone(recipe).set_params(checkpoint=path, callbacks=[Interrupt()]).fit(X, y, soft_targets=soft)
except InterruptedError:
    results["was_interrupted"] = path.exists()
resumed = clone(recipe).set_params(checkpoint=path).fit(X, y, soft_targets=soft)
results["difference_of_resumed"] = float(np.abs(resumed.predict_proba(X) - proba).max())

resumed.save(folder / "model.safetensors", dtype="float16")
loaded = type(resumed).load(folder / "model.safetensors")
results["difference_of_loaded"] = float(np.abs(loaded.predict_proba(X) - proba).max())
(folder / "results.pkl").write_bytes(pickle.dumps(results))
"""


@pytest.fixture(scope="module")
def given() -> Any:
    """A model of TensorFlow's, the same unfitted, images and labels."""
    X, y = patterns(96)
    unfitted = tiny_classifier(augmentation={"shift": 0.05, "contrast": 0.1})
    return tiny_classifier(epochs=2).fit(X, y), unfitted, X, y


@pytest.fixture(scope="module", params=["jax", "torch"])
def results(request: pytest.FixtureRequest, given: Any, tmp_path_factory: Any) -> Any:
    backend: str = request.param
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: Keras cannot run on it here")
    folder: Path = tmp_path_factory.mktemp(backend)
    (folder / "given.pkl").write_bytes(pickle.dumps(given))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        env={**os.environ, "KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = pickle.loads((folder / "results.pkl").read_bytes())
    assert found["backend"] == backend
    return found


class TestModelOfTensorFlow:
    """It predicts the same wherever it is loaded."""

    def test_probabilities(self, results: Any, given: Any) -> None:
        fitted, _, X, _ = given
        expected = fitted.predict_proba(X[:21])
        assert_allclose(results["proba"], expected, atol=1e-4)
        assert_array_equal(results["proba"].argmax(axis=1), expected.argmax(axis=1))
        assert_allclose(results["one"], expected[:1], atol=1e-4)
        assert results["proba"].dtype == np.float32

    def test_views(self, results: Any, given: Any) -> None:
        fitted, _, X, _ = given
        fitted.set_params(test_time_augmentation="ten_crop")
        expected = fitted.predict_proba(X[:5])
        fitted.set_params(test_time_augmentation=None)
        assert_allclose(results["ten_crop"], expected, atol=1e-4)

    def test_saliency(self, results: Any, given: Any) -> None:
        fitted, _, X, _ = given
        assert_allclose(results["gradcam"], saliency(fitted, X[:3], "gradcam"), atol=1e-2)


class TestTraining:
    def test_learns(self, results: Any) -> None:
        assert results["score"] > 0.85

    def test_a_reused_network_equals_a_new_one(self, results: Any) -> None:
        """The first fit took a batch to build the metrics, and with it the order of an epoch."""
        assert results["is_equal"]

    def test_a_reused_network_takes_another_learning_rate(self, results: Any) -> None:
        """JAX took the variables of the schedule for constants when it compiled the first fit."""
        assert results["is_reused"]
        assert results["moved"] < 1e-6

    def test_averaged_weights(self, results: Any) -> None:
        assert results["averaged_score"] > 0.85

    def test_early_stopping(self, results: Any) -> None:
        assert results["stopped_score"] > 0.85

    def test_the_recipe(self, results: Any) -> None:
        """Mixed images, small ones first, a teacher's opinion and averaged weights."""
        assert results["recipe_score"] > 0.85

    def test_an_interrupted_fit_ends_as_if_it_had_not_been(self, results: Any) -> None:
        assert results["was_interrupted"]
        assert results["difference_of_resumed"] < 1e-6

    def test_a_saved_model(self, results: Any) -> None:
        assert results["difference_of_loaded"] < 2e-3
