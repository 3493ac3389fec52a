"""Graphs compute the same after they were changed, and what is slow is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from scipy.special import erfc

from ferclassifier._onnx import open_session
from ferclassifier.exceptions import ModelFileError
from ferclassifier.export._graph import read_graph
from ferclassifier.export._half_weights import halve_weights
from ferclassifier.export._pooling import pool_by_convolution

SIDE = 8
IMAGES = np.random.default_rng(1).integers(0, 256, (3, SIDE, SIDE, 1), dtype=np.uint8)


def graph_of(nodes: list[Any], weights: dict[str, Any], *, kind: int = TensorProto.UINT8) -> Any:
    """A model from "x", of shape (n, 8, 8, 1), to "y"."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", kind, ["k", SIDE, SIDE, 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["k", None, None, None])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def network(pads: list[int], scale: Any) -> Any:
    """Scaled pixels, reshaped, averaged over 2 x 2 places and convolved."""
    rng = np.random.default_rng(0)
    kernel = (rng.normal(size=(3, 1, 1, 1))).astype(np.float32)
    first = rng.normal(size=(1, 1, 3, 3)).astype(np.float32)
    nodes = [
        helper.make_node("Cast", ["x"], ["a"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["a", "scale"], ["b"]),
        helper.make_node("Sub", ["one", "b"], ["c"]),
        helper.make_node("Transpose", ["c"], ["d"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["d", "first"], ["e"], pads=[1, 1, 1, 1]),
        helper.make_node(
            "AveragePool", ["e"], ["f"], kernel_shape=[2, 2], strides=[2, 2], pads=pads
        ),
        helper.make_node("Conv", ["f", "kernel"], ["y"]),
    ]
    one = np.float32(1).reshape(())
    return graph_of(nodes, {"scale": scale, "one": one, "first": first, "kernel": kernel})


def answer(model: Any) -> Any:
    session = open_session(model.SerializeToString())
    return session.run(None, {session.get_inputs()[0].name: IMAGES})[0]


def kinds_in(model: Any) -> list[str]:
    return [node.op_type for node in model.graph.node]


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(model: Any) -> Any:
        onnx.save(model, tmp_path / "graph.onnx")
        return read_graph(tmp_path / "graph.onnx")

    return read


def test_the_form_comes_before_the_scale(read: Any) -> None:
    model = network([0, 0, 0, 0], np.float32(1 / 255).reshape(()))
    found = read(model)
    assert kinds_in(found)[:4] == ["Transpose", "Cast", "Mul", "Sub"]
    assert [found.graph.input[0].name, found.graph.output[0].name] == ["images", "probabilities"]
    np.testing.assert_allclose(answer(found), answer(model), rtol=1e-6)


def test_scales_of_single_places_stay_where_they_are(read: Any) -> None:
    scale = np.linspace(0, 1, SIDE, dtype=np.float32).reshape(1, 1, SIDE, 1)
    model = network([0, 0, 0, 0], scale)
    found = read(model)
    assert kinds_in(found)[:3] == ["Cast", "Mul", "Transpose"]
    np.testing.assert_allclose(answer(found), answer(model), rtol=1e-6)


@pytest.mark.parametrize(("pads", "is_joined"), [([0, 0, 0, 0], True), ([1, 1, 1, 1], False)])
def test_averages_join_the_convolution_behind_them(pads: list[int], is_joined: bool) -> None:
    model = network(pads, np.float32(1).reshape(()))
    expected = answer(model)
    pool_by_convolution(model)
    assert ("AveragePool" in kinds_in(model)) != is_joined
    np.testing.assert_allclose(answer(model), expected, rtol=1e-5)
    assert ("kernel" in [tensor.name for tensor in model.graph.initializer]) != is_joined


def test_a_function_that_onnx_lacks_is_written_otherwise(read: Any) -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["a"], to=TensorProto.FLOAT),
        helper.make_node("Erfc", ["a"], ["y"]),
    ]
    found = answer(read(graph_of(nodes, {})))
    np.testing.assert_allclose(found, erfc(IMAGES.astype(np.float32)), atol=1e-6)


def test_what_onnx_does_not_have_is_named(read: Any) -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["a"], to=TensorProto.FLOAT),
        helper.make_node("Bincount", ["a"], ["y"]),
    ]
    with pytest.raises(ModelFileError, match="does not have: 'Bincount'"):
        read(graph_of(nodes, {}))


def test_multiplied_kernels_are_stored_as_they_were() -> None:
    rng = np.random.default_rng(0)
    half = rng.normal(size=(3, 3, 1, 64)).astype(np.float16).astype(np.float32)
    factors = rng.uniform(0.5, 2, size=64).astype(np.float32)
    kernel = np.ascontiguousarray((half * factors).transpose(3, 2, 0, 1))
    nodes = [
        helper.make_node("Cast", ["x"], ["a"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["a"], ["b"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["b", "kernel"], ["y"]),
    ]
    model = graph_of(nodes, {"kernel": kernel})
    expected, size = answer(model), model.ByteSize()
    np.testing.assert_allclose(answer(halve_weights(model, [half])), expected, rtol=1e-5, atol=1e-2)
    assert model.ByteSize() < 0.7 * size
    other = graph_of(nodes, {"kernel": kernel})
    assert halve_weights(other, [half + 1]).ByteSize() == size  # not its own
