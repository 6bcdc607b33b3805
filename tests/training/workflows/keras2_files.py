"""Files as Keras 2 wrote them, made without Keras: their configurations, their weights, and what they answer."""

import io
import json
import zipfile

import h5py
import numpy as np

INITIALIZERS = {
    f"{name}_initializer": {
        "module": "keras.initializers",
        "class_name": "GlorotUniform",
        "config": {"seed": None},
        "registered_name": None,
    }
    for name in ("kernel", "bias", "depthwise", "pointwise", "beta", "gamma", "moving_mean", "moving_variance")
}
OTHERS = {
    f"{name}_{kind}": None
    for name in ("kernel", "bias", "depthwise", "pointwise", "beta", "gamma")
    for kind in ("regularizer", "constraint")
}


def layer(class_name, name, parts=(), **config):
    """A layer with all that Keras 2 wrote about it; `parts` are the words for its weights."""
    about = {
        key: value for key, value in (INITIALIZERS | OTHERS).items() if key.rpartition("_")[0] in (parts or ("none",))
    }
    return {
        "class_name": class_name,
        "config": {"name": name, "trainable": True, "dtype": "float32"} | about | config,
    }


def convolution(class_name, name, parts, size=3, stride=1, **config):
    return layer(
        class_name,
        name,
        parts,
        kernel_size=[size, size],
        strides=[stride, stride],
        padding="valid",
        data_format="channels_last",
        dilation_rate=[1, 1],
        groups=1,
        activation=config.pop("activation", "linear"),
        use_bias=True,
        activity_regularizer=None,
        **config,
    )


def windows(x, size, stride):
    """(n, height, width, channels, size, size)"""
    return np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))[:, ::stride, ::stride]


def softmax(x):
    values = np.exp(x - x.max(axis=1, keepdims=True))
    return values / values.sum(axis=1, keepdims=True)


def random(*shape):
    return np.random.default_rng(sum(shape)).normal(0, 0.5, shape).astype(np.float32)


def write_functional_h5(path):
    """A Model of Keras 2.8 with names that Keras 3 refuses, a depthwise convolution, and Keras 2's hard sigmoid.

    Returns:
        A function from pictures (n, 48, 48, 1) to its answers.
    """
    layers = [
        layer("InputLayer", "input_1", batch_input_shape=[None, 48, 48, 1], sparse=False, ragged=False),
        convolution("Conv2D", "block1/conv", ("kernel", "bias"), 3, 4, filters=4),
        convolution("DepthwiseConv2D", "block1/depthwise", ("kernel", "bias", "depthwise"), depth_multiplier=2),
        layer("Activation", "gate", activation="hard_sigmoid"),
        layer("GlobalAveragePooling2D", "pool", data_format="channels_last", keepdims=False),
        layer("Dense", "dense", ("kernel", "bias"), units=7, activation="softmax", use_bias=True),
    ]
    del layers[0]["config"]["trainable"]
    for before, each in zip([None, *layers], layers, strict=False):
        each["name"] = each["config"]["name"]
        each["inbound_nodes"] = [[[before["name"], 0, 0, {}]]] if before else []
    config = {
        "name": "model",
        "layers": layers,
        "input_layers": [["input_1", 0, 0]],
        "output_layers": [["dense", 0, 0]],
    }
    weights = {
        "block1/conv": {"kernel:0": random(3, 3, 1, 4), "bias:0": random(4)},
        "block1/depthwise": {"depthwise_kernel:0": random(3, 3, 4, 2), "bias:0": random(8)},
        "dense": {"kernel:0": random(8, 7), "bias:0": random(7)},
    }
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = "2.8.0", "tensorflow"
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": config})
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [each["name"].encode() for each in layers]
        for each in layers:
            part = group.create_group(each["name"])
            values = weights.get(each["name"], {})
            part.attrs["weight_names"] = [f"{each['name']}/{name}".encode() for name in values]
            for name, value in values.items():
                part[f"{each['name']}/{name}"] = value

    def answer(x):
        (conv, conv_bias), (depth, depth_bias), (dense, dense_bias) = (value.values() for value in weights.values())
        x = np.einsum("nhwckl,klco->nhwo", windows(x, 3, 4), conv) + conv_bias
        x = np.einsum("nhwckl,klcm->nhwcm", windows(x, 3, 1), depth)
        x = np.clip(0.2 * (x.reshape(*x.shape[:3], 8) + depth_bias) + 0.5, 0, 1)
        return softmax(x.mean(axis=(1, 2)) @ dense + dense_bias)

    return answer


def write_sequential_keras(path):
    """A Sequential of Keras 2.13 in the new format of that time, with a separable convolution and a normalisation.

    Returns:
        A function from pictures (n, 48, 48, 1) to its answers, which are logits.
    """
    shape = [None, 48, 48, 1]
    separable = ("kernel", "bias", "depthwise", "pointwise")
    layers = [
        layer("InputLayer", "first_input", batch_input_shape=shape, sparse=False, ragged=False),
        convolution("SeparableConv2D", "first", separable, 5, 3, filters=6, depth_multiplier=1, activation="relu"),
        layer(
            "BatchNormalization",
            "normal",
            ("beta", "gamma", "moving_mean", "moving_variance"),
            axis=[3],
            momentum=0.99,
            epsilon=0.001,
            center=True,
            scale=True,
        ),
        layer("SpatialDropout2D", "drop", rate=0.5, noise_shape=None, seed=None),
        layer("GlobalMaxPooling2D", "pool", data_format="channels_last", keepdims=False),
        layer("Dense", "last", ("kernel", "bias"), units=7, activation="linear", use_bias=True),
    ]
    layers[1]["config"]["batch_input_shape"] = shape
    for each in layers:
        each |= {"module": "keras.layers", "registered_name": None, "build_config": {"input_shape": shape}}
    config = {"module": "keras.src.engine.sequential", "class_name": "Sequential", "registered_name": "Sequential"}
    config |= {"config": {"name": "sequential", "layers": layers}, "compile_config": None}
    weights = {
        "separable_conv2d": [random(5, 5, 1, 1), random(1, 1, 1, 6), random(6)],
        "batch_normalization": [random(6), random(6), random(6), random(6) ** 2],
        "dense": [random(6, 7), random(7)],
    }
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for name, values in weights.items():
            for number, value in enumerate(values):
                file[f"layers/{name}/vars/{number}"] = value
        for name in ("spatial_dropout2d", "global_max_pooling2d"):
            file.create_group(f"layers/{name}/vars")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.13.1", "date_saved": "2023-07-01@00:00:00"}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", content.getvalue())

    def answer(x):
        (depth, point, bias), (gamma, beta, mean, variance), (dense, dense_bias) = weights.values()
        x = np.einsum("nhwckl,klcm->nhwc", windows(x, 5, 3), depth) @ point[0, 0] + bias
        x = (np.maximum(x, 0) - mean) / np.sqrt(variance + 0.001) * gamma + beta
        return x.max(axis=(1, 2)) @ dense + dense_bias

    return answer
