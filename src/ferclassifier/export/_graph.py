"""The graph of a model, tidied: what does not depend on the images is computed once and for all."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from ferclassifier._utils.wording import names_quoted
from ferclassifier.exceptions import ModelFileError
from ferclassifier.export._reshaping import reshape_first

INPUT, OUTPUT = "images", "probabilities"


def read_graph(path: Path) -> Any:
    """Read what Keras's export wrote, and simplify it.

    Parameters
    ----------
    path : Path
        A graph of one input and one output.

    Returns
    -------
    model : onnx.ModelProto
        With constants computed, normalisations within their convolutions, the names "images" and
        "probabilities", and any number "n" of images.

    Raises
    ------
    ModelFileError
        If a layer has no counterpart in ONNX.
    """
    import onnx

    model = onnx.load(path)
    _replace_erfc(model.graph)
    _refuse_unknown(model)
    model = onnx.load_from_string(simplified(model.SerializeToString()))
    graph = model.graph
    if len(graph.input) != 1 or len(graph.output) != 1:
        raise ModelFileError(
            f"The graph has {len(graph.input)} inputs and {len(graph.output)} outputs, but "
            "expected one of each."
        )
    for end, name in ((graph.input[0], INPUT), (graph.output[0], OUTPUT)):
        _rename(graph, end.name, name)
        end.name = name
        end.type.tensor_type.shape.dim[0].dim_param = "n"
    reshape_first(graph)
    model.producer_name = "ferclassifier"
    model.ClearField("doc_string")
    domains = {node.domain for node in graph.node}
    opsets = [opset for opset in model.opset_import if opset.domain in domains]
    del model.opset_import[:]
    model.opset_import.extend(opsets)
    return model


def simplified(content: bytes) -> bytes:
    """Return a graph in which all is computed that can be, by what every processor has."""
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "simplified.onnx"
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(file)
        options.log_severity_level = 4
        onnxruntime.InferenceSession(
            content, sess_options=options, providers=["CPUExecutionProvider"]
        )
        return file.read_bytes()


def _replace_erfc(graph: Any) -> None:
    """Write the complementary error function, of which GELU is made, as ONNX has it: 1 - erf."""
    from onnx import helper, numpy_helper

    nodes = []
    for node in graph.node:
        if node.op_type != "Erfc":
            nodes.append(type(node).FromString(node.SerializeToString()))
            continue
        [name] = node.output
        one = numpy_helper.from_array(np.float32(1).reshape(()), f"{name}_one")
        graph.initializer.append(one)
        nodes.append(helper.make_node("Erf", list(node.input), [f"{name}_erf"]))
        nodes.append(helper.make_node("Sub", [one.name, f"{name}_erf"], [name]))
    del graph.node[:]
    graph.node.extend(nodes)


def _refuse_unknown(model: Any) -> None:
    from onnx import defs

    kinds = {node.op_type for node in model.graph.node if node.domain in ("", "ai.onnx")}
    if unknown := sorted(kind for kind in kinds if not defs.has(kind)):
        raise ModelFileError(
            f"The architecture computes what ONNX does not have: {names_quoted(unknown)}. Build it "
            "of other layers."
        )


def _rename(graph: Any, before: str, after: str) -> None:
    for node in graph.node:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                if name == before:
                    names[i] = after
