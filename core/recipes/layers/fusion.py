"""Keras layers for recipes that eat the feature `fusion`. Imported only from a recipe's `build`."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from ...faces.mesh_topology import mirrored_movements, mirrored_points
from ...layout import FUSION_LAYOUT
from .images import MirrorAverage


def mirror() -> tuple[np.ndarray, np.ndarray]:
    """Which number of a `fusion` vector each one is in the mirror image's, int32 (3761,), and its sign, float32."""
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
    """The vectors (n, 3761) of the mirror images: picture, mesh and movements together."""
    order, sign = mirror()
    return ops.take(faces, order, axis=1) * ops.convert_to_tensor(sign, faces.dtype)


@keras.saving.register_keras_serializable("mien")
class FusionMirrorAverage(MirrorAverage):
    """`MirrorAverage` for `fusion` vectors."""

    def mirrored(self, faces):
        return mirrored(faces)


@keras.saving.register_keras_serializable("mien")
class FusionMirror(layers.Layer):
    """While it learns, half of the `fusion` vectors (n, 3761) become those of the mirror images.

    Args:
        seed: Seed of the layer's own generator.
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
    """While it learns, all that one sense (n, d) tells of a face becomes zeros for some faces (ModDrop, Neverova 2016).

    Unlike with dropout, what is left is not scaled up: a sense is either there or not, at inference too.

    Args:
        rate: Share of the faces.
        seed: Seed of the layer's own generator.
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
