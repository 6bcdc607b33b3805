"""EfficientNet-Lite0 in Keras, and its weights from a PyTorch state dict. Imported only from a recipe's `build`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from keras import Model, initializers, layers

from .images import FusedBatchNormalization

# A stage each: factor by which its blocks widen, channels, blocks, side of the kernel, stride of the first block.
_STAGES = (
    (1, 16, 1, 3, 1),
    (6, 24, 2, 3, 2),
    (6, 40, 2, 5, 2),
    (6, 80, 3, 3, 2),
    (6, 112, 3, 5, 1),
    (6, 192, 4, 5, 2),
    (6, 320, 1, 3, 1),
)


def efficientnet_lite0(inputs, name: str):
    """The untrained trunk, a `keras.Model` from pictures (n, side, side, c) to embeddings (n, 1280).

    It is the network that Google published (Tan and Le 2019), without squeeze-and-excite and with ReLU6, so that it can
    be quantised to int8. It expects pictures that are standardised with the mean and the deviation of ImageNet.

    Args:
        inputs: A `keras.Input` (n, side, side, c).
        name: Name of the model.
    """
    x = _normalised(_convolution(32, "stem", size=3, strides=2)(inputs), "stem")
    for stage, (expansion, filters, blocks, kernel, stride) in enumerate(_STAGES, 1):
        for block in range(1, blocks + 1):
            x = _block(x, expansion, filters, kernel, stride if block == 1 else 1, f"stage{stage}_block{block}")
    x = _normalised(_convolution(1280, "head")(x), "head")
    return Model(inputs, layers.GlobalAveragePooling2D()(x), name=name)


def _block(x, expansion: int, filters: int, kernel: int, stride: int, name: str):
    """An inverted residual (Sandler et al. 2018): widened, each channel convolved by itself, narrowed."""
    y = x
    if expansion > 1:
        y = _normalised(_convolution(expansion * x.shape[-1], f"{name}_expand")(y), f"{name}_expand")
    y = _normalised(_depthwise(kernel, stride, f"{name}_depthwise")(y), f"{name}_depthwise")
    y = _normalised(_convolution(filters, f"{name}_project")(y), f"{name}_project", activation=None)
    return layers.Add(name=f"{name}_add")([x, y]) if x.shape == y.shape else y


def _convolution(filters: int, name: str, size: int = 1, strides: int = 1):
    return layers.Conv2D(
        filters, size, strides, padding="same", use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv"
    )


def _depthwise(size: int, strides: int, name: str):
    # He's deviation (He et al. 2015) for the inputs of one channel; Keras would count those of all channels.
    start = initializers.RandomNormal(stddev=(2 / size**2) ** 0.5)
    return layers.DepthwiseConv2D(
        size, strides, padding="same", use_bias=False, depthwise_initializer=start, name=f"{name}_conv"
    )


def _normalised(x, name: str, activation: str | None = "relu6"):
    x = FusedBatchNormalization(momentum=0.98, epsilon=1e-3, name=f"{name}_norm")(x)
    return layers.Activation(activation, name=f"{name}_relu6")(x) if activation else x


def fill_efficientnet_lite0(trunk, state: Mapping[str, np.ndarray]) -> None:
    """Fill a trunk with the weights of a PyTorch state dict, by their usual names.

    The stem of a trunk that takes grey pictures gets the sum over the three colours.

    Args:
        trunk: A model that `efficientnet_lite0` made.
        state: Arrays by name: kernels (out, in, h, w), depthwise ones (c, 1, h, w), and vectors (c,).

    Raises:
        KeyError: An array is missing.
        ValueError: An array has another shape than its weight.
    """
    names = _names_in_pytorch()
    for layer in trunk.layers:
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            convolution, norm = next(names)
            arrays = [_kernel(layer, state[f"{convolution}.weight"])]
        elif isinstance(layer, layers.BatchNormalization):
            arrays = [state[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
        else:
            continue
        layer.set_weights([np.asarray(array, np.float32) for array in arrays])


def _kernel(layer, kernel: np.ndarray) -> np.ndarray:
    """A kernel in Keras's order: (h, w, in, out), or (h, w, c, 1) for a depthwise convolution."""
    if isinstance(layer, layers.DepthwiseConv2D):
        return kernel.transpose(2, 3, 0, 1)
    kernel = kernel.transpose(2, 3, 1, 0)
    return kernel.sum(axis=2, keepdims=True) if layer.kernel.shape[2] == 1 else kernel


def _names_in_pytorch() -> Iterator[tuple[str, str]]:
    """The names of the convolutions in a state dict, each with that of its batch normalisation, in order."""
    yield "_conv_stem", "_bn0"
    number = 0
    for expansion, _, blocks, _, _ in _STAGES:
        for _ in range(blocks):
            block = f"_blocks.{number}"
            if expansion > 1:
                yield f"{block}._expand_conv", f"{block}._bn0"
            yield f"{block}._depthwise_conv", f"{block}._bn1"
            yield f"{block}._project_conv", f"{block}._bn2"
            number += 1
    yield "_conv_head", "_bn1"
