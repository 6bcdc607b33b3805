"""What a webcam does to a face and FER2013 does not show. Imported only from a recipe's `build`."""

from __future__ import annotations

import math

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("mien")
class Webcam(layers.Layer):
    """Training-time light and lack of pixels; the identity at inference.

    Takes and returns standardised images (n, side, side, 1). A lamp at one side, a tone curve that lifts or crushes
    the shadows, and a face so far away that its 48 pixels were made of 24 or 16; then standardised anew, for that is
    what the network sees when it answers.

    Args:
        light: Largest difference in brightness from one border to the other, in standard deviations.
        tone: Largest strength of the tone curve.
        far: Share of the images that lose pixels.
        seed: Seed of the layer's own generator.
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
