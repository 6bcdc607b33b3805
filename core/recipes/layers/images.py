"""Keras layers for recipes that read pictures. Imported only from a recipe's `build`.

Everything here is written with `keras.ops`, so that it trains on any Keras backend.
"""

from __future__ import annotations

import math

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("mien")
class Standardize(layers.Layer):
    """Scales each of the uint8 images (n, side, side, c) to zero mean and unit variance, so that light does not count.

    Five grey levels are added to the deviation, so that a blank image stays blank.
    """

    def call(self, images):
        images = ops.cast(images, "float32")
        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
        variance = ops.mean(ops.square(images - mean), axis=(1, 2, 3), keepdims=True)
        return ops.cast((images - mean) / ops.sqrt(variance + 25.0), self.compute_dtype)


@keras.saving.register_keras_serializable("mien")
class Jitter(layers.Layer):
    """Varies pictures in training as a face detector and a webcam do; changes nothing at inference.

    It takes and gives standardised images (n, side, side, 1). Each picture gets one affine map: rotation, scale, shift
    and mirror image. Then come a gain, a soft focus, noise, and a blank random rectangle (random erasing, Zhong et al.
    2020).

    Args:
        rotation: Largest turn either way, in degrees.
        scale: Largest zoom in or out, as a fraction.
        shift: Largest move either way, as a fraction of the side.
        mirror: Whether half of the images become mirror images.
        seed: Seed of the layer's own random numbers.
    """

    def __init__(self, rotation=15.0, scale=0.15, shift=0.07, mirror=True, seed=0, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.rotation, self.scale, self.shift, self.mirror, self.seed = rotation, scale, shift, mirror, seed
        self.generator = keras.random.SeedGenerator(seed)

    def get_config(self):
        arguments = {name: getattr(self, name) for name in ("rotation", "scale", "shift", "mirror", "seed")}
        return super().get_config() | arguments

    def _uniform(self, shape, low, high):
        return keras.random.uniform(shape, low, high, seed=self.generator)

    def call(self, images, training=False):
        if not training:
            return images
        return self._erase(self._photometry(self._geometry(images)))

    def _geometry(self, images):
        n, side = ops.shape(images)[0], images.shape[1]
        turn = self._uniform((n,), -self.rotation, self.rotation) * (math.pi / 180)
        zoom = ops.exp(self._uniform((n,), -self.scale, self.scale))
        mirror = ops.sign(self._uniform((n,), -1.0, 1.0)) if self.mirror else ops.ones((n,))
        move = self._uniform((2, n), -self.shift, self.shift) * side
        cos, sin, zero = ops.cos(turn) * zoom, ops.sin(turn) * zoom, ops.zeros((n,))
        centre = (side - 1) / 2
        # Maps a point of the output to a point of the input, about the centre.
        a, b, c, d = cos * mirror, -sin, sin * mirror, cos
        dx = centre + move[0] - centre * (a + b)
        dy = centre + move[1] - centre * (c + d)
        return ops.image.affine_transform(
            images, ops.stack([a, b, dx, c, d, dy, zero, zero], axis=1), interpolation="bilinear", fill_mode="nearest"
        )

    def _photometry(self, images):
        n = ops.shape(images)[0]
        soft = ops.average_pool(images, 3, strides=1, padding="same")
        focus = ops.maximum(self._uniform((n, 1, 1, 1), -2.0, 1.0), 0.0)  # two of three stay sharp
        gain = ops.exp(self._uniform((n, 1, 1, 1), -0.2, 0.2))
        noise = keras.random.normal(ops.shape(images), seed=self.generator) * self._uniform((n, 1, 1, 1), 0.0, 0.1)
        return (images + (soft - images) * focus) * gain + noise

    def _erase(self, images):
        n, side = ops.shape(images)[0], images.shape[1]
        size = ops.maximum(self._uniform((2, n, 1, 1, 1), -0.2, 0.4), 0.0) * side  # more than half stay whole
        start = self._uniform((2, n, 1, 1, 1), 0.0, 1.0) * (side - size)
        rows = ops.reshape(ops.arange(side, dtype="float32"), (1, side, 1, 1))
        columns = ops.reshape(rows, (1, 1, side, 1))
        inside = ops.logical_and(
            ops.logical_and(rows >= start[0], rows < start[0] + size[0]),
            ops.logical_and(columns >= start[1], columns < start[1] + size[1]),
        )
        return ops.where(inside, ops.zeros_like(images), images)


@keras.saving.register_keras_serializable("mien")
class MirrorAverage(layers.Layer):
    """Answers with the mean of a network's answers to a face and to its mirror image; in training with the first.

    This one is for images. A subclass for other inputs overrides `mirrored`.

    Args:
        network: A `keras.Model` from images (n, side, side, c) to logits (n, k), or to several such arrays.
    """

    def __init__(self, network, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.network = network

    def get_config(self):
        return super().get_config() | {"network": keras.saving.serialize_keras_object(self.network)}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config.pop("network")), **config)

    def mirrored(self, faces):
        return ops.flip(faces, axis=2)

    def call(self, faces, training=False):
        if training:
            return self.network(faces, training=True)
        # One after the other: both in one batch would take as long, and the size of the batch would have to be known.
        answers = self.network(faces, training=False), self.network(self.mirrored(faces), training=False)
        return keras.tree.map_structure(lambda one, other: (one + other) / 2, *answers)


