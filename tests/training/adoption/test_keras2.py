"""What becomes of the configurations of Keras 2, without Keras; `test_adopt.py` asks the models."""

import pytest

from training.adoption.keras2 import HARD_SIGMOID, is_keras_2, modernised


def layer(class_name, name="one", inbound=None, **config):
    node = {"class_name": class_name, "config": {"name": name, "trainable": True, "dtype": "float32"} | config}
    return node if inbound is None else node | {"name": name, "inbound_nodes": inbound}


def config_of(*given, **config):
    return modernised(layer(*given, **config))["config"]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (None, True),
        ("1.2.2", True),
        ("2.8.0", True),
        ("2.3.0-tf", True),
        ("3.5.0", False),
        ("tf", True),
        ("10.0", False),
    ],
)
def test_the_version_in_a_file_tells_who_wrote_it(version, expected):
    assert is_keras_2(version) == expected


@pytest.mark.parametrize(
    ("class_name", "dropped"),
    [
        ("DepthwiseConv1D", {"groups": 1, "kernel_initializer": {}, "kernel_regularizer": None}),
        ("Conv2DTranspose", {"groups": 1}),
        ("SeparableConv1D", {"groups": 1, "kernel_constraint": None, "pointwise_regularizer": None}),
        ("GRU", {"time_major": False, "implementation": 1}),
        ("RandomRotation", {"rng_type": "stateful"}),
        ("SpatialDropout2D", {"noise_shape": None, "seed": None, "trainable": True}),
        ("MultiHeadAttention", {"query_shape": [None, 8, 4], "softmax_robust_masking": False}),
        ("Embedding", {"input_length": 6}),
        ("BatchNormalizationV2", {"renorm": False, "fused": True, "virtual_batch_size": None}),
        ("Dense", {"kernel_initializer": {"class_name": "GlorotUniform", "config": {"dtype": "float32"}}}),
    ],
)
def test_what_keras_3_has_dropped_is_left_out(class_name, dropped):
    assert config_of(class_name, units=4, **dropped) == {"name": "one", "dtype": "float32", "units": 4}


@pytest.mark.parametrize(("class_name", "kept"), [("Conv2D", {"groups": 4}), ("LSTM", {"time_major": True})])
def test_what_changes_the_answers_is_kept_for_keras_to_judge(class_name, kept):
    assert config_of(class_name, **kept).items() >= kept.items()


def test_names_that_keras_3_refuses_are_changed_wherever_they_stand():
    config = config_of(
        "Model",
        layers=[
            layer("InputLayer", "in/put", [], batch_input_shape=[None, 48, 48, 1], sparse=False, ragged=False),
            layer("Conv2D", "block/conv", [[["in/put", 0, 0, {}]]]),
            layer("Add", "sum", [[["in/put", 0, 0, {}], ["block/conv", 0, 0, {}]]]),
        ],
        input_layers=[["in/put", 0, 0]],
        output_layers=[["block/conv", 0, 0], ["sum", 0, 0]],
    )
    assert [each["name"] for each in config["layers"]] == ["in_put", "block_conv", "sum"]
    assert config["layers"][0]["config"]["batch_shape"] == [None, 48, 48, 1]
    assert config["input_layers"] == ["in_put", 0, 0]
    assert config["output_layers"] == [["block_conv", 0, 0], ["sum", 0, 0]]
    (call,) = config["layers"][2]["inbound_nodes"]
    assert [tensor["config"]["keras_history"][0] for tensor in call["args"][0]] == ["in_put", "block_conv"]


def test_layers_inside_of_layers_are_modernised_too():
    cell = layer("LSTMCell", "cell", recurrent_activation="hard_sigmoid", implementation=1)
    made = config_of("Bidirectional", layer=layer("RNN", "inner", cell=cell, time_major=False))
    assert made["layer"]["module"] == "keras.layers"
    assert "time_major" not in made["layer"]["config"]
    assert made["layer"]["config"]["cell"]["config"]["recurrent_activation"]["config"] == HARD_SIGMOID


@pytest.mark.parametrize(
    "given",
    [
        [layer("Dense", batch_input_shape=[None, 48])],
        {"name": "s", "layers": [layer("Dense", batch_input_shape=[None, 48])]},
        {"name": "s", "build_input_shape": [None, 48], "layers": [layer("Dense")]},
    ],
)
def test_a_sequential_model_gets_its_input_layer(given):
    made = modernised({"class_name": "Sequential", "config": given})
    assert [each["class_name"] for each in made["config"]["layers"]] == ["InputLayer", "Dense"]
    assert made["config"]["layers"][0]["config"]["batch_shape"] == [None, 48]


def test_what_was_trained_with_half_of_the_digits_runs_with_all():
    policy = {"class_name": "Policy", "config": {"name": "mixed_float16"}}
    assert config_of("Dense", dtype=policy)["dtype"] == "float32"


def test_layers_that_keras_3_lacks_have_their_like_where_there_is_one():
    assert modernised(layer("ThresholdedReLU", theta=0.5))["config"]["threshold"] == 0.5
    assert modernised(layer("RandomHeight", factor=0.1))["class_name"] == "Identity"
    assert modernised(layer("LocallyConnected2D"))["class_name"] == "LocallyConnected2D"  # Keras says that it has none
