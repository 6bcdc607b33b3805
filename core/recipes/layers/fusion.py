"""Keras layers for recipes that read the feature `fusion`. Imported only from a recipe's `build`."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from ...faces.mesh_topology import mirrored_movements, mirrored_points
from ...layout import FUSION_LAYOUT
from .images import MirrorAverage


def mirror() -> tuple[np.ndarray, np.ndarray]:
    """How a `fusion` vector changes when the face is mirrored.

    Returns:
        Int32 (3761,), for each place in the mirrored vector the place that its value comes from, and float32 (3761,),
        1 or -1, by which the value is multiplied.
    """
    place = FUSION_LAYOUT.split(np.arange(FUSION_LAYOUT.size)[None])
    order = place | {
        "pixels": place["pixels"][:, :, ::-1],
        "mesh": place["mesh"][:, mirrored_points()],
        "blendshapes": place["blendshapes"][:, mirrored_movements()],
    }
    sign = FUSION_LAYOUT.split(np.ones((1, FUSION_LAYOUT.size), np.float32))
    sign["mesh"][..., 0] = -1
    return FUSION_LAYOUT.join(**order).astype(np.int32), FUSION_LAYOUT.join(**sign)


def mirrored(faces):
    """The `fusion` vectors (n, 3761) of the mirror images of faces (n, 3761): picture, mesh and movements together."""
    order, sign = mirror()
    return ops.take(faces, order, axis=1) * ops.convert_to_tensor(sign, faces.dtype)


@keras.saving.register_keras_serializable("mien")
class FusionMirrorAverage(MirrorAverage):
    """`MirrorAverage` for `fusion` vectors."""

    def mirrored(self, faces):
        return mirrored(faces)


@keras.saving.register_keras_serializable("mien")
class FusionMirror(layers.Layer):
    """Mirrors half of the `fusion` vectors (n, 3761) in training; changes nothing at inference.

    Args:
        seed: Seed of the layer's own random numbers.
    """

    def __init__(self, seed=0, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def get_config(self):
        return super().get_config() | {"seed": self.seed}

    def call(self, faces, training=False):
        if not training:
            return faces
        chance = keras.random.uniform((ops.shape(faces)[0], 1), seed=self.generator)
        return ops.where(chance < 0.5, mirrored(faces), faces)


@keras.saving.register_keras_serializable("mien")
class ModalityDropout(layers.Layer):
    """Sets all values (n, d) of some faces to zero in training, so that a network learns to do without them (ModDrop).

    After Neverova et al. 2016. Unlike with dropout, the other values are not scaled up: the input of one kind is either
    there or not, at inference too.

    Args:
        rate: Share of the faces whose values become zeros, 0 to 1.
        seed: Seed of the layer's own random numbers.
    """

    def __init__(self, rate, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seed = rate, seed
        self.generator = keras.random.SeedGenerator(seed)

    def get_config(self):
        return super().get_config() | {"rate": self.rate, "seed": self.seed}

    def call(self, values, training=False):
        if not training:
            return values
        chance = keras.random.uniform((ops.shape(values)[0], 1), seed=self.generator)
        return ops.where(chance < self.rate, ops.zeros_like(values), values)
