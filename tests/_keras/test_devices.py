"""Fits on several devices: simulated ones of the processor, in processes of their own."""

from __future__ import annotations

import importlib.util
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

from helpers import patterns, tiny_classifier

SCRIPT = """
import pickle, sys
from dataclasses import replace
from pathlib import Path
import jax
import keras
from sklearn.base import clone
from ferclassifier._keras.build import build_network
from ferclassifier._keras.devices import batches_over, variables_on

folder = Path(sys.argv[1])
unfitted, X, y = pickle.loads((folder / "given.pkl").read_bytes())
n = len(jax.devices())
if n > 1:
    keras.distribution.set_distribution(keras.distribution.DataParallel())


def number_of_devices(model):
    return len(model.trainable_variables[0].value.sharding.device_set)


class Interrupt(keras.callbacks.Callback):
    def on_epoch_end(self, index, logs=None):
        if index == 1:
            raise InterruptedError


path = folder / "fit.checkpoint"
results = {"goes_on": path.exists()}
clf = clone(unfitted).set_params(checkpoint=path)
try:
    clf.set_params(callbacks=None if n > 1 else [Interrupt()]).fit(X, y)
    results["resumed"] = clf.predict_proba(X)
except InterruptedError:
    pass
del clf  # what is compiled serves the next fit

clf = clone(unfitted).fit(X, y)
results |= {"proba": clf.predict_proba(X), "score": clf.score(X, y), "loss": clf.history_["loss"]}
training, devices = clf._network._training.network, clf._network.spec.devices
model = training.model
results["devices"] = number_of_devices(model)
results["devices_after"] = number_of_devices(clf._network.keras_model)
# One in which convolutions outweigh random numbers.
with variables_on(devices):
    model = build_network(replace(clf._network.spec, architecture_params={}), seed=0)
with batches_over(devices):
    step = jax.jit(lambda *values: model.stateless_call(*values, training=True)[0])
    variables = model.trainable_variables, model.non_trainable_variables
    values = [[variable.value for variable in part] for part in variables]
    compiled = step.lower(*values, X[:32].astype("float32")).compile()
    results["flops"] = compiled.cost_analysis()["flops"]
distribution = keras.distribution.distribution()
results["is_put_back"] = (distribution is None) == (n == 1)
spec = clf._network.spec
results["is_another"] = replace(spec, devices=("cpu:7",)).key != spec.key
results["pickled"] = pickle.dumps(clf)
(folder / f"{n}.pkl").write_bytes(pickle.dumps(results))
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: Any) -> Any:
    """What one device made of a fit, and what two did; each batch of theirs is odd."""
    if importlib.util.find_spec("jax") is None:
        pytest.skip("jax is not installed: Keras spreads batches on it alone")
    folder: Path = tmp_path_factory.mktemp("devices")
    X, y = patterns(97)
    unfitted = tiny_classifier(
        epochs=3,
        batch_size=15,
        architecture_params={"filters": (8,), "dense": 16, "block_dropout": 0.1, "dropout": 0.2},
        augmentation={"shift": 0.05, "rotation": 5, "contrast": 0.1},
        mixup=0.2,
    )
    (folder / "given.pkl").write_bytes(pickle.dumps((unfitted, X, y)))
    for n in (1, 2):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(folder)],
            env={
                **os.environ,
                "KERAS_BACKEND": "jax",
                "XLA_FLAGS": f"--xla_force_host_platform_device_count={n}",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
    return *(pickle.loads((folder / f"{n}.pkl").read_bytes()) for n in (1, 2)), X


class TestTwoDevices:
    def test_predict_what_one_does(self, results: Any) -> None:
        """With odd batches, dropout, augmentation and mixed images."""
        one, two, _ = results
        assert_allclose(two["proba"], one["proba"], atol=1e-5)
        assert_allclose(two["loss"], one["loss"], rtol=1e-5)
        assert two["score"] == one["score"] > 0.6

    def test_share_the_work(self, results: Any) -> None:
        one, two, _ = results
        assert (one["devices"], two["devices"]) == (1, 2)
        assert two["flops"] < 0.6 * one["flops"]

    def test_go_on_from_the_checkpoint_of_one(self, results: Any) -> None:
        one, two, _ = results
        assert two["goes_on"]
        assert_allclose(two["resumed"], one["proba"], atol=1e-5)

    def test_leave_a_network_on_one(self, results: Any) -> None:
        assert results[1]["devices_after"] == 1

    def test_are_those_of_the_distribution_of_the_moment(self, results: Any) -> None:
        """A network that was compiled for two serves no fit on one."""
        assert results[1]["is_put_back"]
        assert results[1]["is_another"]

    def test_leave_no_trace_in_a_pickle(self, results: Any) -> None:
        _, two, X = results
        assert_allclose(pickle.loads(two["pickled"]).predict_proba(X), two["proba"], atol=1e-4)


@pytest.fixture
def mesh() -> Iterator[Any]:
    """Two devices, whether there are two or not; afterwards nothing is distributed."""
    yield keras.distribution.DeviceMesh((2,), ["batch"], ["cpu:0", "cpu:1"])
    keras.distribution.set_distribution(None)


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="jax spreads batches")
def test_another_backend_says_so(mesh: Any) -> None:
    keras.distribution.set_distribution(keras.distribution.DataParallel(mesh))
    X, y = patterns(20)
    with pytest.raises(ValueError, match=r"over 2 devices on the backend .*KERAS_BACKEND=jax"):
        tiny_classifier().fit(X, y)


def test_spread_weights_are_refused(mesh: Any) -> None:
    layout = keras.distribution.LayoutMap(mesh)
    keras.distribution.set_distribution(
        keras.distribution.ModelParallel(layout_map=layout, batch_dim_name="batch")
    )
    X, y = patterns(20)
    with pytest.raises(ValueError, match="ModelParallel, but expected a DataParallel"):
        tiny_classifier().fit(X, y)


def test_one_device_is_no_distribution() -> None:
    X, y = patterns(20)
    clf = tiny_classifier(epochs=1)
    expected = clf.fit(X, y).predict_proba(X)
    with keras.distribution.DataParallel(devices=["cpu:0"]).scope():
        np.testing.assert_array_equal(clf.fit(X, y).predict_proba(X), expected)
