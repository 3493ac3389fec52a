"""The graph of a model, tidied: what does not depend on the images is computed once and for all."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

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
    """
    import onnx

    model = onnx.load_from_string(simplified(path.read_bytes()))
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


def _rename(graph: Any, before: str, after: str) -> None:
    for node in graph.node:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                if name == before:
                    names[i] = after