@keras.saving.register_keras_serializable("mien")
class FusedBatchNormalization(layers.BatchNormalization):
    """Keras's batch normalisation (Ioffe and Szegedy 2015) over the last axis, with the same weights and answers.

    On TensorFlow, Keras composes it of some ten passes over a picture, which on a processor takes as long as the
    convolutions. In training this layer runs TensorFlow's own kernel instead, which is six times as fast.
    """

    def call(self, inputs, training=None, mask=None):
        fused = keras.backend.backend() == "tensorflow" and len(inputs.shape) == 4 and mask is None
        if not (fused and training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        from tensorflow import raw_ops

        outputs, mean, variance, *_ = raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=ops.convert_to_tensor(self.gamma),
            offset=ops.convert_to_tensor(self.beta),
            mean=[],
            variance=[],
            epsilon=self.epsilon,
            is_training=True,
        )
        values = ops.cast(ops.shape(inputs)[0] * math.prod(inputs.shape[1:3]), "float32")
        for moving, batch in (
            (self.moving_mean, mean),
            (self.moving_variance, variance * (values - 1) / values),  # the kernel gives the population's variance
        ):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return outputs


def convolution(x, filters: int, size: int = 3, strides: int = 1, activation: str | None = "relu"):
    """A convolution without bias, batch normalisation and an activation.

    Args:
        x: Pictures (n, side, side, c).
        filters: Number of channels of the result.
        size: Side of the kernel, in pixels.
        strides: Step of the convolution, in pixels.
        activation: Keras's name of the activation; None for none.
    """
    x = layers.Conv2D(filters, size, strides, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
    x = FusedBatchNormalization(momentum=0.95)(x)
    return layers.Activation(activation)(x) if activation else x


def residual(x, filters: int, strides: int = 1):
    """A basic residual block (He et al. 2016) with an average-pooled shortcut (ResNet-D, He et al. 2019).

    Args:
        x: Pictures (n, side, side, c).
        filters: Number of channels of the result.
        strides: Step of the first convolution, in pixels.
    """
    y = convolution(convolution(x, filters, strides=strides), filters, activation=None)
    if strides > 1:
        x = layers.AveragePooling2D(strides)(x)
    if x.shape[-1] != filters:
        x = convolution(x, filters, size=1, activation=None)
    return layers.Activation("relu")(layers.Add()([x, y]))


@keras.saving.register_keras_serializable("mien")
class Webcam(layers.Layer):
    """Varies light and distance in training; changes nothing at inference.

    It takes and gives standardised images (n, side, side, 1). A lamp shines from one side, a tone curve lifts or
    crushes the shadows, and some faces are so far away that their 48 pixels were made of 24 or 16. The result is
    standardised again, because the network gets standardised images when it answers.

    Args:
        light: Largest difference in brightness from one border to the other, in standard deviations.
        tone: Largest strength of the tone curve.
        far: Share of the images that lose pixels, 0 to 1.
        seed: Seed of the layer's own random numbers.
    """

    def __init__(self, light=1.5, tone=0.25, far=0.2, seed=0, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.light, self.tone, self.far, self.seed = light, tone, far, seed
        self.generator = keras.random.SeedGenerator(seed)

    def get_config(self):
        return super().get_config() | {name: getattr(self, name) for name in ("light", "tone", "far", "seed")}

    def _uniform(self, images, low, high):
        return keras.random.uniform((ops.shape(images)[0], 1, 1, 1), low, high, seed=self.generator)

    def call(self, images, training=False):
        if not training:
            return images
        images = self._from_afar(self._lit(images))
        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
        variance = ops.mean(ops.square(images - mean), axis=(1, 2, 3), keepdims=True)
        return (images - mean) / ops.sqrt(variance + 1e-2)

    def _lit(self, images):
        side = images.shape[1]
        across = ops.linspace(-0.5, 0.5, side)
        angle = self._uniform(images, -math.pi, math.pi)
        slope = ops.square(self._uniform(images, -1.0, 1.0)) * self.light  # most rooms are lit evenly
        plane = ops.cos(angle) * ops.reshape(across, (1, 1, side, 1)) + ops.sin(angle) * ops.reshape(
            across, (1, side, 1, 1)
        )
        bend = self._uniform(images, -self.tone, self.tone)
        return images + bend * (ops.square(ops.clip(images, -2.5, 2.5)) - 1) + slope * plane

    def _from_afar(self, images):
        side = images.shape[1]
        draw = self._uniform(images, 0.0, 1.0)
        for factor, from_share, to_share in ((2, 0.0, 2 / 3), (3, 2 / 3, 1.0)):
            small = ops.average_pool(images, factor, strides=factor)
            coarse = ops.image.resize(small, (side, side), interpolation="bilinear")
            chosen = ops.logical_and(draw >= from_share * self.far, draw < to_share * self.far)
            images = ops.where(chosen, coarse, images)
        return images


def fused(model):
    """A copy of a network, untrained, with `FusedBatchNormalization` in place of Keras's batch normalisation.

    Args:
        model: A functional `keras.Model`.
    """

    def clone(layer):
        known = isinstance(layer, layers.BatchNormalization)
        return (FusedBatchNormalization if known else type(layer)).from_config(layer.get_config())

    return keras.models.clone_model(model, clone_function=clone)
