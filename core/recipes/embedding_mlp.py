"""`embedding-mlp`: a Dense network on the 1280 numbers of an image embedder, as one of the field's projects does it.

One description of such a network names 4096 inputs and 2,489,095 parameters, which fit no such network: 4096 inputs
make 2,101,255 parameters, and no number of inputs makes the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import register
from .recipe import FitSettings, Recipe, setting


@dataclass(frozen=True)
class EmbeddingMlpSettings(FitSettings):
    """Settings of `embedding-mlp`."""

    feature: str = setting(
        "embedding",
        choices=("embedding", "embedding-mobilenet_v3_large"),
        help="The embedding: that of the installed model `embedder`, or that of Google's MobileNetV3-Large.",
    )
    epochs: int = setting(30, least=1)
    batch: int = setting(256, least=1)
    normalise: bool = setting(
        True, help="Batch normalisation of the embedding: one embedder's numbers are small, the other's large."
    )
    dropout: float = setting(0.5, least=0, most=0.95, help="Share of the numbers left out during training.")


def build(settings: EmbeddingMlpSettings):
    """The untrained network: float32 (n, 1280) to logits {"fer7": (n, 7)}."""
    import keras
    from keras import layers

    embedding = keras.Input((1280,), name="embedding")
    x = layers.BatchNormalization(momentum=0.95)(embedding) if settings.normalise else embedding
    x = layers.Dense(512, activation="relu", kernel_initializer="he_normal")(x)
    x = layers.Dropout(settings.dropout)(x)
    return keras.Model(embedding, {"fer7": layers.Dense(7, dtype="float32", name="fer7")(x)}, name="embedding-mlp")


register(
    Recipe(
        name="embedding-mlp",
        summary="A Dense layer of 512 on the 1280 numbers of an image embedder; the 4096 inputs and 2,489,095 "
        "parameters that one description of it names fit no such network.",
        feature="embedding",
        label_sets=("fer7",),
        settings=EmbeddingMlpSettings,
        build=build,
        presets={
            "seed": {
                "epochs": 20,
                "batch": 64,
                "schedule": "constant",
                "weight_decay": 0.0,
                "votes": 0.0,
                "normalise": False,
            }
        },
    )
)
