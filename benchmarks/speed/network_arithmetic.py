"""How much arithmetic a network is."""

from __future__ import annotations

import math
from pathlib import Path

_CONTRACTIONS = {"CONV_2D", "FULLY_CONNECTED", "DEPTHWISE_CONV_2D"}


def operations(path: Path) -> int:
    """Multiplications and additions of one run of a `.tflite` file for one picture: its convolutions and dense layers.

    Everything else (activations, additions, moving numbers about) is left out, so that this is a floor.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    network = Interpreter(
        model_path=str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    )
    network.allocate_tensors()
    shapes = {tensor["index"]: tuple(map(int, tensor["shape"])) for tensor in network.get_tensor_details()}
    total = 0
    for operation in network._get_ops_details():
        if operation["op_name"] not in _CONTRACTIONS:
            continue
        weights, result = shapes[int(operation["inputs"][1])], shapes[int(operation["outputs"][0])]
        total += 2 * math.prod(result) * _terms(operation["op_name"], weights)
    return total


def _terms(name: str, weights: tuple[int, ...]) -> int:
    """Products in one number of the result."""
    if name == "DEPTHWISE_CONV_2D":  # (1, height, width, channels)
        return weights[1] * weights[2]
    return math.prod(weights[1:])  # (channels out, height, width, channels in), or (out, in)
