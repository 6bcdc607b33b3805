"""Transformer encoders (Vaswani et al. 2017) on a face's points. Imported only from a recipe's `build`."""

from __future__ import annotations

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("mien")
class Position(layers.Layer):
    """Adds to each token what is learnt of its place: in a mesh, which point it is. (n, tokens, width) to the same."""

    def build(self, input_shape):
        self.places = self.add_weight(input_shape[1:], keras.initializers.RandomNormal(stddev=0.02), name="places")

    def call(self, tokens):
        return tokens + ops.convert_to_tensor(self.places, tokens.dtype)


def encoder(x, heads: int, dropout: float, skipped: float):
    """A pre-norm block: attention between the tokens, then two Dense layers on each; both added to x.

    Args:
        x: (n, tokens, width).
        heads: Of the attention; they share the width.
        dropout: Share of the attention and of the channels left out while it learns.
        skipped: Share of the examples that the block leaves as they are while it learns.
    """
    width = x.shape[-1]
    depth = (None, 1, 1)  # what is dropped: a whole branch of an example (stochastic depth, Huang et al. 2016)
    y = layers.LayerNormalization()(x)
    y = layers.MultiHeadAttention(heads, width // heads, dropout=dropout)(y, y)
    x = layers.Add()([x, layers.Dropout(skipped, noise_shape=depth)(y)])
    y = layers.LayerNormalization()(x)
    y = layers.Dense(2 * width, activation="gelu")(y)
    y = layers.Dense(width)(layers.Dropout(dropout)(y))
    return layers.Add()([x, layers.Dropout(skipped, noise_shape=depth)(y)])
