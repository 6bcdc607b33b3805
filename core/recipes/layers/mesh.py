"""Keras layers for recipes that read the feature `mesh`. Imported only from a recipe's `build`."""

from __future__ import annotations

import math

import keras
import numpy as np
from keras import layers, ops

from ...faces.mesh_topology import mirrored_points, tesselation
from .graphs import detail
from .images import MirrorAverage


@keras.saving.register_keras_serializable("mien")
class FixedProduct(layers.Layer):
    """Multiplies the points' values (n, points, c) by a constant matrix, to (n, rows, c).

    The matrix is a weight that is not trained, so that a trained model carries its graph in itself.

    Args:
        matrix: Float (rows, points).
    """

    def __init__(self, matrix, **kwargs):
        super().__init__(**kwargs)
        self._start = np.asarray(matrix, np.float32)

    def get_config(self):
        return super().get_config() | {"shape": self._start.shape}

    @classmethod
    def from_config(cls, config):
        """A layer whose matrix is zeros until its weights are loaded."""
        return cls(np.zeros(config.pop("shape")), **config)

    def build(self, input_shape):
        self.matrix = self.add_weight(self._start.shape, self._initial, trainable=False, name="matrix")

    def _initial(self, shape, dtype=None):
        return ops.convert_to_tensor(self._start, dtype)

    def call(self, features):
        return ops.matmul(self.matrix, features)


def residual(x, near: FixedProduct, width: int, dropout: float):
    """A graph convolution of each point beside the mean of its neighbours (Hamilton et al. 2017), added to x.

    Args:
        x: Values of the points (n, points, c).
        near: Layer that multiplies by the normalised adjacency.
        width: Number of channels of the result.
        dropout: Share of the channels that are left out in training.
    """
    y = layers.LayerNormalization()(x)
    y = layers.Dense(2 * width, activation="relu")(layers.Concatenate()([y, near(y)]))
    y = layers.Dense(width)(layers.Dropout(dropout)(y))
    return layers.Add()([x if x.shape[-1] == width else layers.Dense(width)(x), y])


def mirrored(meshes):
    """The meshes (n, 468, 3) of the mirror images: x is negated, and each point takes the number of its counterpart."""
    return ops.take(meshes, mirrored_points(), axis=1) * ops.convert_to_tensor([-1.0, 1.0, 1.0], meshes.dtype)


@keras.saving.register_keras_serializable("mien")
class MeshMirrorAverage(MirrorAverage):
    """`MirrorAverage` for meshes (n, 468, 3)."""

    def mirrored(self, faces):
        return mirrored(faces)


