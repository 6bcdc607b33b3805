"""dlib's face-recognition ResNet in Keras, and its published weights. Imported only from a recipe's `build`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from keras import Model, layers, ops

from .images import FusedBatchNormalization, Standardize

# A stage each: channels, blocks after the one that halves the side; the first stage has no such block.
_STAGES = ((32, 3), (64, 3), (128, 2), (256, 2))
_GREY, _CONTRAST = 118.0, 58.0  # a standardised picture in grey levels, about a photograph's
_COLOURS, _RANGE = np.array([122.782, 117.001, 104.298]), 256.0  # what the published network takes off, and divides by


def face_resnet(inputs, name: str):
    """The untrained trunk, a `keras.Model` from pictures (n, side, side, 1) to embeddings (n, 256).

    It is the network that Davis King published (dlib 19.3, 2017; of the shape of He et al. 2016), without its last
    block, whose numbers tell people apart rather than what their faces do. In place of its fixed scales there is batch
    normalisation, which lets it learn with large steps. It expects standardised pictures.

    Args:
        inputs: A `keras.Input` (n, side, side, 1).
        name: Name of the model.
    """
    x = _normalised(inputs, 32, "stem", size=7, strides=2, padding="valid")
    x = layers.MaxPooling2D(3, 2, name="stem_pool")(layers.ReLU(name="stem_relu")(x))
    for stage, (filters, blocks) in enumerate(_STAGES, 1):
        if stage > 1:
            x = _halving(x, filters, f"stage{stage}_down")
        for block in range(1, blocks + 1):
            label = f"stage{stage}_block{block}"
            x = layers.ReLU(name=f"{label}_relu")(layers.Add(name=f"{label}_add")([x, _two(x, filters, label)]))
    return Model(inputs, layers.GlobalAveragePooling2D()(x), name=name)


def _two(x, filters: int, label: str, **first):
    y = layers.ReLU(name=f"{label}_1_relu")(_normalised(x, filters, f"{label}_1", **first))
    return _normalised(y, filters, f"{label}_2")


def _halving(x, filters: int, label: str):
    """A block that halves the side; the shortcut is a mean, with zeros for the channels and borders that it lacks."""
    y = _two(x, filters, label, strides=2, padding="valid")
    x = layers.AveragePooling2D(2, name=f"{label}_pool")(x)
    sides = [max(x.shape[axis], y.shape[axis]) for axis in (1, 2)]
    both = [_padded(each, sides, filters) for each in (x, y)]
    return layers.ReLU(name=f"{label}_relu")(layers.Add(name=f"{label}_add")(both))


def _padded(x, sides: list[int], filters: int):
    _, height, width, channels = x.shape
    return ops.pad(x, ((0, 0), (0, sides[0] - height), (0, sides[1] - width), (0, filters - channels)))


def _normalised(x, filters: int, label: str, size: int = 3, strides: int = 1, padding: str = "same"):
    x = layers.Conv2D(
        filters, size, strides, padding, use_bias=False, kernel_initializer="he_normal", name=f"{label}_conv"
    )(x)
    return FusedBatchNormalization(momentum=0.98, epsilon=1e-3, name=f"{label}_norm")(x)


def fill_face_resnet(trunk, arrays: Mapping[str, np.ndarray], crops: np.ndarray) -> None:
    """Fill a trunk with the published weights, and its batch normalisation with what it sees of some crops.

    The published network has a scale and a bias for each channel. Here they become batch normalisation that does the
    same at inference, with the statistics of the crops: so the network begins as it was published and yet learns.

    Args:
        trunk: A model that `face_resnet` made.
        arrays: Arrays by name: filters (out, in, h, w), and biases and scales (out,).
        crops: Uint8 (n, 48, 48, 1), of the kind that is to be learnt from.

    Raises:
        KeyError: An array is missing.
        ValueError: An array has another shape than its weight.
    """
    pictures = layers.Resizing(*trunk.input_shape[1:3])(Standardize()(crops))
    norms = [layer for layer in trunk.layers if isinstance(layer, layers.BatchNormalization)]
    for name, norm in zip(_names(), norms, strict=True):
        convolution = trunk.get_layer(norm.name.replace("_norm", "_conv"))
        filters, bias, scale, shift = (
            np.asarray(arrays[f"{name}.{part}"], np.float64)
            for part in ("conv.filters", "conv.bias", "scale.weights", "scale.biases")
        )
        if norm is norms[0]:
            bias = bias + filters.sum(axis=(2, 3)) @ ((_GREY - _COLOURS) / _RANGE)
            filters = filters.sum(axis=1, keepdims=True) * (_CONTRAST / _RANGE)
        convolution.set_weights([filters.transpose(2, 3, 1, 0)])
        seen = Model(trunk.inputs, convolution.output)(pictures, training=False)
        mean, variance = (np.asarray(each, np.float64) for each in ops.moments(seen, axes=(0, 1, 2)))
        shift = shift + scale * (bias + mean)
        norm.set_weights([scale * np.sqrt(variance + norm.epsilon), shift, mean, variance])


def _names() -> Iterator[str]:
    """The published names of the convolutions, in order."""
    yield "conv32_down"
    for stage, (filters, blocks) in enumerate(_STAGES):
        if stage:
            yield from (f"conv{filters}_down.conv{number}" for number in (1, 2))
        for block in range(1, blocks + 1):
            yield from (f"conv{filters}_{block}.conv{number}" for number in (1, 2))
