"""The amount of arithmetic in a network."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

_CONTRACTIONS = {"CONV_2D", "FULLY_CONNECTED", "DEPTHWISE_CONV_2D"}


def is_whole(path: Path) -> bool:
    """Whether most convolutions and dense layers of a `.tflite` file multiply whole numbers and not floats.

    Their weights are int8 then; what they are multiplied with is rounded to it at each run.
    """
    network = _network(path)
    types = {tensor["index"]: tensor["dtype"] for tensor in network.get_tensor_details()}
    whole = [
        np.issubdtype(types[int(operation["inputs"][1])], np.integer)
        for operation in network._get_ops_details()
        if operation["op_name"] in _CONTRACTIONS
    ]
    return sum(whole) > len(whole) / 2


def operations(path: Path) -> int:
    """Count the multiplications and additions of one run of a network for one picture.

    Convolutions and dense layers are counted; all else (activations, sums, moving numbers) is left out, so that the
    result is a lower bound.

    Args:
        path: `.tflite` file.
    """
    network = _network(path)
    shapes = {tensor["index"]: tuple(map(int, tensor["shape"])) for tensor in network.get_tensor_details()}
    total = 0
    for operation in network._get_ops_details():
        if operation["op_name"] not in _CONTRACTIONS:
            continue
        weights, result = shapes[int(operation["inputs"][1])], shapes[int(operation["outputs"][0])]
        total += 2 * math.prod(result) * _terms(operation["op_name"], weights)
    return total


def _network(path: Path):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    network = Interpreter(
        model_path=str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    )
    network.allocate_tensors()
    return network


def _terms(name: str, weights: tuple[int, ...]) -> int:
    """Number of products that make up one number of the result."""
    if name == "DEPTHWISE_CONV_2D":  # (1, height, width, channels)
        return weights[1] * weights[2]
    return math.prod(weights[1:])  # (channels out, height, width, channels in), or (out, in)
