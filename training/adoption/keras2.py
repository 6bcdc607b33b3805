"""Configurations of Keras 2 models in the words of Keras 3.

Keras 3 has dropped arguments that Keras 2 writes, and refuses a layer that comes with one. What a layer needs only
while it is trained (how its weights began, what kept them small) is left out here: the weights come from the file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

Config = dict[str, Any]

_TRAINING_ONLY = re.compile(r".*_(initializer|regularizer|constraint)|trainable|noise_shape|seed|rng_type|dynamic")
_FOUND_OUT = re.compile(r"batch_input_shape|build_input_shape|input_length|query_shape|key_shape|value_shape|fused")
"""What Keras 3 finds out by itself from the pictures that a layer is given."""

_DROPPED: Mapping[str, Any] = {
    "groups": 1,
    "time_major": False,
    "sparse": False,
    "ragged": False,
    "optional": False,
    "causal": False,
    "renorm": False,
    "virtual_batch_size": None,
    "adjustment": None,
    "softmax_robust_masking": False,
    "quantization_config": None,
    "implementation": 1,
}
"""Arguments that only some layers of Keras 3 have, with the value that changes nothing."""

HARD_SIGMOID = "hard_sigmoid_of_keras_2"
"""Name of the one activation that Keras 3 computes otherwise; see `hard_sigmoid`."""

_ACTIVATIONS: Mapping[str, Any] = {
    "softmax_v2": "softmax",
    "log_softmax_v2": "log_softmax",
    "hard_sigmoid": {"module": None, "class_name": "function", "config": HARD_SIGMOID, "registered_name": HARD_SIGMOID},
}
_MODELS = ("Model", "Sequential")


def is_keras_2(version: str | None) -> bool:
    """Tell by the version that a file gives whether Keras before 3 wrote it; the oldest files give none."""
    return version is None or not version.partition(".")[0].isdigit() or int(version.partition(".")[0]) < 3


def hard_sigmoid(x):
    """Keras 2's hard sigmoid, with a slope of 1/5; Keras 3's has 1/6. To be known to Keras as `HARD_SIGMOID`."""
    from keras import ops

    return ops.clip(0.2 * x + 0.5, 0, 1)


def modernised(config: Config) -> Config:
    """Write the configuration of a Keras 2 model as Keras 3 would.

    What Keras 3 does not know at all is left as it is, so that it can say so.

    Args:
        config: Content of `model_config` or `config.json`: a class name and its configuration.

    Raises:
        KeyError: The configuration is not one of Keras, which may also lead to a TypeError, ValueError,
            AttributeError or IndexError.
    """
    name = _class_name(config["class_name"])
    given = config["config"]
    if name == "Sequential":
        return _node(name, _sequential(given if isinstance(given, dict) else {"layers": given}, config))
    if name == "Model" and "layers" in given:
        return _node(name, _functional(given))
    return _layer(name, given)


def _layer(name: str, given: Config) -> Config:
    """A layer, or another object of Keras that is part of one, such as the cell of a recurrent layer."""
    kept = {key: _value(value) for key, value in given.items() if not _is_dropped(key, value)}
    if name == "InputLayer":
        kept["batch_shape"] = given.get("batch_input_shape") or given["batch_shape"]
    if isinstance(axis := kept.get("axis"), list) and len(axis) == 1:
        kept["axis"] = axis[0]
    for key in ("activation", "recurrent_activation"):
        if isinstance(kept.get(key), str):
            kept[key] = _ACTIVATIONS.get(kept[key], kept[key])
    if "name" in kept:
        kept["name"] = _free_of_slashes(kept["name"])
    if name == "ThresholdedReLU":
        name, kept["threshold"] = "ReLU", kept.pop("theta")
    if name in ("RandomHeight", "RandomWidth"):  # which change nothing outside of training
        name, kept = "Identity", {"name": kept.get("name")}
    return _node(name, kept)


def _is_dropped(key: str, value: Any) -> bool:
    return bool(
        _TRAINING_ONLY.fullmatch(key) or _FOUND_OUT.fullmatch(key) or (key in _DROPPED and value == _DROPPED[key])
    )


def _value(value: Any) -> Any:
    """The value of an argument, which may be a layer, several layers, a policy of number formats or an array."""
    if isinstance(value, list):
        return [_value(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "Policy":  # what was trained with half of the digits runs with all
        return (
            value["config"]["name"].removeprefix("mixed_").replace("bfloat16", "float32").replace("float16", "float32")
        )
    if "class_name" in value and isinstance(value.get("config"), dict):
        return modernised(value)
    if value.get("type") == "ndarray":
        return value["value"]
    return value


def _sequential(given: Config, node: Config) -> Config:
    layers = [modernised(layer) for layer in given["layers"]]
    if layers and layers[0]["class_name"] != "InputLayer":
        first = given["layers"][0]["config"]
        shapes = (
            first.get("batch_input_shape"),
            given.get("build_input_shape"),
            node.get("build_config", {}).get("input_shape"),
        )
        if shape := next(filter(None, shapes), None):
            layers.insert(0, _node("InputLayer", {"batch_shape": shape}))
    return {"name": given.get("name"), "layers": layers}


def _functional(given: Config) -> Config:
    # Of a model that is a part of another, Keras 2 counts as the first call that on the model's own input. Keras 3 has
    # none such, but does as if there were one where a Functional model gives the outputs.
    parts = {layer["name"]: _class_name(layer["class_name"]) for layer in given["layers"]}

    def place(source: list, counting_from_1: Collection[str] = ()) -> list:
        name, call, number, *_ = source
        is_late = parts[name] in _MODELS and parts[name] not in counting_from_1
        return [_free_of_slashes(name), max(call - is_late, 0), number]

    def tensor(source: list) -> Config:
        # Keras finds the shape out by itself.
        config = {"shape": [None], "dtype": "float32", "keras_history": place(source)}
        return {"class_name": "__keras_tensor__", "config": config}

    def call_of(sources: Any) -> Any:
        if isinstance(sources, dict):
            return sources
        tensors = [tensor(source) for source in sources]
        others = {key: value for source in sources for key, value in (source[3:] or [{}])[0].items()}
        return {
            "args": [tensors[0] if len(tensors) == 1 else tensors],
            "kwargs": {key: tensor(value) if _is_place(value) else value for key, value in others.items()},
        }

    layers = []
    for layer in given["layers"]:
        made = modernised(layer)
        made["name"] = made["config"]["name"] = _free_of_slashes(layer["name"])
        layers.append(made | {"inbound_nodes": [call_of(sources) for sources in layer["inbound_nodes"]]})
    ends = {key: [place(source, ("Model",)) for source in given[key]] for key in ("input_layers", "output_layers")}
    return {
        "name": given.get("name"),
        "layers": layers,
        **{key: places[0] if len(places) == 1 else places for key, places in ends.items()},
    }


def _is_place(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and isinstance(value[0], str)


def _free_of_slashes(name: str) -> str:
    return name.replace("/", "_")


def _class_name(name: str) -> str:
    """The name in Keras 3: TensorFlow 1 and 2.0 numbered the versions of some layers."""
    return "Model" if name == "Functional" else re.sub(r"(?<=[a-z])V[12]$", "", name)


def _node(name: str, config: Config) -> Config:
    return {
        "module": "keras" if name in _MODELS else "keras.layers",
        "class_name": name,
        "config": config,
        "registered_name": None,
    }
