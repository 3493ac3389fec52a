"""Small ONNX files, made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from ferclassifier._onnx.manifest import Manifest, seal_onnx

SIDE = 12


def linear_model(
    path: Path,
    *,
    classes: Any = ("a", "b", "c"),
    scale: str = "bytes",
    image_shape: tuple[int, int, int] = (SIDE, SIDE, 1),
    n_outputs: int | None = None,
    weights: Any = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Write a graph that multiplies pixels by weights, with the metadata of our files."""
    classes = np.array(classes)
    n_pixels, n_outputs = int(np.prod(image_shape)), n_outputs or len(classes)
    if weights is None:
        weights = np.random.default_rng(0).normal(size=(n_pixels, n_outputs)) / 100
    kind = TensorProto.UINT8 if scale == "bytes" else TensorProto.FLOAT
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
            helper.make_node("Flatten", ["pixels"], ["rows"]),
            helper.make_node("MatMul", ["rows", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"]),
        ],
        "linear",
        [helper.make_tensor_value_info("images", kind, ["n", *image_shape])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", n_outputs])],
        [numpy_helper.from_array(np.asarray(weights, dtype=np.float32), "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if metadata is None:
        ends = {"bytes": (0.0, 255.0)}.get(scale, (0.0, 1.0))
        pixel_scale = {"kind": scale, "low": ends[0], "high": ends[1]}
        metadata = Manifest(classes, image_shape, pixel_scale).to_metadata()
    helper.set_model_props(model, metadata)
    content = model.SerializeToString()
    path.write_bytes(seal_onnx(content) if metadata else content)
    return path
