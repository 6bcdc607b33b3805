"""Small `.onnx` and `.tflite` files: one linear layer over the numbers of a picture, with a softmax if asked for."""

import flatbuffers
import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as tflite
from onnx import helper


def write_onnx(
    path, weights, shape=("n", 1, 8, 8), softmax=False, outputs=("answers",), element=onnx.TensorProto.FLOAT
):
    """Write an ONNX file.

    Args:
        path: The file to write.
        weights: Float (labels, numbers of a picture).
        shape: Shape of the input.
        softmax: Whether it answers with probabilities.
        outputs: Names of its outputs, of which all but the first give the softmax or the logits once more, doubled.
        element: Type of the input's numbers.
    """
    last = "logits" if softmax else outputs[0]
    nodes = [
        helper.make_node("Cast", ["picture"], ["numbers"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Flatten", ["numbers"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], [last]),
    ]
    if softmax:
        nodes.append(helper.make_node("Softmax", [last], [outputs[0]], axis=1))
    nodes += [helper.make_node("Concat", [outputs[0]] * 2, [name], axis=1) for name in outputs[1:]]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("picture", element, shape)],
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ("m", "labels")) for name in outputs],
        [onnx.numpy_helper.from_array(np.ascontiguousarray(weights.T, np.float32), "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def write_tflite(path, weights, shape=(1, 8, 8, 1), softmax=False, scale=None):
    """Write a TFLite file.

    Args:
        path: The file to write.
        weights: Float (labels, numbers of a picture).
        shape: Shape of the input, -1 for a side that is left open.
        softmax: Whether it answers with probabilities.
        scale: Step between two of the whole numbers, 0 to 255, that it takes; None for one that takes float32.
    """
    labels, model, graph = len(weights), tflite.ModelT(), tflite.SubGraphT()
    model.version, model.description = 3, "small"
    contents = [b"", np.ascontiguousarray(weights, np.float32).tobytes()]
    model.buffers = [tflite.BufferT() for _ in contents]
    model.buffers[1].data = np.frombuffer(contents[1], np.uint8)
    picture = tensor(shape, tflite.TensorType.UINT8 if scale else tflite.TensorType.FLOAT32)
    if scale:
        picture.quantization = tflite.QuantizationParametersT()
        picture.quantization.scale, picture.quantization.zeroPoint = [scale], [0]
    graph.tensors = [picture, tensor(shape), tensor(weights.shape, buffer=1), tensor((1, labels)), tensor((1, labels))]
    dense, smooth = tflite.FullyConnectedOptionsT(), tflite.SoftmaxOptionsT()
    smooth.beta = 1.0
    steps = [
        *([(tflite.BuiltinOperator.DEQUANTIZE, [0], [1], None, None)] if scale else []),
        (
            tflite.BuiltinOperator.FULLY_CONNECTED,
            [1 if scale else 0, 2, -1],
            [3],
            tflite.BuiltinOptions.FullyConnectedOptions,
            dense,
        ),
        *(
            [(tflite.BuiltinOperator.SOFTMAX, [3], [4], tflite.BuiltinOptions.SoftmaxOptions, smooth)]
            if softmax
            else []
        ),
    ]
    model.operatorCodes, graph.operators = [], []
    for number, (code, taken, given, kind, options) in enumerate(steps):
        entry, operator = tflite.OperatorCodeT(), tflite.OperatorT()
        entry.builtinCode = entry.deprecatedBuiltinCode = code
        entry.version = 1
        operator.opcodeIndex, operator.inputs, operator.outputs = number, taken, given
        if options:
            operator.builtinOptionsType, operator.builtinOptions = kind, options
        model.operatorCodes.append(entry)
        graph.operators.append(operator)
    graph.inputs, graph.outputs = [0], [4 if softmax else 3]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


def tensor(shape, kind=tflite.TensorType.FLOAT32, buffer=0):
    made = tflite.TensorT()
    made.shape, made.type, made.buffer, made.name = [abs(side) for side in shape], kind, buffer, b"t"
    if min(shape) < 0:
        made.shapeSignature = list(shape)
    return made
