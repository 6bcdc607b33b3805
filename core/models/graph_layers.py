"""Graph networks on the fixed graph of the face mesh. Imported only from a recipe's `build`."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable("mien")
class FixedProduct(layers.Layer):
    """A constant matrix times the points' features: (n, points, c) to (n, rows, c).

    The matrix is a weight that is not trained, so that a trained model carries its graph in itself.

    Args:
        matrix: (rows, points).
    """

    def __init__(self, matrix, **kwargs):
        super().__init__(**kwargs)
        self._start = np.asarray(matrix, np.float32)

    def get_config(self):
        return super().get_config() | {"shape": self._start.shape}

    @classmethod
    def from_config(cls, config):
        """A layer that gets its matrix with its weights."""
        return cls(np.zeros(config.pop("shape")), **config)

    def build(self, input_shape):
        self.matrix = self.add_weight(self._start.shape, self._initial, trainable=False, name="matrix")

    def _initial(self, shape, dtype=None):
        return ops.convert_to_tensor(self._start, dtype)

    def call(self, features):
        return ops.matmul(self.matrix, features)


def residual(x, near: FixedProduct, width: int, dropout: float):
    """A graph convolution that sees each point and the mean of its neighbours apart (Hamilton et al. 2017), added to x.

    Args:
        x: (n, points, c).
        near: Multiplies by the normalised adjacency.
        width: Channels of what is given back.
        dropout: Share of the channels left out while it learns.
    """
    y = layers.LayerNormalization()(x)
    y = layers.Dense(2 * width, activation="relu")(layers.Concatenate()([y, near(y)]))
    y = layers.Dense(width)(layers.Dropout(dropout)(y))
    return layers.Add()([x if x.shape[-1] == width else layers.Dense(width)(x), y])