@keras.saving.register_keras_serializable("mien")
class MeshJitter(layers.Layer):
    """Varies meshes (n, 468, 3) in training as other heads and cameras do; changes nothing at inference.

    Each mesh gets one linear map: a turn in space and a stretch along each axis, because faces are long or broad. Half
    of the meshes become those of the mirror image. Then noise is added to each point by itself.

    Args:
        turn: Largest turn of the head, up or down and to either side, in degrees.
        tilt: Largest turn in the picture's plane, in degrees.
        stretch: Largest stretch or shrinkage along each axis, as a fraction.
        noise: Largest standard deviation of the noise, in the mesh's unit.
        seed: Seed of the layer's own random numbers.
    """

    def __init__(self, turn=12.0, tilt=4.0, stretch=0.08, noise=0.01, seed=0, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.turn, self.tilt, self.stretch, self.noise, self.seed = turn, tilt, stretch, noise, seed
        self.generator = keras.random.SeedGenerator(seed)

    def get_config(self):
        arguments = {name: getattr(self, name) for name in ("turn", "tilt", "stretch", "noise", "seed")}
        return super().get_config() | arguments

    def _uniform(self, shape, low, high):
        return keras.random.uniform(shape, low, high, seed=self.generator)

    def call(self, meshes, training=False):
        if not training:
            return meshes
        n = ops.shape(meshes)[0]
        meshes = ops.where(self._uniform((n, 1, 1), 0.0, 1.0) < 0.5, mirrored(meshes), meshes)
        noise = keras.random.normal(ops.shape(meshes), seed=self.generator) * self._uniform((n, 1, 1), 0.0, self.noise)
        return ops.matmul(meshes, self._maps(n)) + noise

    def _maps(self, n):
        """Float (n, 3, 3): the linear maps, to be multiplied by rows of points."""
        turn, tilt = self.turn * math.pi / 180, self.tilt * math.pi / 180
        nod, shake = self._uniform((n,), -turn, turn), self._uniform((n,), -turn, turn)
        roll = self._uniform((n,), -tilt, tilt)
        stretch = ops.exp(self._uniform((n, 1, 3), -self.stretch, self.stretch))
        return stretch * ops.matmul(ops.matmul(_rotation(nod, 0), _rotation(shake, 1)), _rotation(roll, 2))


def _rotation(angle, axis: int):
    """Float (n, 3, 3): rotations by angles (n,), in radians, about one of the three axes."""
    cosine, sine = ops.cos(angle), ops.sin(angle)
    zero, one = ops.zeros_like(angle), ops.ones_like(angle)
    turn = [[one, zero, zero], [zero, cosine, -sine], [zero, sine, cosine]]
    rows = [[turn[(row - axis) % 3][(column - axis) % 3] for column in range(3)] for row in range(3)]
    return ops.stack([ops.stack(row, axis=-1) for row in rows], axis=-2)


def standardised(meshes):
    """Meshes (n, 468, 3) less the mean of the training faces, in standard deviations of each coordinate.

    An expression moves a point by a tenth of the distance between points, so a layer that all points share can only
    learn it once the mean face is taken off.
    """
    points, axes = meshes.shape[1:]
    x = layers.Reshape((points * axes,), dtype="float32")(meshes)
    x = layers.BatchNormalization(epsilon=1e-4, center=False, scale=False, dtype="float32")(x)
    return layers.Reshape((points, axes), dtype="float32")(x)


def detailed(meshes):
    """Meshes (n, 468, 3), standardised, and beside them their details of two widths (see `graphs.detail`): (n, 468, 9).

    A turn of the head moves all points together, and more than any expression does; it does not show in the details.
    """
    details = [FixedProduct(detail(tesselation(), steps), dtype="float32")(meshes) for steps in (4, 32)]
    return layers.Concatenate(dtype="float32")([standardised(each) for each in (meshes, *details)])


def per_point(x, width: int):
    """Values (n, points, c) to (n, points, width), by an affine map for each point: from here on the points differ."""
    points, channels = x.shape[1:]
    return layers.EinsumDense(
        "npc,pcd->npd",
        (points, width),
        bias_axes="pd",
        kernel_initializer=keras.initializers.RandomNormal(stddev=channels**-0.5),
    )(x)


@keras.saving.register_keras_serializable("mien")
class Position(layers.Layer):
    """Adds a learnt vector to each token (n, tokens, width) that says which one it is: in a mesh, which point."""

    def build(self, input_shape):
        self.places = self.add_weight(input_shape[1:], keras.initializers.RandomNormal(stddev=0.02), name="places")

    def call(self, tokens):
        return tokens + ops.convert_to_tensor(self.places, tokens.dtype)


def encoder(x, heads: int, dropout: float, skipped: float):
    """A transformer block: attention between the tokens, then two Dense layers on each token; both are added to x.

    Args:
        x: Tokens (n, tokens, width).
        heads: Number of heads of the attention; they share the width.
        dropout: Share of the attention and of the channels that are left out in training.
        skipped: Share of the examples that the block leaves unchanged in training.
    """
    width = x.shape[-1]
    depth = (None, 1, 1)  # drops a whole branch of an example (stochastic depth, Huang et al. 2016)
    y = layers.LayerNormalization()(x)
    y = layers.MultiHeadAttention(heads, width // heads, dropout=dropout)(y, y)
    x = layers.Add()([x, layers.Dropout(skipped, noise_shape=depth)(y)])
    y = layers.LayerNormalization()(x)
    y = layers.Dense(2 * width, activation="gelu")(y)
    y = layers.Dense(width)(layers.Dropout(dropout)(y))
    return layers.Add()([x, layers.Dropout(skipped, noise_shape=depth)(y)])
